import Statistics

/// How much of a window's end describes best what comes after it.
///
/// Init times drift from week to week: old cold starts tell of a platform that is no more, and few recent ones tell little.
/// Which length is best is tried where the answer is known: from moments inside the window (halfway on, in eighths), the
/// latest part of what came before, all of it, half, a quarter or an eighth of the window, is held against all that follows
/// inside the window (rolling-origin evaluation, L. J. Tashman, International Journal of Forecasting 16, 2000). Nothing after the
/// window is looked at.
struct Recency: Hashable {
  /// A length that was tried.
  struct Choice: Hashable {
    /// The latest so many moments.
    var moments: Int
    /// Kolmogorov distance to what followed, on average over groups and beginnings.
    var distance: Double
  }

  private(set) var choices: [Choice] = []
  /// The best length; nil where the window has too few moments to try any.
  var best: Choice? { choices.min { ($0.distance, $1.moments) < ($1.distance, $0.moments) } }
  /// The first moment of the latest part.
  private var first: String?

  /// Fewer moments than that are no part of their own.
  private static let fewest = 3

  /// - Parameter end: the window's end, itself outside; nil for all rows.
  init(_ groups: [(group: InitTable.Group, rows: [InitTable.Row])], before end: String? = nil) {
    func isInside(_ moment: String) -> Bool { end.map { moment < $0 } ?? true }
    let moments = Set(groups.flatMap { $0.rows.map(\.moment) }.filter(isInside)).sorted()
    let lengths = [1, 2, 4, 8].map { moments.count / $0 }.filter { $0 >= Self.fewest }
    guard lengths.count > 1 else { return }
    var sums = Array(repeating: 0.0, count: lengths.count)
    var count = 0
    for eighth in 4..<8 {
      let origin = moments.count * eighth / 8
      for (_, rows) in groups {
        let known = rows.filter { $0.moment < moments[origin] }
        let later = rows.filter { $0.moment >= moments[origin] && isInside($0.moment) }.map(\.duration)
        let distances = lengths.compactMap { length in
          let first = moments[max(0, origin - length)]
          return SampleDrift(from: known.filter { $0.moment >= first }.map(\.duration), to: later)?.distance
        }
        guard distances.count == lengths.count else { continue }
        for (index, distance) in distances.enumerated() { sums[index] += distance }
        count += 1
      }
    }
    guard count > 0 else { return }
    choices = zip(lengths, sums).map { Choice(moments: $0, distance: $1 / Double(count)) }
    first = best.map { moments[moments.count - $0.moments] }
  }

  /// The rows of the latest part, of rows in the order of their moments; all where it has none, or no length was tried.
  func latest(of rows: ArraySlice<InitTable.Row>) -> ArraySlice<InitTable.Row> {
    guard let first else { return rows }
    let part = rows.drop { $0.moment < first }
    return part.isEmpty ? rows : part
  }
}
