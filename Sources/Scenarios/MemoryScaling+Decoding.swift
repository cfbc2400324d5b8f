import Diagnostics
import Platforms
import Units

extension Entry {
  /// `memory-scaling`: how the rule's durations follow from memory.
  func memoryScaling(of rule: inout FunctionRule) throws(InputFault) {
    guard let measured = rule.measuredMemory else {
      throw fault("no measured-memory beside it", expected: "the memory at which durations were measured")
    }
    let fields = try Fields<RelativeScalingKey>(self, "a mapping such as {fixed-share: 0.4, parallelism: 2}")
    let parallelism = try fields[.parallelism]?.number("a number of vCPUs") ?? 1
    guard (0.01...6).contains(parallelism) else { throw fault(expected: "a parallelism of up to 6 vCPUs") }
    rule.memoryScaling = MemoryScaling(
      fixedShare: try fields[.fixedShare]?.share("a share of the duration") ?? 0, parallelism: parallelism,
      pressure: try fields[.pressure]?.memoryPressure(below: [measured, rule.memory ?? measured]),
      measuredAt: measured)
    if let entry = fields[.quota] {
      guard parallelism == 1 else {
        throw entry.fault(
          "a quota with parallelism \(parallelism)", expected: "one of them: the quota is for one thread")
      }
      rule.shortWorkQuota = try entry.processorQuota()
    }
  }

  private func memoryPressure(below sizes: [MemorySize]) throws(InputFault) -> MemoryPressure {
    let fields = try Fields<PressureKey>(self, "a mapping such as {live: 90MB, weight: 0.1}")
    let live = try fields.require(.live, "the memory that lives").number("MB that live")
    let weight = try fields.require(.weight, "a share of other work").number("a share of other work")
    guard let least = sizes.map(\.megabytes).min(), live > 0, live < Double(least) else {
      throw fault(expected: "less live memory than the function has, \(sizes.map(\.megabytes).min() ?? 0) MB")
    }
    guard (0...100).contains(weight) else { throw fault(expected: "a weight from 0 to 100") }
    return MemoryPressure(live: live, weight: weight)
  }

  private func processorQuota() throws(InputFault) -> ProcessorQuota {
    var quota = ProcessorQuota(share: 1, tick: ProcessorQuota.lambdaTick)
    if isWord("lambda") { return quota }
    let fields = try Fields<QuotaKey>(self, "lambda, or a mapping such as {period: 20ms, tick: 4ms, slice: 5ms}")
    func seconds(_ key: QuotaKey, _ range: ClosedRange<Double>) throws(InputFault) -> Double? {
      guard let entry = fields[key] else { return nil }
      let seconds = try entry.duration("a time").seconds
      guard range.contains(seconds) else {
        throw entry.fault(
          expected:
            "from \(TimeSpan(seconds: range.lowerBound)?.description ?? "") to \(TimeSpan(seconds: range.upperBound)?.description ?? "")"
        )
      }
      return seconds
    }
    quota.period = try seconds(.period, 0.001...1) ?? quota.period
    quota.tick = try seconds(.tick, 0.0001...0.1) ?? quota.tick
    quota.slice = try seconds(.slice, 0.0001...1) ?? quota.slice
    return quota
  }
}
