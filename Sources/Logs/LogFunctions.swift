import Diagnostics
import Reading
import Units
import Workloads

/// The functions that logs speak of: their names, and what reports say of each.
struct LogFunctions {
  private(set) var functions: [WorkloadFunction] = []
  private var details: [Details] = []
  private var names = ByteTable()
  /// For each name the function that bears it.
  private var bearers: [Int32] = []

  private struct Details {
    var memoryAt = Int64.min
    var firstMemory: MemorySize?
    var memoryChanged = false
    var versions: [String] = []
    var inits: InitSample
    var billing = BillingEvidence()
  }

  private static let mostVersions = 12

  /// The function of a name, a new one if it has not been met.
  mutating func index(named name: UnsafeRawBufferPointer) -> Int32 {
    let place = names.index(of: name)
    if place < bearers.count { return bearers[place] }
    let text = String(decoding: name, as: UTF8.self)
    let index = Int32(functions.count)
    bearers.append(index)
    functions.append(WorkloadFunction(name: text))
    details.append(Details(inits: InitSample(function: text)))
    return index
  }

  /// Gives a function that was known by a file's name its own name; false where another function has it.
  mutating func rename(_ index: Int32, to name: String) -> Bool {
    let place = Array(name.utf8).withUnsafeBytes { names.index(of: $0) }
    guard place == bearers.count else { return bearers[place] == index }
    bearers.append(index)
    functions[Int(index)].name = name
    return true
  }

  mutating func note(version: String?, of index: Int32) {
    guard let version, !details[Int(index)].versions.contains(version),
      details[Int(index)].versions.count < Self.mostVersions
    else { return }
    details[Int(index)].versions.append(version)
  }

  /// Takes what a report that ended at `moment` says of its function.
  mutating func note(_ report: LambdaReport, of index: Int32, at moment: Int64) {
    let index = Int(index)
    if let memory = report.memory {
      if let first = details[index].firstMemory, first != memory { details[index].memoryChanged = true }
      if details[index].firstMemory == nil { details[index].firstMemory = memory }
      if moment >= details[index].memoryAt {
        details[index].memoryAt = moment
        functions[index].memory = memory
      }
    }
    details[index].billing.weigh(report)
  }

  mutating func note(coldStart time: TimeSpan, of index: Int32) { details[Int(index)].inits.record(time) }

  /// Writes down what is complete at the end: init laws, and remarks on what changed.
  mutating func finish(_ ledger: inout ImportLedger) {
    for index in functions.indices { functions[index].initDuration = details[index].inits.law }
    let thinned = functions.indices.filter { details[$0].inits.count > InitSample.capacity }
    if !thinned.isEmpty {
      ledger.remark("init times of \(listing(thinned)) are a sample of \(InitSample.capacity.grouped) cold starts each")
    }
    let changed = functions.indices.filter { details[$0].memoryChanged }
    if !changed.isEmpty {
      ledger.remark("the memory setting of \(listing(changed)) changed while recorded; the latest stands")
    }
    let versioned = functions.indices.filter { details[$0].versions.count > 1 }
    for index in versioned.prefix(5) {
      ledger.remark(
        "\(excerpt(functions[index].name)) ran as versions \(details[index].versions.sorted().joined(separator: ", "))")
    }
    if versioned.count > 5 { ledger.remark("\(versioned.count - 5) more functions ran as several versions") }
    remarkBilling(&ledger)
  }

  private func remarkBilling(_ ledger: inout ImportLedger) {
    var verdicts: [String: [Int]] = [:]
    for index in functions.indices {
      if let verdict = details[index].billing.verdict { verdicts[verdict, default: []].append(index) }
    }
    for (verdict, indices) in verdicts.sorted(by: { $0.key < $1.key }) {
      ledger.remark("billed \(verdict): \(listing(indices))")
    }
    let capped = details.reduce(0) { $0 + $1.billing.capped }
    if capped > 0 { ledger.remark("\(capped.grouped) reports are billed at the timeout, below their duration") }
    let odd = details.reduce(0) { $0 + $1.billing.odd }
    if odd > 0 { ledger.remark("\(odd.grouped) reports are billed by no rule that is known") }
  }

  private func listing(_ indices: [Int]) -> String {
    let shown = indices.prefix(5).map { excerpt(functions[$0].name) }.joined(separator: ", ")
    return indices.count > 5 ? "\(shown) and \(indices.count - 5) more functions" : shown
  }
}
