import Diagnostics
import Foundation
import Statistics
import TestSupport
import Testing
import Units

@testable import Logs
@testable import Workloads

@Suite("Invocations in order of arrival")
struct OrderedInvocationsTests {
  @Test("rows in any order come out by arrival, ties in the record's order")
  func stable() throws {
    for seed in 0..<40 as Range<UInt64> {
      var stream = RandomStream(seed: seed, purpose: .resampling)
      let span = [1, 3, 500, 1 << 40][Int(seed % 4)] as Int64
      let rows = stream.rows(stream.index(below: 3000), functions: 5, span: span)
      #expect(try Workload.rows(rows).ordered() == rows.inOrder, "seed \(seed)")
    }
  }

  @Test("a sort through a temporary file gives what a sort in memory gives", arguments: [1, 7, 64, 1000])
  func external(runLength: Int) throws {
    var stream = RandomStream(seed: 3, purpose: .resampling)
    let rows = stream.rows(2000, functions: 5, span: 400)
    #expect(try Workload.rows(rows).ordered(runLength: runLength) == rows.inOrder)
    #expect(try Workload.rows(rows, needsSorting: true).ordered(runLength: runLength, batchRows: 33) == rows.inOrder)
  }

  @Test("a sorted and a shuffled record without ties give the same stream")
  func shuffled() throws {
    var stream = RandomStream(seed: 4, purpose: .resampling)
    let sorted = (0..<5000).map { Row(function: Int32($0 % 3), arrival: Int64($0) * 1_000_003, duration: Int64($0)) }
    let shuffled = sorted.shuffled(using: &stream)
    #expect(try Workload.rows(sorted).ordered(batchRows: 100) == sorted)
    #expect(try Workload.rows(shuffled).ordered(runLength: 999, batchRows: 100) == sorted)
  }

  @Test("arrivals as far apart as integers go are sorted, and those beyond a century are dropped with a count")
  func extremes() throws {
    let rows = [Int64.max, 5, .min, 0, .max - 1, .min + 1].map { Row(function: 0, arrival: $0, duration: 1) }
    let ordered = try OrderedInvocations(.rows(rows), seed: 0, replication: 0)
    #expect(try ordered.rows().map(\.arrival) == [0, 5])
    #expect(ordered.ledger.droppedTotal == 4)
    var batch = InvocationBatch()
    for row in rows { batch.append(function: 0, arrival: row.arrival, duration: 1) }
    var sort = ArrivalSort()
    sort.sort(&batch)
    #expect(batch.arrivals == [.min, .min + 1, 0, 5, .max - 1, .max])
  }

  @Test("negative durations are dropped with a count, zero durations are kept")
  func durations() throws {
    let rows = [-1, 0, 1].map { Row(function: 0, arrival: 0, duration: $0) }
    let ordered = try OrderedInvocations(.rows(rows), seed: 0, replication: 0)
    #expect(try ordered.rows().map(\.duration) == [0, 1])
    #expect(ordered.ledger.droppedTotal == 1)
  }

  @Test("disorder found after rows were handed out throws, and sorting anew gives all rows")
  func lateDisorder() throws {
    var rows = (0..<1000).map { Row(function: 0, arrival: Int64($0), duration: 1) }
    rows[700].arrival = 3
    let ordered = try OrderedInvocations(.rows(rows), seed: 0, replication: 0, runLength: 64, batchRows: 100)
    var batch = InvocationBatch()
    for _ in 0..<7 { #expect(try ordered.next(into: &batch)) }
    #expect(throws: InputFault.self) { try ordered.next(into: &batch) }
    #expect(ordered.mustRestart)
    try ordered.restartSorted()
    #expect(try ordered.rows() == rows.inOrder)
    #expect(!ordered.mustRestart)
    #expect(ordered.ledger.read == 1000)
    // fold does the same by itself
    #expect(try Workload.rows(rows).ordered(runLength: 64, batchRows: 100) == rows.inOrder)
  }

  @Test("a record without dates that has rows before zero gets them at zero, counted")
  func beforeTheTrace() throws {
    let rows = [-5, 7, -3].map { Row(function: 0, arrival: $0, duration: 10) }
    let ordered = try OrderedInvocations(.rows(rows), seed: 0, replication: 0)
    #expect(try ordered.rows().map(\.arrival) == [0, 0, 7])
    #expect(ordered.ledger.repaired == ["began before the trace": 2])
    #expect(ordered.epoch == nil)
    #expect(ordered.horizon == Instant(nanoseconds: 17))
  }

  @Test("a record with dates moves zero to the minute of its earliest row")
  func dated() throws {
    let second: Int64 = 1_000_000_000
    let rows = [5, -61, 100].map { Row(function: 0, arrival: $0 * second, duration: second) }
    let ordered = try OrderedInvocations(.rows(rows, epoch: 1_000_020), seed: 0, replication: 0)
    #expect(try ordered.rows().map(\.arrival) == [59 * second, 125 * second, 220 * second])
    #expect(ordered.epoch == 999_900.0)
    #expect(ordered.ledger.repairedTotal == 0)
  }

  @Test("the horizon of a record is the latest end, not the end of the latest")
  func horizon() throws {
    let rows = [Row(function: 0, arrival: 0, duration: 100), Row(function: 0, arrival: 5, duration: 1)]
    let ordered = try OrderedInvocations(.rows(rows), seed: 0, replication: 0)
    _ = try ordered.rows()
    #expect(ordered.horizon.nanoseconds == 100)
    #expect(ordered.progress == 1)
  }

  @Test("an empty record has no batches")
  func empty() throws {
    for needsSorting in [false, true] {
      let ordered = try OrderedInvocations(.rows([], needsSorting: needsSorting), seed: 0, replication: 0)
      var batch = InvocationBatch()
      #expect(try !ordered.next(into: &batch))
      #expect(try !ordered.next(into: &batch))
      #expect(batch.isEmpty && ordered.horizon == .zero)
    }
  }

  @Test("generated invocations come by arrival, then function, then as drawn, however time is sliced")
  func generated() throws {
    for seed in 0..<30 as Range<UInt64> {
      var stream = RandomStream(seed: seed, purpose: .resampling)
      let minute = TimeUnit.minutes.nanoseconds
      let horizon = Int64(1 + stream.index(below: 600)) * minute
      var rows = stream.rows(stream.index(below: 4000), functions: 9, span: horizon)
      if seed % 3 == 0 {
        rows = rows.map { Row(function: $0.function, arrival: $0.arrival / minute * minute, duration: 1) }
      }
      let byFunction = rows.enumerated().sorted {
        ($0.element.arrival, $0.element.function, $0.offset) < ($1.element.arrival, $1.element.function, $1.offset)
      }.map(\.element)
      let workload = Workload.generated(rows, functions: 9, horizon: Instant(nanoseconds: horizon))
      for batchRows in [5, 700, 1 << 18] {
        #expect(try workload.ordered(batchRows: batchRows) == byFunction, "seed \(seed), batches of \(batchRows)")
      }
    }
  }

  @Test("sorting keeps a bounded number of rows in memory, whatever the record's length")
  func bounded() throws {
    let count = 400_000
    let runLength = 5000
    // A permutation of 0..<count: the multiplier shares no factor with it.
    let sorter = ArrivalSorter(runLength: runLength)
    let reader = RowReader(functions: 3, count: count) { index in
      Row(function: Int32(index % 3), arrival: Int64(index * 7919 % count), duration: Int64(index))
    }
    var batch = InvocationBatch()
    repeat {
      batch.removeAll()
      try reader.read(into: &batch, limit: 1000)
      try sorter.add(batch)
      #expect(sorter.rowsHeld <= runLength)
    } while !batch.isEmpty
    try sorter.finish()
    #expect(sorter.spilledRuns == count / runLength)
    var next: Int64 = 0
    repeat {
      batch.removeAll()
      try sorter.next(into: &batch, limit: 1000)
      for (row, arrival) in batch.arrivals.enumerated() {
        guard arrival == next, batch.durations[row] * 7919 % Int64(count) == arrival else {
          Issue.record("row \(next) is \(arrival)")
          return
        }
        next += 1
      }
    } while !batch.isEmpty
    #expect(next == Int64(count))
    #expect(sorter.rowsHeld == 0)
  }

  @Test("a sort without room says where it looked for it")
  func noRoom() throws {
    let sorter = ArrivalSorter(runLength: 1, directory: "/nowhere/at/all")
    var batch = InvocationBatch()
    for arrival in [2, 1] as [Int64] { batch.append(function: 0, arrival: arrival, duration: 0) }
    let fault = #expect(throws: InputFault.self) { try sorter.add(batch) }
    #expect(fault?.kind == .system)
    #expect(fault?.place.file == "/nowhere/at/all")
  }

  @Test(
    "a full disk is a fault of the system with advice",
    .enabled(if: FileManager.default.fileExists(atPath: "/dev/full")))
  func fullDisk() throws {
    let file = SpillFile(descriptor: open("/dev/full", O_WRONLY), directory: "/dev")
    let fault = #expect(throws: InputFault.self) {
      try [1, 2, 3].withUnsafeBytes { try file.append($0) }
    }
    #expect(fault?.kind == .system)
    #expect(fault?.found == "no space left on device")
    #expect(fault?.advice?.contains("TMPDIR") == true)
  }
}
