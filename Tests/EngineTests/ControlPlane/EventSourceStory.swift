import Logs
import Platforms
import Statistics
import Testing
import Units

@testable import Engine

/// Batches as a picture of one character a second: how many began in it, `.` for none.
func batchPicture(
  _ picture: String, each seconds: Double, for horizon: Int? = nil, _ policy: EventSource,
  change: (inout FunctionRule) -> Void = { _ in }
) throws -> String {
  var before = 0
  var letters = ""
  for end in 1...(horizon ?? picture.count) {
    guard picture.prefix(end).contains(where: \.isNumber) else {
      letters += "."
      continue
    }
    let batches = try EventSourceStory(String(picture.prefix(end)), each: seconds, for: end, policy, change: change)
      .mapping.batches
    letters += batches > before ? "\(batches - before)" : "."
    before = batches
  }
  return letters
}

/// Runs of a function `f` behind an event source, whose records are told by a picture of one character a second: a digit
/// for so many at once, `-` for none.
struct EventSourceStory {
  var outcome: Outcome
  var source: SourceTally
  var mapping: MappingTally

  /// - Parameters:
  ///   - seconds: what each record takes.
  ///   - change: of the function's rule.
  init(
    _ picture: String, each seconds: Double, for horizon: Int? = nil, _ policy: EventSource,
    limit: Int? = nil, seed: UInt64 = 1, change: (inout FunctionRule) -> Void = { _ in }
  ) throws {
    var script: [(arrival: Int64, duration: Int64)] = []
    for (second, mark) in picture.enumerated() {
      for _ in 0..<(mark.wholeNumberValue ?? 0) {
        script.append((Int64(second) * 1_000_000_000, Int64(seconds * 1e9)))
      }
    }
    try self.init(script, for: horizon ?? picture.count, policy, limit: limit, seed: seed, change: change)
  }

  init(
    _ script: [(arrival: Int64, duration: Int64)], for horizon: Int, _ policy: EventSource, limit: Int? = nil,
    seed: UInt64 = 1, change: (inout FunctionRule) -> Void = { _ in }
  ) throws {
    var platform = ruledPlatform(limit: limit) {
      $0.behaviour.eventSource = policy
      change(&$0)
    }
    platform.accountConcurrency = limit
    let workload = ScriptedWorkload(horizon: Int64(horizon) * 1_000_000_000, functions: ["f": script]).workload
    outcome = try Simulation(workload: workload, platform: platform, seed: seed).run()
    let found = try #require(outcome.sources.first { $0.kind == .eventSource })
    source = found.tally
    mapping = try #require(found.mapping)
    #expect(source.isConserved && source.offered == script.count)
  }
}

/// So many records at once in every second of a stretch.
func records(_ count: Int, at second: Double = 0, each seconds: Double) -> [(arrival: Int64, duration: Int64)] {
  Array(repeating: (arrival: Int64(second * 1e9), duration: Int64(seconds * 1e9)), count: count)
}

/// The mean of independent values and its standard error.
func meanAndError(_ values: [Double]) -> (mean: Double, error: Double) {
  let mean = values.reduce(0, +) / Double(values.count)
  let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count - 1)
  return (mean, (variance / Double(values.count)).squareRoot())
}
