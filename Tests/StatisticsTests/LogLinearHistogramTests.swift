import Testing

@testable import Statistics

@Suite("Histograms of nanoseconds")
struct LogLinearHistogramTests {
  private func values(_ count: Int, seed: UInt64) -> [Int64] {
    var stream = RandomStream(seed: seed, purpose: .resampling)
    return (0..<count).map { _ in Int64(Elementary.exp(stream.uniform() * 42)) }
  }

  @Test("quantiles are within 1/128 of the sample's own; count, sum, least and largest are exact")
  func errorBound() {
    let values = values(20_000, seed: 1)
    var histogram = LogLinearHistogram()
    for value in values { histogram.record(value) }
    let sorted = values.sorted()
    for step in 1...1000 {
      let p = Double(step) / 1000
      let rank = Int((p * Double(values.count)).rounded(.up))
      let exact = Double(sorted[rank - 1])
      #expect((histogram.quantile(p) - exact).magnitude <= LogLinearHistogram.relativeError * exact, "at \(p)")
    }
    #expect(histogram.count == 20_000)
    #expect(histogram.sum == values.reduce(Int128(0)) { $0 + Int128($1) })
    #expect(histogram.minimum == sorted.first)
    #expect(histogram.maximum == sorted.last)
    #expect(histogram.quantile(0) == Double(sorted[0]))
    #expect(histogram.quantile(1) == Double(sorted[19_999]))
  }

  @Test("small numbers are exact")
  func small() {
    var histogram = LogLinearHistogram()
    for value in 0..<Int64(128) { histogram.record(value) }
    for value in 0..<128 { #expect(histogram.quantile(Double(value + 1) / 128) == Double(value)) }
    #expect(histogram.mean == 63.5)
  }

  @Test("buckets tile the numbers without gap or overlap, up to the last")
  func tiling() {
    var histogram = LogLinearHistogram()
    var edges: [Int64] = [0, 1, 63, 64, 127, 128, .max, .max - 1, .max / 2, .max / 2 + 1]
    for shift in 1..<63 { edges += [Int64(1) << shift, Int64(1) << shift - 1, Int64(1) << shift + 1] }
    for edge in edges { histogram.record(edge) }
    var last: Int64 = 0
    for bucket in histogram.buckets {
      #expect(bucket.lower >= last)
      #expect(bucket.upper > bucket.lower)
      last = bucket.upper
    }
    for edge in Set(edges) {
      let holder = histogram.buckets.filter { $0.lower <= edge && (edge < $0.upper || $0.upper == .max) }
      #expect(holder.count == 1, "\(edge)")
    }
    #expect(histogram.buckets.reduce(0) { $0 + $1.count } == histogram.count)
  }

  @Test("quantiles in one walk are those asked for one by one", arguments: [0, 1, 20, 5000])
  func several(count: Int) {
    var histogram = LogLinearHistogram()
    var stream = RandomStream(seed: 5, purpose: .durations)
    for _ in 0..<count { histogram.record(Int64(1000 * stream.exponential())) }
    let probabilities = [-1, 0, 0.001, 0.5, 0.5, 0.9, 0.999, 1, 2]
    for (probability, value) in zip(probabilities, histogram.quantiles(probabilities)) {
      let alone = histogram.quantile(probability)
      #expect(value == alone || value.isNaN && alone.isNaN, "\(probability)")
    }
  }

  @Test("quantiles of the largest numbers and of odd shares trap nothing")
  func extremes() {
    var histogram = LogLinearHistogram()
    #expect(histogram.quantile(0.5).isNaN)
    #expect(histogram.mean.isNaN)
    for _ in 0..<3 { histogram.record(.max) }
    histogram.record(.min)
    #expect(histogram.minimum == 0)
    for p in [-1, 0, 0.3, 0.5, 1, 2, .nan, .infinity, -.infinity] { #expect(histogram.quantile(p) >= 0) }
    #expect(histogram.quantile(0.9) >= Double(Int64.max) * (1 - LogLinearHistogram.relativeError))
    #expect(histogram.sum == 3 * Int128(Int64.max))
  }

  @Test("parts add up to the whole, in any order and grouping")
  func merging() {
    let values = values(6000, seed: 2)
    var whole = LogLinearHistogram()
    for value in values { whole.record(value) }
    let parts = (0..<6).map { part in
      var histogram = LogLinearHistogram()
      for value in values[(part * 1000)..<(part * 1000 + 1000)].reversed() { histogram.record(value) }
      return histogram
    }
    for order in [[0, 1, 2, 3, 4, 5], [5, 3, 1, 0, 2, 4]] {
      var merged = LogLinearHistogram()
      for part in order { merged.merge(parts[part]) }
      #expect(merged == whole)
    }
    var (left, right) = (parts[0], parts[3])
    left.merge(parts[1])
    left.merge(parts[2])
    right.merge(parts[4])
    right.merge(parts[5])
    right.merge(left)
    #expect(right == whole)
    #expect(right.hashValue == whole.hashValue)
    var unchanged = whole
    unchanged.merge(LogLinearHistogram())
    #expect(unchanged == whole)
    unchanged.record(1)
    #expect(unchanged != whole)
  }

  @Test("a counter that passes 2^32 carries on")
  func carry() {
    var histogram = LogLinearHistogram()
    histogram.record(5)
    for _ in 0..<33 { histogram.merge(histogram) }
    #expect(histogram.count == 1 << 33)
    #expect(Array(histogram.buckets) == [.init(lower: 5, upper: 6, count: 1 << 33)])
    histogram.record(5)
    #expect(Array(histogram.buckets) == [.init(lower: 5, upper: 6, count: 1 << 33 + 1)])
    #expect(histogram.quantile(0.5) == 5)
  }
}
