import Engine
import Planning
import Reporting
import Statistics
import Units

extension Replications.Findings {
  /// Of all replications.
  var invocations: Double {
    study[.invocations]?.values.compactMap(\.self).reduce(0, +) ?? Double(first.totals.arrivals)
  }

  /// The outputs that are not as precise as the goal asks.
  func missed(_ goal: Replications.Goal) -> [Output] {
    if case .precision(let target) = goal { target.missed(by: study) } else { [] }
  }
}

extension Report.Certainty {
  /// How sure the findings are: intervals over replications, or from the batch means of a single stationary run.
  init(of findings: Replications.Findings, goal: Replications.Goal, warmUp: WarmUpFound, isStationary: Bool) {
    var intervals: [Output: ConfidenceInterval] = [:]
    var remarks: [String] = []
    let count = findings.study.replications
    if count > 1 {
      intervals = findings.study.intervals
      remarks.append(
        "± is half of a 95 % confidence interval over \(count.grouped) replications; all else is the first one's")
    } else if isStationary, findings.first.isComplete {
      intervals = SteadyState.intervals(of: findings.first)
      if !intervals.isEmpty {
        remarks.append("± is half of a 95 % confidence interval from 30 batch means of this run")
      }
    }
    switch goal {
    case .precision(let target):
      let percent = Wording.digits(target.relative * 100, 3)
      let missed = findings.missed(goal)
      func list(_ outputs: [Output]) -> String { outputs.map(\.name).joined(separator: ", ") }
      remarks.append(
        missed.isEmpty
          ? "\(list(target.outputs)): known to within \(percent) %"
          : "not known to within \(percent) % after \(count.grouped) replications: \(list(missed))")
    case .count(let asked):
      if count < asked, asked > 1 {
        remarks.append("stopped after \(count.grouped) of \(asked.grouped) replications")
      }
    }
    if let remark = warmUp.remark { remarks.append(remark) }
    self.init(intervals: intervals, remarks: remarks)
  }
}
