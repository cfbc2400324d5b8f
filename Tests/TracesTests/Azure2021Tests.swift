import Diagnostics
import Foundation
import TestSupport
import Testing
import Units

@testable import Logs
@testable import Traces
@testable import Workloads

@Suite("The Azure Functions invocation trace of 2021")
struct Azure2021Tests {
  static let sample = "azure2021/first_998_rows.csv"

  @Test(
    "the first 998 rows: 49 functions of 21 applications, 43 zero durations",
    .enabled(if: RealData.has(sample), "needs \(sample) in FAASCAST_DATA"))
  func realRows() throws {
    let workload = try Workload.azure2021(file: RealData.path(Self.sample))
    let ordered = try OrderedInvocations(workload, seed: 0, replication: 0)
    let rows = try ordered.rows()
    #expect(rows.count == 998)
    #expect(ordered.functions.count == 49)
    #expect(Set(ordered.functions.map(\.name)).count == 49)
    #expect(Set(ordered.functions.compactMap(\.application)).count == 21)
    #expect(rows.count { $0.duration == 0 } == 43)
    #expect(ordered.ledger.read == 998)
    #expect(ordered.ledger.droppedTotal == 0 && ordered.ledger.repairedTotal == 0)
    #expect(ordered.epoch == nil)
    // The first row: 0.07949090003967285 - 0.078 s.
    #expect(rows[0].arrival == 1_490_900 && rows[0].duration == 78_000_000)
    #expect(ordered.functions[0].name == "7b2c43a2/e3cdb488")
  }

  @Test("an invocation starts at its end less its duration; one that began before the trace arrives at zero")
  func starts() throws {
    let file = try TemporaryFile(
      "app,func,end_timestamp,duration\naaaaaaaaaa,ffffffffff,10.5,0.5\nb,g,3,7\naaaaaaaaaa,ffffffffff,9,0\n")
    let listing = try Listing(Workload.azure2021(file: file.path))
    #expect(
      listing.text == ["b/g@0+7000000000", "aaaaaaaa/ffffffff@9000000000+0", "aaaaaaaa/ffffffff@10000000000+500000000"])
    #expect(listing.ledger.repaired == ["began before the trace": 1])
  }

  @Test("names are lengthened where eight letters don't tell functions apart")
  func names() throws {
    let file = try TemporaryFile(
      "app,func,end_timestamp,duration\n"
        + ["aaaaaaaa1111,f", "aaaaaaaa1122,f", "aaaaaaaa11112,f", "aaaaaaaa,f", "aaaaaaaa1111,f"]
        .map { $0 + ",1,1\n" }.joined())
    let listing = try Listing(Workload.azure2021(file: file.path))
    #expect(
      listing.rows.map(\.function) == [
        "aaaaaaaa/f", "aaaaaaaa1122/f", "aaaaaaaa1111/f", "aaaaaaaa/f (2)", "aaaaaaaa/f",
      ])
  }

  @Test("a file with other columns is a fault that names them")
  func otherColumns() throws {
    let file = try TemporaryFile("func,time_s,duration_s\nf,1,1\n")
    let fault = #expect(throws: InputFault.self) { try Workload.azure2021(file: file.path) }
    #expect(fault?.found.contains("time_s") == true)
  }
}
