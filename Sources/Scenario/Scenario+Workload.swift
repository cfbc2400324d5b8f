public import Diagnostics
import Statistics
import Units
public import Workload

extension Scenario {
  /// The workload that the scenario names, cut to its window. Opens the files that must be looked at first.
  ///
  /// - Throws: when a file cannot be read or is not what the scenario says it is.
  public func openWorkload() throws(InputFault) -> Workload {
    let whole = try open(workload)
    return window.map { whole.windowed(from: $0.from, to: $0.to) } ?? whole
  }

  private func open(_ source: WorkloadSource) throws(InputFault) -> Workload {
    throw InputFault(at: place(of: "workload"), found: "\(source)", expected: "later")
  }
}
