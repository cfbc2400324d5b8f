public import Diagnostics
import Logs
import Reading
public import Statistics
import Units
public import Workloads

extension Workload {
  /// Any CSV table (plain or gzip) of counts per minute: a row for each function, a column for each minute.
  ///
  /// Columns named by a number (`1`, `480`) or `minute_1` are minutes, in any order, without a gap between the first and
  /// the last; instant zero is the start of the first. Other columns are ignored, and the ledger says so. A count is a
  /// whole number from 0 to 1,000,000,000 (`3.0` is whole); an empty one or NaN is zero and counts as a repair; any other
  /// is a fault. Rows of the same function add up and count as repaired; rows without a name are dropped.
  ///
  /// - Parameters:
  ///   - file: the table's path.
  ///   - function: the column that names the function.
  ///   - duration: the law of all functions' durations, in seconds.
  ///   - arrivals: where arrivals lie inside a minute.
  public static func minuteCounts(
    file: String, function: String, duration: Distribution, arrivals: ArrivalLaw = .uniform
  ) throws(InputFault) -> Workload {
    let reader = try CSVReader(path: file)
    let nameColumn = try reader.requiredColumn(function)
    let table = try MinuteTable(reader)
    var ledger = ImportLedger()
    guard let position = table.others.firstIndex(of: nameColumn) else {
      throw InputFault(
        at: .init(file: file, line: 1, key: function), found: "a minute", expected: "the column that names the function"
      )
    }
    ledger.remarkIgnored(table.others.enumerated().filter { $0.offset != position }.map { reader.columns[$0.element] })

    var functions = FunctionTable()
    var counts = MinuteCounts()
    counts.beginTable(at: 0)
    while try table.next() {
      ledger.read += 1
      let name = table.field(nameColumn)
      if name.isEmpty {
        ledger.drop("row without a name")
        continue
      }
      switch counts.add(table.row, function: Int(functions.index(of: name))) {
      case .new: break
      case .merged: ledger.repair("second row of a function: counts added up")
      case .tooMany: throw table.tooManyFault(name: table.text(nameColumn))
      }
    }
    counts.seal()
    ledger.repair("empty or NaN count taken as 0", count: table.repairedRows)
    ledger.remark("instant zero is the start of minute \(table.minutes.lowerBound)")
    ledger.synthesise("durations: one law for all functions")
    return Workload(
      title: file,
      counts: counts, functions: functions.functions, durations: Array(repeating: duration, count: counts.totals.count),
      minutes: table.minutes.count, arrivals: arrivals, ledger: ledger)
  }

  /// A workload drawn from counts per minute, with a law of durations for each function.
  init(
    title: String, counts: MinuteCounts, functions: [WorkloadFunction], durations: [Distribution], minutes: Int,
    arrivals: ArrivalLaw, ledger: ImportLedger
  ) {
    var ledger = ledger
    let idle = counts.totals.count { $0 == 0 }
    if idle > 0 { ledger.remark("\(idle.grouped) of \(functions.count.grouped) functions are never invoked") }
    ledger.synthesise("arrivals inside a minute: \(arrivals.rawValue)")
    let generated = GeneratedWorkload(
      functions: functions, horizon: Instant(nanoseconds: Int64(minutes) * MinuteCountGenerator.minute),
      expectedInvocations: counts.total, ledger: ledger
    ) { function, seed, replication in
      MinuteCountGenerator(
        counts: counts, function: function, name: functions[function].name, law: arrivals,
        duration: durations[function], seed: seed, replication: replication)
    }
    self.init(title: title, feed: .generated(generated))
  }
}

extension MinuteTable {
  /// The fault for a row that, added to an earlier one of the same function, gives too many invocations in a minute.
  func tooManyFault(name: String) -> InputFault {
    InputFault(
      at: .init(file: reader.path, line: reader.lineNumber),
      found: "a second row of \(excerpt(name)) that makes more than \(MinuteCounts.largestCount.grouped) in a minute",
      expected: Self.expectedCount)
  }
}

extension ImportLedger {
  /// Says which columns were not used.
  mutating func remarkIgnored(_ columns: [String], of file: String? = nil) {
    guard !columns.isEmpty else { return }
    let names = columns.prefix(12).map { excerpt($0, limit: 40) }.joined(separator: ", ")
    let more = columns.count > 12 ? " and \((columns.count - 12).grouped) more" : ""
    remark("columns ignored" + (file.map { " in \($0)" } ?? "") + ": " + names + more)
  }
}
