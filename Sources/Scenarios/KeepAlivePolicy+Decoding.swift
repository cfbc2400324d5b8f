import Diagnostics
import Platforms
import Units

enum KeepAlivePolicyKey: String, EntryKey {
  case hybridHistogram = "hybrid-histogram"
  case fixed
  case greedyDual = "greedy-dual"
  case landlord
  case leastRecentlyUsed = "lru"
  case frequency
  case size
  case clairvoyant
}

enum SharedMemoryKey: String, EntryKey {
  case memory
}

enum HistogramKey: String, EntryKey {
  case bin
  case range
  case head
  case tail
  case margin
  case representative
  case outOfBounds = "out-of-bounds"
  case forecastMargin = "forecast-margin"
  case samples
}

extension Entry {
  func keepAlivePolicy() throws(InputFault) -> KeepAlivePolicy {
    let form = "hybrid-histogram, clairvoyant, or one such as {greedy-dual: {memory: 64GB}}"
    guard isMapping else {
      if isWord("hybrid-histogram") { return .hybridHistogram(HybridHistogram()) }
      if isWord("clairvoyant") { return .clairvoyant }
      throw fault(expected: form, advice: text.flatMap { didYouMean($0, among: ["hybrid-histogram", "clairvoyant"]) })
    }
    let fields = try Fields<KeepAlivePolicyKey>(self, form)
    guard let key = fields.present.first, fields.present.count == 1, let entry = fields[key] else {
      throw fault("\(fields.present.count) policies", expected: form)
    }
    if key == .hybridHistogram { return .hybridHistogram(try entry.hybridHistogram()) }
    let memory = try Fields<SharedMemoryKey>(entry, "what all functions share, as in {memory: 64GB}")
    guard let order = EvictionOrder(rawValue: key.rawValue) else { throw fault(expected: form) }
    return .caching(order, memory: try memory.require(.memory, "what all functions share").sharedMemory())
  }

  private func sharedMemory() throws(InputFault) -> MemorySize {
    guard let text, let size = MemorySize(parsing: text), size.megabytes >= 1 else {
      throw fault(expected: "memory with its unit, such as 64GB")
    }
    return size
  }

  private func hybridHistogram() throws(InputFault) -> HybridHistogram {
    let fields = try Fields<HistogramKey>(self, "a histogram such as {range: 4h, bin: 1m}")
    var policy = HybridHistogram()
    if let entry = fields[.bin] { policy.bin = try entry.positiveDuration("a bin") }
    if let entry = fields[.range] { policy.range = try entry.positiveDuration("a range") }
    guard policy.bin <= policy.range, policy.range.nanoseconds / policy.bin.nanoseconds <= 100_000 else {
      throw fault("a range of \(policy.range) in bins of \(policy.bin)", expected: "1 to 100000 bins")
    }
    if let entry = fields[.head] { policy.head = try entry.share("a share of idle times") }
    if let entry = fields[.tail] { policy.tail = try entry.share("a share of idle times") }
    if let entry = fields[.margin] { policy.margin = try entry.share("a margin") }
    if let entry = fields[.representative] { policy.representative = try entry.number("a coefficient of variation") }
    if let entry = fields[.outOfBounds] { policy.outOfBounds = try entry.share("a share of idle times") }
    if let entry = fields[.forecastMargin] { policy.forecastMargin = try entry.share("a margin") }
    if let entry = fields[.samples] { policy.samples = try entry.integer(in: 1...1_000_000, "idle times") }
    return policy
  }
}
