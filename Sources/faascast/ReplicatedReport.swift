import Diagnostics
import Engine
import Foundation
import Planning
import Pricing
import Reporting
import Scenarios
import Statistics
import Units

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
    _ replications: inout Replications, goal: Replications.Goal, of scenario: Scenario
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
      let found = try replications.settlingTime(pilots: pilots, shouldStop: { Interruption.isRequested })
      guard let found else {
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

extension Replications.Findings {
  /// Of all replications.
  var invocations: Double {
    study["invocations"]?.values.compactMap(\.self).reduce(0, +) ?? Double(first.totals.arrivals)
  }

  /// The outputs that are not as precise as the goal asks.
  func missed(_ goal: Replications.Goal) -> [String] {
    if case .precision(let target) = goal { target.missed(by: study) } else { [] }
  }
}

extension Report {
  /// Tells how sure the figures are.
  mutating func tell(
    _ result: Replications.Findings, goal: Replications.Goal, warmUp: WarmUpFound, isStationary: Bool
  ) {
    let count = result.study.replications
    if count > 1 {
      intervals = result.study.intervals
      uncertainty.append(
        "± is half of a 95 % confidence interval over \(count.grouped) replications; all else is the first one's")
      if let cost = intervals["cost"], let month, cost.estimate > 0 {
        // As the month's bill grows with the span's.
        let total = NSDecimalNumber(decimal: month.bill.total).doubleValue
        self.month?.halfWidth95 = cost.halfWidth / cost.estimate * total
      }
    } else if isStationary, result.first.isComplete {
      intervals = SteadyState.intervals(of: result.first)
      if !intervals.isEmpty {
        uncertainty.append("± is half of a 95 % confidence interval from 30 batch means of this run")
      }
    }
    switch goal {
    case .precision(let target):
      let percent = EstimateTable.digits(target.relative * 100, 3)
      let missed = result.missed(goal)
      uncertainty.append(
        missed.isEmpty
          ? "\(target.outputs.joined(separator: ", ")): known to within \(percent) %"
          : "not known to within \(percent) % after \(count.grouped) replications: \(missed.joined(separator: ", "))")
    case .count(let asked):
      if count < asked, asked > 1 {
        uncertainty.append("stopped after \(count.grouped) of \(asked.grouped) replications")
      }
    }
    if let remark = warmUp.remark { uncertainty.append(remark) }
  }
}
