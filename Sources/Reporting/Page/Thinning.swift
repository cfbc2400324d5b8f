import Engine
import Units

/// A timeline cut down to what a picture can show: of each run of rows the smallest and the largest value remain, in
/// the order in which they came, so that no peak and no gap is lost.
struct Thinning {
  /// Rows that go into one pair of points; 1 leaves the rows as they are.
  let rowsPerPair: Int

  /// - Parameter points: about how many points may remain, 2 at least.
  init(rows: Int, points: Int) {
    rowsPerPair = rows <= points ? 1 : (rows * 2 + points - 1) / points
  }

  /// The points that stand for `values`; nil where a run has no value.
  func points(_ values: [Double?]) -> [Double?] {
    guard rowsPerPair > 1 else { return values }
    var result: [Double?] = []
    var start = 0
    while start < values.count {
      let end = min(start + rowsPerPair, values.count)
      var low: (at: Int, value: Double)?
      var high: (at: Int, value: Double)?
      for index in start..<end {
        guard let value = values[index], value.isFinite else { continue }
        if low.map({ value < $0.value }) ?? true { low = (index, value) }
        if high.map({ value > $0.value }) ?? true { high = (index, value) }
      }
      if let low, let high {
        result += low.at <= high.at ? [low.value, high.value] : [high.value, low.value]
      } else {
        result += [nil, nil]
      }
      start = end
    }
    return result
  }

  /// The time from one point to the next, ms.
  func step(of interval: TimeSpan) -> Double {
    rowsPerPair == 1 ? interval.milliseconds : interval.milliseconds * Double(rowsPerPair) / 2
  }
}
