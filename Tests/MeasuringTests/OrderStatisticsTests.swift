import Testing

@testable import Measuring

@Suite("Quantiles with intervals")
struct OrderStatisticsTests {
  // Tables of the binomial law: of 100 measurements the 40th and the 61st bracket the median (David and Nagaraja,
  // Order Statistics, table 7.1 gives 40 and 61).
  @Test("the ranks around a median are those of the binomial law")
  func ranks() {
    #expect(OrderStatistics.ranks(100, 0.5) == (40, 61))
    #expect(OrderStatistics.ranks(10, 0.5) == (2, 9))
  }

  @Test("five measurements cannot bracket a median with 95 %, six can")
  func few() {
    #expect(OrderStatistics.ranks(5, 0.5) == (nil, nil))
    #expect(OrderStatistics.ranks(6, 0.5) == (1, 6))
  }

  @Test("a high percentile of few measurements has no upper bound")
  func tail() {
    let ranks = OrderStatistics.ranks(200, 0.99)
    #expect(ranks.lower != nil)
    #expect(ranks.upper == nil)
  }
}
