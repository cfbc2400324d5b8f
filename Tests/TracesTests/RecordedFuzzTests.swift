import Diagnostics
import Foundation
import TestSupport
import Testing
import Units

@testable import Logs
@testable import Traces
@testable import Workloads

@Suite("Damaged lists of invocations")
struct RecordedFuzzTests {
  private static let tables = [
    """
    func,time_s,duration_s
    15,0.014822,83.308806
    28,0.025467,27.280839
    3,0.025467,0.001
    15,3.5,1e-3
    "a,b",7.25,0
    28,3.0,2.75

    """,
    """
    app,function,timestamp,end
    a,f,2024-05-01T12:00:00.123Z,2024-05-01T12:00:01Z
    a,f,2024-05-01 14:00:00+02:00,2024-05-01T12:00:01.5Z
    b,"f ""x"" y",2024-05-01T11:59:59,2024-05-01T12:10:00.000000001+00
    """,
    "function,start_ms,duration_us\r\nf,1714564859500,1500\r\ng,1714564859000,250\r\n\r\nf,1714564860000.25,1\r\n",
  ]
  private static let lines = [
    """
    {"function":"a","timestamp":"2024-05-01T12:00:01Z","duration_ms":250,"tags":{"x":[1,{"y":2}]}}
    {"duration_ms":"1e3","extra":null,"timestamp":"2024-05-01T12:00:00Z","function":"\\u00e9\\ud83d\\ude00"}
    {"function":"a","timestamp":"2024-05-01T12:00:02Z","duration_ms":0.5}

    """,
    #"{"app":1,"func":2,"start":0.5,"end":1.5}"# + "\n" + #"{"func":3,"start":0.25,"end":1,"app":1}"# + "\n",
  ]
  private static let azure = [
    """
    app,func,end_timestamp,duration
    7b2c43a2bc30f6bb,e3cdb48830f66eb8,0.07949090003967285,0.078
    1573b95c039e51cc,337cd24a7d5fd5c9,57.15786004066467,57.154
    1573b95c039e51cc,48cc770d590d3c5a,59.13047790527344,59.125
    7b2c43a2bc30f6bb,e3cdb48830f66eb8,0.5,0

    """
  ]

  /// Reads all there is, in order, through runs so short that they go through a file, and sums it up.
  private func read(_ workload: Workload) throws {
    let ordered = try OrderedInvocations(workload, seed: 0, replication: 0, runLength: 3, batchRows: 2)
    let rows = try ordered.rows()
    #expect(zip(rows, rows.dropFirst()).allSatisfy { $0.arrival <= $1.arrival })
    #expect(
      rows.allSatisfy { $0.arrival >= 0 && $0.duration >= 0 && ordered.functions.indices.contains(Int($0.function)) })
    #expect(ordered.ledger.read == rows.count + ordered.ledger.droppedTotal)
    let names = ordered.functions.map(\.name)
    #expect(Set(names).count == names.count)
    let summary = try TraceSummary.of(workload)
    #expect(summary.invocations == rows.count && !summary.lines.isEmpty)
  }

  /// Damage that is always refused, or never, tries little.
  private func expectBoth(_ account: Fuzzing.Account) {
    #expect(account.accepted > account.refused / 10 && account.refused > account.accepted / 50, "\(account)")
  }

  @Test("tables are read or refused")
  func table() throws {
    let account = try Fuzzing(name: "recorded-table").run(file: "requests.csv", Self.tables.map { Array($0.utf8) }) {
      path in
      try read(Workload.invocations(file: path))
    }
    expectBoth(account)
  }

  @Test("tables give the same with and without the scan of plain rows")
  func scan() throws {
    let account = try Fuzzing(name: "recorded-scan", seed: 2).run(
      file: "requests.csv", Self.tables.map { Array($0.utf8) }
    ) { path in
      let fast = Result { try rows(path, scans: true) }
      let careful = Result { try rows(path, scans: false) }
      #expect((try? fast.get()) == (try? careful.get()))
      _ = try fast.get()
    }
    expectBoth(account)
  }

  private func rows(_ path: String, scans: Bool) throws -> [Row] {
    let table = try InvocationTable(path: path, columns: .detect, unit: .milliseconds, scans: scans)
    var batch = InvocationBatch()
    var count = -1
    while count < batch.count {
      count = batch.count
      try table.read(into: &batch, limit: 100)
    }
    return (0..<batch.count).map {
      Row(function: batch.functions[$0], arrival: batch.arrivals[$0], duration: batch.durations[$0])
    }
  }

  @Test("objects are read or refused")
  func objects() throws {
    let account = try Fuzzing(name: "recorded-lines").run(file: "requests.ndjson", Self.lines.map { Array($0.utf8) }) {
      path in
      try read(Workload.invocations(file: path))
    }
    expectBoth(account)
  }

  @Test("the Azure trace of 2021 is read or refused")
  func azure2021() throws {
    let account = try Fuzzing(name: "recorded-azure2021").run(file: "azure.csv", Self.azure.map { Array($0.utf8) }) {
      path in
      try read(Workload.azure2021(file: path))
    }
    expectBoth(account)
  }

  @Test("whatever kind it is of, a trace is opened or refused")
  func open() throws {
    let seeds = (Self.tables + Self.lines + Self.azure + ["func,1,2,3\nf,1,0,2\n"]).map { Array($0.utf8) }
    let account = try Fuzzing(name: "recorded-open").run(file: "trace", seeds) { path in
      _ = try OrderedInvocations(Workload.open(path: path), seed: 0, replication: 0).rows()
    }
    expectBoth(account)
  }
}
