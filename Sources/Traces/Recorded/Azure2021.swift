public import Diagnostics
import Units
public import Workloads

extension Workload {
  /// The Azure Functions invocation trace of 2021: `app,func,end_timestamp,duration`, one row an invocation, seconds.
  ///
  /// A function is the pair of both hashes; it is named by their first eight letters each, more where that is not
  /// unique. An invocation started at its end less its duration; rows come in no order of either. Durations of zero are
  /// the trace's own: it measures in milliseconds.
  /// - Throws: when the file can't be read, is empty, or has no such columns.
  public static func azure2021(file: String) throws(InputFault) -> Workload {
    try recorded(title: file, needsSorting: true) { () throws(InputFault) in
      try InvocationTable(path: file, columns: azure2021Columns, unit: .seconds, shortNames: true)
    }
  }

  private static let azure2021Columns = InvocationColumns(
    function: "func", application: "app", end: "end_timestamp", duration: "duration")
}
