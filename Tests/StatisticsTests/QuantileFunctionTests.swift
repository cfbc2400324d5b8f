import Testing

@testable import Statistics

@Suite("Laws given by quantiles")
struct QuantileFunctionTests {
  @Test("bending keeps every given quantile and hits the mean", arguments: [14.0, 21, 25, 30, 33, 42])
  func bending(_ mean: Double) throws {
    let straight = try TestLaws.percentiles()
    #expect(straight.reachableMeans.contains(mean))
    let bent = try #require(straight.bent(toMean: mean))
    #expect((bent.mean - mean).magnitude < 1e-9)
    for (p, value) in zip(straight.probabilities, straight.values) {
      #expect((bent.value(at: p) - value).magnitude <= 1e-12 * value, "at \(p)")
    }
    // The mean is the integral of the quantile function: the midpoint rule agrees.
    let count = 5_000
    let integral = (0..<count).reduce(0) { $0 + bent.value(at: (Double($1) + 0.5) / Double(count)) } / Double(count)
    #expect((integral - mean).magnitude < 0.02 * mean)
  }

  @Test("a mean at or beyond the ends is out of reach")
  func unreachable() throws {
    let straight = try TestLaws.percentiles()
    let range = straight.reachableMeans
    for mean in [range.lowerBound, range.upperBound, 0, -1, 1e9, .nan, .infinity, range.lowerBound.nextUp] {
      #expect(straight.bent(toMean: mean) == nil, "\(mean)")
    }
    let flat = try #require(QuantileFunction(probabilities: [0, 1], values: [5, 5]))
    #expect(flat.reachableMeans == 5...5)
    #expect(flat.bent(toMean: 5) == nil)
    #expect(flat.mean == 5)
  }

  @Test("the distribution function undoes the quantile function")
  func inverse() throws {
    for law in [try TestLaws.percentiles(), try TestLaws.percentiles(mean: 30), try TestLaws.percentiles(mean: 14)] {
      // By values, since where the law is steepest many probabilities share one.
      let values = (0...1000).map { law.value(at: Double($0) / 1000) }
      let worst = values.map { (law.value(at: law.probability(ofAtMost: $0)) / $0 - 1).magnitude }.max()
      #expect(try #require(worst) < 1e-9)
      #expect(law.probability(ofAtMost: 0.5) == 0)
      #expect(law.probability(ofAtMost: 1000) == 1)
      #expect(law.probability(ofAtMost: 1e300) == 1)
    }
    let jump = try #require(QuantileFunction(probabilities: [0, 0.2, 0.7, 1], values: [1, 4, 4, 9]))
    #expect((jump.probability(ofAtMost: 4) - 0.7).magnitude < 1e-12)
    #expect(jump.value(at: 0.5) == 4)
  }

  @Test("outside the given probabilities the law is flat")
  func flatEnds() throws {
    let median = try #require(QuantileFunction(probabilities: [0.5], values: [3]))
    #expect([0, 0.2, 0.5, 1].map(median.value) == [3, 3, 3, 3])
    let middle = try #require(QuantileFunction(probabilities: [0.25, 0.75], values: [1, 3]))
    #expect([0, 0.25, 0.5, 0.75, 1].map(middle.value) == [1, 1, 2, 3, 3])
    #expect(middle.mean == 2)
    #expect([-1, 2].map(middle.value) == [1, 3])
  }

  @Test("a sample's law has the sample's mean, nearly, and its ends")
  func sample() throws {
    let law = try #require(QuantileFunction(sample: [3, 1, 2]))
    #expect([0, 0.25, 0.5, 1].map(law.value) == [1, 1.5, 2, 3])
    #expect(law.mean == 2)
    #expect(try #require(QuantileFunction(sample: [7])).value(at: 0.3) == 7)
    #expect(QuantileFunction(sample: []) == nil)
    #expect(QuantileFunction(sample: [1, .nan]) == nil)
  }

  @Test("what is no quantile function is refused")
  func refused() {
    #expect(QuantileFunction(probabilities: [], values: []) == nil)
    #expect(QuantileFunction(probabilities: [0, 1], values: [1]) == nil)
    #expect(QuantileFunction(probabilities: [0, 1], values: [2, 1]) == nil)
    #expect(QuantileFunction(probabilities: [0.5, 0.5], values: [1, 2]) == nil)
    #expect(QuantileFunction(probabilities: [0, 1.1], values: [1, 2]) == nil)
    #expect(QuantileFunction(probabilities: [-0.1, 1], values: [1, 2]) == nil)
    #expect(QuantileFunction(probabilities: [.nan, 1], values: [1, 2]) == nil)
    #expect(QuantileFunction(probabilities: [0, 1], values: [1, .infinity]) == nil)
    #expect(QuantileFunction(probabilities: [0, 1], values: [1, 2], bend: 0) == nil)
    #expect(QuantileFunction(probabilities: [0, 1], values: [1, 2], bend: .nan) == nil)
  }
}
