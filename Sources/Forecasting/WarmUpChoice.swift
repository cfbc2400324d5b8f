import Diagnostics
import Planning
import Scenarios
public import Units

/// What to leave out at the beginning of runs.
public enum WarmUpChoice: Equatable, Sendable {
  case none
  /// What MSER-5 finds to be unsettled.
  case automatic
  case time(TimeSpan)
}

/// What is left out at the beginning of each replication, and why.
struct WarmUpFound {
  var length: TimeSpan
  /// Nil where nobody asked and nothing is to be said.
  var remark: String?
}

extension WarmUpChoice {
  /// Where nobody chose: automatic for several replications of a workload that has a steady state.
  static func standard(goal: Replications.Goal, of scenario: Scenario) -> WarmUpChoice {
    goal != .count(1) && scenario.isStationary ? .automatic : .none
  }

  /// Sets what replications leave out: as asked, or what MSER-5 finds.
  func settle(
    _ replications: inout Replications, goal: Replications.Goal, of scenario: Scenario,
    shouldStop: @escaping () -> Bool
  ) throws(InputFault) -> WarmUpFound {
    switch self {
    case .none: return WarmUpFound(length: .zero)
    case .time(let length):
      replications.warmUp = length
      return WarmUpFound(length: length, remark: "\(length) of warm-up left out, as asked")
    case .automatic where !scenario.isStationary:
      return WarmUpFound(
        length: .zero,
        remark: "no warm-up left out: traces, and laws that change with time, have no steady state to wait for")
    case .automatic:
      let pilots = if case .count(let count) = goal { min(count, 5) } else { 5 }
      guard let found = try replications.settlingTime(pilots: pilots, shouldStop: shouldStop) else {
        return WarmUpFound(
          length: .zero, remark: "no warm-up left out: the run is too short to tell when it settles (MSER-5)")
      }
      replications.warmUp = found
      return WarmUpFound(
        length: found,
        remark: found == .zero ? "no warm-up to leave out (MSER-5)" : "\(found) of warm-up left out (MSER-5)")
    }
  }
}
