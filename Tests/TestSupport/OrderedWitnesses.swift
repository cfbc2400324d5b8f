package import Diagnostics
package import Statistics
package import Units

@testable import Logs
@testable import Traces
@testable package import Workloads

/// One invocation, for tests that look at rows.
package struct Row: Hashable, CustomStringConvertible {
  package var function: Int32
  package var arrival: Int64
  package var duration: Int64

  package init(function: Int32, arrival: Int64, duration: Int64) {
    self.function = function
    self.arrival = arrival
    self.duration = duration
  }

  package var description: String { "\(function)@\(arrival)+\(duration)" }
}

/// A record that is a list of rows, read a few at a time.
package final class RowReader: InvocationReader {
  package let functions: [WorkloadFunction]
  package var ledger = ImportLedger()
  package let epoch: Double?
  private let count: Int
  private let row: (Int) -> Row
  private var position = 0

  /// Row number `index` is `row(index)`: nothing is kept.
  package init(functions: Int, count: Int, epoch: Double? = nil, row: @escaping (Int) -> Row) {
    self.functions = (0..<functions).map { WorkloadFunction(name: "f\($0)") }
    self.count = count
    self.row = row
    self.epoch = epoch
  }

  package func read(into batch: inout InvocationBatch, limit: Int) throws(InputFault) {
    let end = min(count, position + limit)
    for index in position..<end {
      let row = row(index)
      batch.append(function: row.function, arrival: row.arrival, duration: row.duration)
    }
    ledger.read += end - position
    position = end
  }
}

extension Workload {
  /// A recorded workload of the given rows.
  package static func rows(_ rows: [Row], epoch: Double? = nil, needsSorting: Bool = false) -> Workload {
    let functions = Int(rows.map(\.function).max() ?? 0) + 1
    let recorded = RecordedWorkload(needsSorting: needsSorting) { () throws(InputFault) in
      RowReader(functions: functions, count: rows.count, epoch: epoch) { rows[$0] }
    }
    return Workload(title: "rows", feed: .recorded(recorded), epoch: epoch)
  }

  /// A generated workload that gives each function's share of the rows.
  package static func generated(_ rows: [Row], functions: Int, horizon: Instant) -> Workload {
    let generated = GeneratedWorkload(
      functions: (0..<functions).map { WorkloadFunction(name: "f\($0)") }, horizon: horizon,
      expectedInvocations: rows.count, ledger: ImportLedger()
    ) { function, _, _ in
      RowGenerator(rows: rows.filter { $0.function == function }.sorted { $0.arrival < $1.arrival })
    }
    return Workload(title: "rows", feed: .generated(generated))
  }

  /// All rows in order.
  package func ordered(runLength: Int = ArrivalSorter.usualRunLength, batchRows: Int = 1 << 18) throws -> [Row] {
    try OrderedInvocations(self, seed: 1, replication: 0, runLength: runLength, batchRows: batchRows).rows()
  }
}

extension OrderedInvocations {
  /// All rows, by `fold`.
  package func rows() throws -> [Row] {
    try fold { () throws(InputFault) in
      [Row]()
    } _: { (rows, batch) throws(InputFault) in
      for index in 0..<batch.count {
        rows.append(
          Row(function: batch.functions[index], arrival: batch.arrivals[index], duration: batch.durations[index]))
      }
    }
  }
}

/// Gives the rows of one function.
private struct RowGenerator: InvocationGenerator {
  package var rows: [Row]
  package var position = 0

  package mutating func generate(until end: Instant, into block: inout InvocationBlock) {
    while position < rows.count, rows[position].arrival < end.nanoseconds {
      block.append(arrival: rows[position].arrival, duration: rows[position].duration)
      position += 1
    }
  }
}

extension RandomStream {
  /// Rows with many ties, in no order.
  package mutating func rows(_ count: Int, functions: Int, span: Int64) -> [Row] {
    (0..<count).map { _ in
      Row(
        function: Int32(index(below: functions)), arrival: Int64(index(below: Int(span))),
        duration: Int64(index(below: 1000)))
    }
  }
}

extension [Row] {
  /// In order of arrival, ties as they were: what all sorting is held against.
  package var inOrder: [Row] {
    enumerated().sorted { ($0.element.arrival, $0.offset) < ($1.element.arrival, $1.offset) }.map(\.element)
  }
}
