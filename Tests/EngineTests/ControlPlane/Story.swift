import Platforms
import Statistics
import Units

@testable import Engine

/// Timelines as text, one character a second: `a` for an arrival, a digit for so many at once; and what became of each:
/// `C` cold, `A` in an environment initialised ahead, `W` warm, `R` warm with Init run again, `P` provisioned, `T`
/// throttled.
struct Story {
  var platform: Platform
  var letters = ""
  var outcome: Outcome

  /// - Parameters:
  ///   - durations: seconds, of each arrival in turn; the last one goes on.
  init(_ picture: String, seconds durations: Double..., horizon: Int? = nil, on platform: Platform) throws {
    self.platform = platform
    var script: [(arrival: Int64, duration: Int64)] = []
    for (second, mark) in picture.enumerated() where mark != "-" {
      for _ in 0..<(mark.wholeNumberValue ?? 1) {
        let seconds = durations[min(script.count, durations.count - 1)]
        script.append((Int64(second) * 1_000_000_000, Int64(seconds * 1e9)))
      }
    }
    let end = Int64(horizon ?? picture.count) * 1_000_000_000
    func replay(_ count: Int) throws -> Outcome {
      let workload = ScriptedWorkload(horizon: end, functions: ["f": Array(script.prefix(count))]).workload
      return try Simulation(workload: workload, platform: platform).runControlPlane()
    }
    outcome = try replay(script.count)
    var before = Tally()
    for count in 1...script.count {
      let after = try replay(count).totals
      letters +=
        after.throttles > before.throttles
        ? "T"
        : after.coldStarts > before.coldStarts
          ? "C"
          : after.proactiveStarts > before.proactiveStarts
            ? "A"
            : after.suppressedInits > before.suppressedInits
              ? "R" : after.provisionedStarts > before.provisionedStarts ? "P" : "W"
      before = after
    }
  }
}

/// Runs of one function, `f`, with evenly spaced arrivals of one duration.
func evenly(
  perSecond rate: Int, for seconds: Int, duration: Double, on platform: Platform
) throws -> Outcome {
  let script = (0..<(rate * seconds)).map {
    (arrival: Int64($0) * 1_000_000_000 / Int64(rate), duration: Int64(duration * 1e9))
  }
  let workload = ScriptedWorkload(horizon: Int64(seconds) * 1_000_000_000, functions: ["f": script]).workload
  return try Simulation(workload: workload, platform: platform).runControlPlane()
}

/// A platform of one rule, with long keep-alive and no times of its own, and limits.
func ruledPlatform(
  _ limits: ServiceLimits = .none, limit: Int? = nil, initDuration: Distribution = .constant(0),
  change: (inout FunctionRule) -> Void = { _ in }
) -> Platform {
  var platform = barePlatform(
    keepAlive: KeepAlive(.constant(3600)), limit: limit, initDuration: initDuration
  ) {
    // One vCPU: Init that runs again takes as long as Init.
    $0.memory = MemorySize(megabytes: 1769)
    change(&$0)
  }
  platform.limits = limits
  return platform
}

func seconds(_ nanoseconds: Int128) -> Double { Double(nanoseconds) / 1e9 }
