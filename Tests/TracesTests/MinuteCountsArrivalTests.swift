import Foundation
import Statistics
import TestSupport
import Testing
import Units

@testable import Traces
@testable import Workloads

@Suite("Arrivals inside a minute")
struct MinuteCountsArrivalTests {
  private let minute = MinuteCountGenerator.minute

  private func workload(
    _ counts: [Int], _ law: ArrivalLaw, names: [String] = ["f"], duration: Distribution = .lognormal(mu: -1, sigma: 1)
  ) throws -> GeneratedWorkload {
    let directory = try TemporaryDirectory()
    let row = counts.map(String.init).joined(separator: ",")
    let header = "f," + (1...counts.count).map(String.init).joined(separator: ",")
    let text = ([header] + names.map { $0 + "," + row }).joined(separator: "\n")
    return try Workload.minuteCounts(
      file: directory.write("t.csv", text), function: "f", duration: duration, arrivals: law
    ).recipe
  }

  /// Idle, single, few, a stretch less and more than one, several stretches, across the ends of everything.
  private let mixed =
    [0, 1, 0, 0, 2, 3, 1023, 1024, 1025, 1, 0, 5000, 1, 1, 1, 40, 0, 2047, 2048, 2049, 0, 900]
    + Array(repeating: 1, count: 300) + [500, 400, 0] + Array(repeating: 2, count: 600)

  @Test("every law gives the recorded number in each minute, ascending, within it", arguments: ArrivalLaw.allCases)
  func numbers(_ law: ArrivalLaw) throws {
    let (arrivals, durations) = try workload(mixed, law).invocations(of: 0)
    #expect(arrivals.count == durations.count)
    #expect(zip(arrivals, arrivals.dropFirst()).allSatisfy { $0 <= $1 })
    var counts = Array(repeating: 0, count: mixed.count)
    for arrival in arrivals { counts[Int(arrival / minute)] += 1 }
    if law == .poisson {
      for (drawn, recorded) in zip(counts, mixed) {
        #expect((Double(drawn - recorded)).magnitude <= 4.5 * Double(recorded).squareRoot())
        #expect(recorded > 0 || drawn == 0)
      }
    } else {
      #expect(counts == mixed)
    }
  }

  @Test("the same invocations come however time is sliced", arguments: ArrivalLaw.allCases)
  func slices(_ law: ArrivalLaw) throws {
    let workload = try workload(mixed, law)
    let whole = workload.invocations(of: 0)
    for step in [7_000_000_019, 60_000_000_000, 59_999_999_999, 60_000_000_001, 171_000_000_000, 600_000_000_000] {
      let sliced = workload.invocations(of: 0, step: Int64(step))
      #expect(sliced.arrivals == whole.arrivals, "by \(step) ns")
      #expect(sliced.durations == whole.durations, "by \(step) ns")
    }
    // Slices that end on arrivals: what arrives at the end belongs to the next.
    var generator = workload.generator(0, 1, 0)
    var block = InvocationBlock()
    for index in stride(from: 0, to: whole.arrivals.count, by: 97) {
      generator.generate(until: Instant(nanoseconds: whole.arrivals[index]), into: &block)
      let before = whole.arrivals.prefix { $0 < whole.arrivals[index] }.count
      guard block.count == before else {
        Issue.record("\(block.count) invocations before number \(index), not \(before)")
        return
      }
    }
    generator.generate(until: workload.horizon, into: &block)
    #expect(block.arrivals == whole.arrivals)
    #expect(block.durations == whole.durations)
    generator.generate(until: workload.horizon, into: &block)
    #expect(block.count == whole.arrivals.count, "nothing comes twice")
  }

  @Test("streams belong to names: order and company of functions do not matter, seed and replication do")
  func keys() throws {
    let one = try workload(mixed, .uniform, names: ["a", "b", "c"])
    let other = try workload(mixed, .uniform, names: ["c", "a"])
    #expect(one.invocations(of: 0).arrivals == other.invocations(of: 1).arrivals)
    #expect(one.invocations(of: 2).durations == other.invocations(of: 0).durations)
    #expect(one.invocations(of: 0).arrivals != one.invocations(of: 1).arrivals)
    #expect(one.invocations(of: 0).arrivals != one.invocations(of: 0, seed: 2).arrivals)
    #expect(one.invocations(of: 0).durations != one.invocations(of: 0, replication: 1).durations)
  }

  @Test("another law of arrivals leaves the durations as they were")
  func commonRandomNumbers() throws {
    let durations = try [ArrivalLaw.uniform, .exponential, .equidistant, .equidistantShifted].map {
      try workload(mixed, $0).invocations(of: 0).durations
    }
    #expect(durations.allSatisfy { $0 == durations[0] })
  }

  @Test("evenly spaced arrivals lie where division puts them, phase or not")
  func evenly() throws {
    let counts = [1, 2, 3, 7, 60, 61, 1024, 1025, 4099]
    let plain = try workload(counts, .equidistant).invocations(of: 0).arrivals
    var expected: [Int64] = []
    for (index, count) in counts.enumerated() {
      expected += (0..<Int64(count)).map { Int64(index) * minute + $0 * minute / Int64(count) }
    }
    #expect(plain == expected)

    let shifted = try workload(counts, .equidistantShifted).invocations(of: 0).arrivals
    let phase = Double(shifted[0]) / Double(minute)
    #expect(phase > 0 && phase < 1)
    let late = zip(shifted, plain).map { $0 - $1 }
    var index = 0
    for count in counts {
      let expected = Int64(phase * Double(minute) / Double(count))
      #expect(late[index..<(index + count)].allSatisfy { ($0 - expected).magnitude <= 1 })
      index += count
    }
    let phases = try (0..<50).map {
      try Double(workload([1], .equidistantShifted, names: ["f\($0)"]).invocations(of: 0).arrivals[0]) / Double(minute)
    }
    #expect(Set(phases).count == 50)
    let meanPhase = phases.reduce(0, +) / 50
    #expect((meanPhase - 0.5).magnitude < 0.163, "four standard errors")
  }

  @Test("invitro's exponential gaps strike as the minute begins; the others lie at random")
  func exponential() throws {
    let arrivals = try workload(Array(repeating: 3, count: 2000), .exponential).invocations(of: 0).arrivals
    var rest: [Double] = []
    for (index, arrival) in arrivals.enumerated() {
      if index % 3 == 0 {
        guard arrival % minute == 0 else {
          Issue.record("the first of a minute at \(arrival)")
          return
        }
      } else {
        rest.append(Double(arrival % minute) / Double(minute))
      }
    }
    #expect(distanceFromUniform(rest) < 1.95)
  }

  @Test(
    "arrivals at random are uniform, in quiet minutes and in minutes of many stretches",
    arguments: [1, 2, 5, 1500, 5000])
  func uniform(_ count: Int) throws {
    let minutes = max(2, 6000 / count)
    let arrivals = try workload(Array(repeating: count, count: minutes), .uniform).invocations(of: 0).arrivals
    #expect(distanceFromUniform(arrivals.map { Double($0 % minute) / Double(minute) }) < 1.95)
  }

  @Test("the number in a part of a minute is binomial, across stretches too")
  func binomial() throws {
    // The first third of 3,000 points in each of 200 minutes: mean 1,000, variance 666.7.
    let arrivals = try workload(Array(repeating: 3000, count: 200), .uniform).invocations(of: 0).arrivals
    var counts = Array(repeating: 0.0, count: 200)
    for arrival in arrivals where arrival % minute < minute / 3 { counts[Int(arrival / minute)] += 1 }
    let mean = counts.reduce(0, +) / 200
    let variance = counts.reduce(0) { $0 + ($1 - 1000) * ($1 - 1000) } / 200
    #expect((mean - 1000).magnitude < 4 * (666.7 / 200).squareRoot())
    #expect((variance - 666.7).magnitude < 4 * 666.7 * (2.0 / 200).squareRoot())
  }

  @Test("a Poisson minute's number is drawn anew: its variance is its mean")
  func poisson() throws {
    let arrivals = try workload(Array(repeating: 20, count: 1500), .poisson).invocations(of: 0).arrivals
    var counts = Array(repeating: 0.0, count: 1500)
    for arrival in arrivals { counts[Int(arrival / minute)] += 1 }
    let mean = counts.reduce(0, +) / 1500
    let variance = counts.reduce(0) { $0 + ($1 - 20) * ($1 - 20) } / 1500
    #expect((mean - 20).magnitude < 4 * (20.0 / 1500).squareRoot())
    #expect((variance - 20).magnitude < 4 * 20 * (2.05 / 1500).squareRoot())
  }

  @Test("a minute of the most invocations is drawn a slice at a time, in constant memory")
  func largest() throws {
    let workload = try workload([MinuteCounts.largestCount], .uniform)
    #expect(workload.expectedInvocations == 1_000_000_000)
    var generator = workload.generator(0, 1, 0)
    var block = InvocationBlock()
    generator.generate(until: Instant(nanoseconds: 500_000), into: &block)
    // One in 60 ns: 8,333 in half a millisecond.
    #expect((Double(block.count) - 8333.3).magnitude < 4.5 * 91.3)
    #expect(block.arrivals.allSatisfy { 0..<500_000 ~= $0 })
  }

  @Test("durations out of range are taken to the nearest end: NaN and negative to zero, long ones to a year")
  func durations() throws {
    var block = InvocationBlock()
    let seconds = [1.5, 0, -1, .nan, .infinity, 1e300, -.infinity, 4e-10, 6e-10, 1e-300, 31_557_600]
    var stream = RandomStream(seed: 1, purpose: .durations)
    for value in seconds {
      block.append(arrivals: [7])
      block.appendDurations(.constant(value), from: &stream)
    }
    let year = InvocationBlock.longestDuration
    #expect(block.durations == [1_500_000_000, 0, 0, 0, year, year, 0, 0, 1, 0, year])
    let wild = try workload([50], .uniform, duration: .lognormal(mu: 30, sigma: 50)).invocations(of: 0).durations
    #expect(wild.allSatisfy { 0...year ~= $0 })
  }

  private func distanceFromUniform(_ sample: [Double]) -> Double {
    let sorted = sample.sorted()
    let count = Double(sorted.count)
    var largest = 0.0
    for (index, value) in sorted.enumerated() {
      largest = max(largest, value - Double(index) / count, Double(index + 1) / count - value)
    }
    return largest * count.squareRoot()
  }
}
