import Statistics
import Testing

@testable import Engine

@Suite("The joint peak of functions replayed alone")
struct PeakSweepTests {
  @Test("is the peak of the merged events, minute by minute, however they are cut into slices", arguments: 0..<60)
  func matchesMergedEvents(seed: UInt64) {
    var stream = RandomStream(seed: seed, purpose: .resampling)
    let minute: Int64 = 60_000_000_000
    let span = minute * Int64(1 + stream.index(below: 6))
    let grain: Int64 = stream.index(below: 2) == 0 ? 1 : 500_000_000  // coarse grains make ties
    let intervals = (0..<(10 + stream.index(below: 400))).map { _ -> (begin: Int64, end: Int64) in
      let begin = Int64(stream.uniform() * Double(span)) / grain * grain
      return (begin, begin + max(1, Int64(stream.exponential() * 5e9) / grain * grain))
    }

    // Each level that holds for some time, held against every minute that it touches.
    var expected = [Int64](repeating: 0, count: Int(span / minute))
    let moments = Set(intervals.flatMap { [$0.begin, $0.end] } + [0, span]).filter { $0 <= span }.sorted()
    for (start, end) in zip(moments, moments.dropFirst()) {
      let level = Int64(intervals.filter { $0.begin <= start && $0.end > start }.count)
      for row in (start / minute)...((end - 1) / minute) { expected[Int(row)] = max(expected[Int(row)], level) }
    }

    var sweep = PeakSweep()
    var cut: Int64 = 0
    while cut < span {
      let start = cut
      cut = min(span, cut + 1 + Int64(stream.uniform() * Double(span) / 3))
      let begins = intervals.map(\.begin).filter { $0 >= start && $0 < cut }
      let ends = intervals.map(\.end).filter { $0 >= start && $0 < cut }
      sweep.sweep(
        before: cut,
        [
          EventList(begins: begins.filter { $0 % 2 == 0 }, ends: ends),
          EventList(begins: begins.filter { $0 % 2 != 0 }),
        ])
    }
    #expect(Array(sweep.peaks.folded(to: minute).prefix(expected.count)) == expected, "seed \(seed)")
    #expect(sweep.peaks.overall == expected.max())
  }
}
