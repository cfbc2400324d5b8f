import Diagnostics
import Logs
import Units

/// Where a table of invocations has what, found once from its column names.
struct InvocationLayout {
  /// What the two columns of times are.
  enum Times {
    case startAndDuration
    case startAndEnd
    case endAndDuration
  }

  let columnCount: Int
  let function: Int
  let application: Int?
  let times: Times
  /// The columns of times, in the order that `times` says.
  var first: ListedTime
  var second: ListedTime
  /// Names of columns that mean nothing here.
  let unused: [String]

  /// - Throws: when a column that was named is not there, or one that is needed can't be found.
  init(_ names: [String], _ wanted: InvocationColumns, unit: TimeUnit, at place: InputFault.Place) throws(InputFault) {
    let stems = names.map { ColumnName($0).stem }
    func find(_ name: String?, _ wellKnown: [String], _ role: String) throws(InputFault) -> Int? {
      if let name {
        let folded = name.lowercased()
        let exact = names.firstIndex(of: name) ?? names.firstIndex { $0.lowercased() == folded }
        if let exact { return exact }
        throw InputFault(
          at: place, found: "columns " + excerpt(names.joined(separator: ","), limit: 120),
          expected: "the column '\(name)' of the \(role)", advice: didYouMean(name, among: names))
      }
      for candidate in wellKnown {
        if let index = stems.firstIndex(of: candidate) { return index }
      }
      return nil
    }
    func missing(_ expected: String, _ key: String) -> InputFault {
      InputFault(
        at: place, found: "columns " + excerpt(names.joined(separator: ","), limit: 120), expected: expected,
        advice: "name it: columns: {\(key): …}")
    }

    guard let function = try find(wanted.function, InvocationColumns.WellKnown.function, "function") else {
      throw missing("a column with the function, such as 'function'", "function")
    }
    columnCount = names.count
    self.function = function
    // A function that was named is taken as it is: an application beside it counts only when it is named too.
    application =
      wanted.function == nil || wanted.application != nil
      ? try find(wanted.application, InvocationColumns.WellKnown.application, "application") : nil
    let start = try find(wanted.arrival, InvocationColumns.WellKnown.arrival, "arrival")
    let end = try find(wanted.end, InvocationColumns.WellKnown.end, "end")
    let duration = try find(wanted.duration, InvocationColumns.WellKnown.duration, "duration")
    func moment(_ column: Int) -> ListedTime { ListedTime(moment: names[column], column: column, unit: unit) }
    func length(_ column: Int) -> ListedTime { ListedTime(duration: names[column], column: column, unit: unit) }

    // Three are one too many: what was named wins, then the start with the duration.
    let prefersEnd = wanted.end != nil && (wanted.duration == nil || wanted.arrival == nil)
    switch (start, end, duration) {
    case (let start?, let end?, nil):
      (times, first, second) = (.startAndEnd, moment(start), moment(end))
    case (let start?, let end?, _?) where prefersEnd && wanted.duration == nil:
      (times, first, second) = (.startAndEnd, moment(start), moment(end))
    case (_, let end?, let duration?) where prefersEnd || start == nil:
      (times, first, second) = (.endAndDuration, moment(end), length(duration))
    case (let start?, _, let duration?):
      (times, first, second) = (.startAndDuration, moment(start), length(duration))
    case (nil, _?, nil):
      throw missing("a column with the arrival or the duration besides the end", "duration")
    case (_?, nil, nil):
      throw missing("a column with the duration or the end, such as 'duration_ms'", "duration")
    default:
      throw missing("a column with the arrival, such as 'arrival_s' or 'timestamp'", "arrival")
    }
    let used = [function, application, first.column, second.column].compactMap { $0 }
    unused = names.indices.filter { !used.contains($0) }.map { names[$0] }
  }
}
