import Diagnostics
import Statistics
import TestSupport
import Testing
import Units

@testable import Workloads

@Suite("Windows of a trace")
struct WindowTests {
  private let second: Int64 = 1_000_000_000

  /// What a window means.
  private func cut(_ rows: [Row], _ from: Int64, _ to: Int64?) -> [Row] {
    rows.filter { $0.arrival >= from && $0.arrival < to ?? .max }
      .map { Row(function: $0.function, arrival: $0.arrival - from, duration: $0.duration) }
  }

  @Test("a window keeps what arrives in it and moves zero to its start, for records and generators alike")
  func filterAndShift() throws {
    for seed in 0..<40 as Range<UInt64> {
      var stream = RandomStream(seed: seed, purpose: .resampling)
      let horizon = 7200 * second
      let rows = stream.rows(500, functions: 4, span: horizon)
      let workloads = [
        Workload.rows(rows), Workload.rows(rows.inOrder),
        Workload.generated(rows, functions: 4, horizon: Instant(nanoseconds: horizon)),
      ]
      for workload in workloads {
        let whole = try workload.ordered()
        let from = Int64(stream.index(below: 7300)) * second
        let to = seed % 4 == 0 ? nil : from + Int64(stream.index(below: 5000)) * second
        let window = workload.windowed(
          from: TimeSpan(nanoseconds: from), to: to.map { TimeSpan(nanoseconds: $0) })
        #expect(try window.ordered(batchRows: 64) == cut(whole, from, to), "seed \(seed), \(from)..<\(to ?? -1)")
      }
    }
  }

  @Test("the horizon of a window is its length, but a generated workload does not outlive itself")
  func horizon() throws {
    let rows = [Row(function: 0, arrival: 0, duration: 1), Row(function: 0, arrival: 90 * second, duration: second)]
    let recorded = try OrderedInvocations(
      Workload.rows(rows).windowed(from: .seconds(60), to: .seconds(200)), seed: 0, replication: 0)
    _ = try recorded.rows()
    #expect(recorded.horizon == .zero + .seconds(140))
    let open = try OrderedInvocations(
      Workload.rows(rows).windowed(from: .seconds(60), to: nil), seed: 0, replication: 0)
    _ = try open.rows()
    #expect(open.horizon == .zero + .seconds(31))
    let generated = Workload.generated(rows, functions: 1, horizon: .zero + .seconds(100))
    #expect(
      try OrderedInvocations(generated.windowed(from: .seconds(60), to: .seconds(90)), seed: 0, replication: 0).horizon
        == .zero + .seconds(30))
    #expect(
      try OrderedInvocations(generated.windowed(from: .seconds(60), to: .seconds(200)), seed: 0, replication: 0).horizon
        == .zero + .seconds(40))
  }

  @Test("a window of a window is the window of both")
  func nested() throws {
    var stream = RandomStream(seed: 8, purpose: .resampling)
    let rows = stream.rows(400, functions: 3, span: 1000 * second)
    for workload in [.rows(rows), .generated(rows, functions: 3, horizon: .zero + .seconds(1000))] as [Workload] {
      let twice = workload.windowed(from: .seconds(100), to: .seconds(800)).windowed(
        from: .seconds(50), to: .seconds(900))
      #expect(try twice.ordered() == workload.windowed(from: .seconds(150), to: .seconds(800)).ordered())
    }
  }

  @Test("a shuffled record with dates has the same window as a sorted one, and its epoch moves along")
  func dated() throws {
    var stream = RandomStream(seed: 9, purpose: .resampling)
    let sorted = (0..<500).map { Row(function: 0, arrival: Int64($0) * 17 * second, duration: 1) }
    // A reader's zero is the minute of the first row that it meets: here a later one.
    let zero = 60 * 60 * second
    let shuffled = sorted.map { Row(function: 0, arrival: $0.arrival - zero, duration: 1) }.shuffled(using: &stream)
    let a = try OrderedInvocations(
      Workload.rows(sorted, epoch: 6000).windowed(from: .minutes(10), to: .minutes(20)), seed: 0, replication: 0)
    let b = try OrderedInvocations(
      Workload.rows(shuffled, epoch: 9600).windowed(from: .minutes(10), to: .minutes(20)), seed: 0, replication: 0)
    #expect(try a.rows() == b.rows())
    #expect(a.epoch == 6600 && b.epoch == 6600)
    #expect(Workload.rows(sorted, epoch: 6000).windowed(from: .minutes(10), to: nil).epoch == 6600)
  }

  @Test("windows that are empty, reversed or as long as time goes are no trouble")
  func extremes() throws {
    let rows = (0..<10).map { Row(function: 0, arrival: Int64($0) * second, duration: 1) }
    for workload in [.rows(rows), .generated(rows, functions: 1, horizon: .zero + .seconds(10))] as [Workload] {
      #expect(try workload.windowed(from: .seconds(3), to: .seconds(3)).ordered().isEmpty)
      #expect(try workload.windowed(from: .seconds(5), to: .seconds(3)).ordered().isEmpty)
      #expect(try workload.windowed(from: .seconds(-5), to: nil).ordered() == rows)
      let most = TimeSpan(nanoseconds: .max)
      #expect(try workload.windowed(from: .zero, to: most).ordered() == rows)
      #expect(try workload.windowed(from: most, to: most).windowed(from: most, to: most).ordered().isEmpty)
    }
  }

  @Test("what a trace measured is kept in a window only where it has moments")
  func observations() {
    var observations = Observations()
    observations.coldStarts = 7
    observations.throttles = [0, 30, 60, 90].map { .init(at: .zero + .seconds($0), value: Double($0)) }
    let part = observations.windowed(TimeWindow(from: .seconds(30), to: .seconds(90)))
    #expect(part.coldStarts == nil)
    #expect(part.throttles == [.init(at: .zero, value: 30), .init(at: .zero + .seconds(30), value: 60)])
  }
}
