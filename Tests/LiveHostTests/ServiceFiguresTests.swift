import Measuring
import Platforms
import Statistics
import Testing
import Units

@testable import LiveHost

@Suite("What a live run says")
struct ServiceFiguresTests {
  private func record(
    _ arrival: Int64, _ end: Int64, environment: Int? = 0, cold: (overhead: Int64, initialisation: Int64)? = nil,
    late: Int64 = 0
  ) -> InvocationRecord {
    InvocationRecord(
      function: 0, arrival: .milliseconds(arrival), handedOver: .milliseconds(arrival + late), end: .milliseconds(end),
      environment: environment,
      coldStart: cold.map {
        .init(overhead: .milliseconds($0.overhead), initialisation: .milliseconds($0.initialisation))
      })
  }

  @Test("cold starts, refusals, concurrency and the bill are those counted by hand")
  func figures() {
    let run = ServiceRun(
      records: [
        record(0, 400, cold: (100, 200)), record(200, 600, environment: 1, cold: (50, 50)),
        record(300, 300, environment: nil), record(700, 900, late: 10),
      ], horizon: .seconds(1))
    let figures = ServiceFigures(run)
    #expect(figures.coldStarts == 2 && figures.throttles == 1)
    #expect(figures.peakConcurrency == 2)
    // 400 + 400 + 190 ms in a second.
    #expect((figures.meanConcurrency - 0.99).magnitude < 1e-9)
    #expect((figures.tenths[2] - 2).magnitude < 1e-9 && figures.tenths[6] == 0)
    // Overhead is not billed: 300 + 350 + 190 ms.
    #expect((figures.billedSeconds - 0.84).magnitude < 1e-9)
    #expect(figures.latency50 == 0.4 && figures.latency99 == 0.4)
    let table = run.table(of: ["f"]).split(separator: "\n")
    #expect(table.count == 4)
    #expect(table[1] == "f,0.0,0.4,0,1,100.0,200.0,100.0,300,0.0,0.0,0")
  }

  @Test("a figure is within its limit, or within what the host itself can't repeat")
  func limits() {
    func row(_ measured: [Double], _ predicted: Double, _ limit: Double?) -> LiveComparison.Row {
      .init("figure", measured: measured, predicted: [predicted], limit: limit)
    }
    #expect(row([100, 100, 100], 104, 0.05).isWithin == true)
    #expect(row([100, 100, 100], 106, 0.05).isWithin == false)
    // 90 against 105, 100 against 100, 110 against 95: ten off on average.
    let noisy = row([90, 100, 110], 109, 0.05)
    #expect(((noisy.floor ?? 0) - 0.1).magnitude < 1e-12)
    #expect(noisy.isWithin == true)
    #expect(row([90, 100, 110], 112, 0.05).isWithin == false)
    #expect(row([0, 0], 0.2, 0.02).isWithin == true && row([0, 0], 3, 0.02).isWithin == false)
    #expect(row([1], 2, nil).isWithin == nil)
    #expect(row([5], 5, 0.05).floor == nil)
  }

  @Test("timings become laws: a first request's excess counts as init, and disturbed requests count")
  func timings() throws {
    var timings = FunctionTimings(function: "f")
    for index in 0..<4 {
      timings.add(record(0, 130 + Int64(index), cold: (10, 20)))
      timings.add(record(0, 60 + Int64(index)))
    }
    #expect((timings.firstExcess - 0.040).magnitude < 1e-9)
    #expect((try #require(timings.initialisation).mean - 0.060).magnitude < 1e-9)
    #expect((try #require(timings.duration).mean - 0.0615).magnitude < 1e-9)
    #expect((try #require(timings.overhead).mean - 0.010).magnitude < 1e-9)
    var noisy = record(0, 1000)
    noisy.sample = Sample(wall: .seconds(1), runDelay: .milliseconds(500))
    timings.add(noisy)
    #expect(timings.noisyCount == 1 && timings.warm.count == 5)
    var whole = FunctionTimings(function: "f")
    whole.add(timings)
    whole.add(timings)
    #expect(whole.records.count == 18 && whole.firstExcess == timings.firstExcess)
  }
}
