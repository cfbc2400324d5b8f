import Diagnostics
import Logs
import Reading
import Statistics
import Units
import Workloads

/// The durations of an Azure Functions 2019 trace: a few percentiles and a mean for each function and day.
///
/// Several rows of a function (one a day) become one law: each percentile and the mean averaged, weighted by the rows'
/// Count. Averaging quantile functions averages their means, so the mean over all invocations is kept exactly.
struct Azure2019Durations {
  /// The percentiles' probabilities, ascending; empty until a table was read.
  private(set) var probabilities: [Double] = []

  /// Weighted sums over a function's rows, in seconds.
  private struct Sums {
    var weight = 0.0
    var mean = 0.0
    var percentiles: [Double]
    /// Invocations that the rows count; infinite where one doesn't say.
    var count = 0.0
    /// Rows of the table at hand.
    var rowsOfTable = 0
  }

  /// By function; nil where no row names it.
  private var sums: [Sums?]

  /// Longer durations are refused: the trace has nothing near it.
  private static let longest: Int64 = InvocationBlock.longestDuration

  init(functions: Int) { sums = Array(repeating: nil, count: functions) }

  /// The probability in a percentile's column name, `percentile_Average_25`; nil for other names.
  static func percentage(named name: String) -> Double? {
    let prefix = "percentile_average_"
    guard name.lowercased().hasPrefix(prefix),
      let millionths = Decimal64.scaled(Array(name.utf8.dropFirst(prefix.utf8.count)), by: 1_000_000),
      0...100_000_000 ~= millionths
    else { return nil }
    return Double(millionths) / 100_000_000
  }

  /// Reads a table's rows. `find` gives the function that owner, application and function hashes name, or nil.
  mutating func read(
    _ path: String, into ledger: inout ImportLedger, find: (CSVReader, [Int]) -> Int?
  ) throws(InputFault) {
    let reader = try CSVReader(path: path)
    let identity = try reader.identityColumns()
    let mean = try reader.requiredColumn("Average")
    let count = reader.column("Count")
    let percentiles = reader.columns.indices.compactMap { column in
      Self.percentage(named: reader.columns[column]).map { (probability: $0, column: column) }
    }.sorted { ($0.probability, $0.column) < ($1.probability, $1.column) }
    if probabilities.isEmpty { probabilities = percentiles.map(\.probability) }
    guard probabilities == percentiles.map(\.probability),
      zip(probabilities, probabilities.dropFirst()).allSatisfy({ $0 < $1 })
    else {
      throw InputFault(
        at: .init(file: path, line: 1), found: "percentiles \(percentiles.map { $0.probability * 100 })",
        expected: "each percentile once, and the same in all tables of durations")
    }
    let used = Set(identity + [mean] + (count.map { [$0] } ?? []) + percentiles.map(\.column))
    ledger.remarkIgnored(
      reader.columns.indices.filter { !used.contains($0) }.map { reader.columns[$0] }, of: "durations")
    for function in sums.indices { sums[function]?.rowsOfTable = 0 }

    while try reader.next() {
      ledger.read += 1
      guard let function = find(reader, identity) else {
        ledger.drop("durations of a function without invocations")
        continue
      }
      var isNegative = false
      var values: [Double] = []
      for column in percentiles.map(\.column) + [mean] {
        guard let nanoseconds = try Self.milliseconds(reader, column) else { break }
        if nanoseconds < 0 { isNegative = true }
        values.append(Double(max(0, nanoseconds)) / 1e9)
      }
      guard values.count == percentiles.count + 1, let average = values.popLast() else {
        ledger.drop("durations with an empty or NaN field")
        continue
      }
      if isNegative { ledger.repair("negative duration taken as 0") }
      if zip(values, values.dropFirst()).contains(where: { $0 > $1 }) {
        values.sort()
        ledger.repair("durations' percentiles not ascending: sorted")
      }
      let counted = try count.flatMap { column throws(InputFault) in try Self.count(reader, column) }
      add(values, mean: average, count: counted, to: function, &ledger)
    }
  }

  private mutating func add(
    _ values: [Double], mean: Double, count: Double?, to function: Int, _ ledger: inout ImportLedger
  ) {
    var own = sums[function] ?? Sums(percentiles: Array(repeating: 0, count: values.count))
    let weight = max(1, count ?? 1)  // a row that counts nothing still says something
    own.weight += weight
    own.mean += weight * mean
    for index in values.indices { own.percentiles[index] += weight * values[index] }
    own.count += count ?? .infinity
    own.rowsOfTable += 1
    if own.rowsOfTable > 1 { ledger.repair("second durations row of a function: averaged by Count") }
    sums[function] = own
  }

  /// A field of milliseconds as nanoseconds, or nil where it is empty or NaN.
  private static func milliseconds(_ reader: CSVReader, _ column: Int) throws(InputFault) -> Int64? {
    if MinuteTable.isMissing(reader.field(column)) { return nil }
    guard let nanoseconds = Decimal64.scaled(reader.field(column), by: 1_000_000), nanoseconds <= longest else {
      throw reader.fault(column, expected: "milliseconds, up to a year")
    }
    return nanoseconds
  }

  private static func count(_ reader: CSVReader, _ column: Int) throws(InputFault) -> Double? {
    if MinuteTable.isMissing(reader.field(column)) { return nil }
    guard let count = Decimal64.scaled(reader.field(column), by: 1) else {
      throw reader.fault(column, expected: "a number of invocations")
    }
    return Double(max(0, count))
  }

  /// Invocations that the rows of a function count; nil without rows.
  func count(of function: Int) -> Double? { sums[function]?.count }

  /// The law of a function's own rows; nil without any.
  func law(of function: Int, _ ledger: inout ImportLedger) -> Distribution? {
    guard let own = sums[function], own.weight > 0 else { return nil }
    let values = own.percentiles.map { $0 / own.weight }
    let mean = own.mean / own.weight
    if mean == 0 {
      ledger.repair("durations with Average 0: percentiles as they are")
      return Self.law(probabilities, values, mean: nil)
    }
    guard let law = Self.law(probabilities, values, mean: mean) else {
      let asTheyAre = Self.law(probabilities, values, mean: nil)
      // The trace writes whole milliseconds, so half of one is no contradiction.
      if let asTheyAre, (asTheyAre.mean - mean).magnitude > 0.0005 {
        ledger.repair("durations' Average beyond what their percentiles allow: percentiles as they are")
      }
      return asTheyAre
    }
    return law
  }

  /// One law for a group of functions: the percentiles of their laws' mixture, weighted by Count, with its mean. Nil
  /// where none of them has rows.
  func pooledLaw(of functions: some Sequence<Int>) -> Distribution? {
    var parts: [(weight: Double, law: QuantileFunction)] = []
    var weight = 0.0
    var mean = 0.0
    for function in functions {
      guard let own = sums[function], own.weight > 0 else { continue }
      guard
        let percentiles = QuantileFunction(
          probabilities: probabilities, values: own.percentiles.map { $0 / own.weight }.ascending)
      else { continue }
      parts.append((own.weight, percentiles.bent(toMean: own.mean / own.weight) ?? percentiles))
      weight += own.weight
      mean += own.mean
    }
    guard let low = parts.map({ $0.law.values[0] }).min(), let high = parts.compactMap(\.law.values.last).max() else {
      return nil
    }
    let points = [0, 0.01, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 1]
    let values = points.map { probability -> Double in
      if probability == 0 { return low }
      if probability == 1 { return high }
      var (below, above) = (low, high)
      for _ in 0..<48 {
        let middle = below + (above - below) / 2
        let share = parts.reduce(0) { $0 + $1.weight * $1.law.probability(ofAtMost: middle) }
        if share < probability * weight { below = middle } else { above = middle }
      }
      return above
    }
    return Self.law(points, values.ascending, mean: mean / weight) ?? Self.law(points, values.ascending, mean: nil)
  }

  /// The law with these percentiles and, unless nil, this mean; nil when there is none.
  private static func law(_ probabilities: [Double], _ values: [Double], mean: Double?) -> Distribution? {
    guard let first = values.first, let last = values.last else { return nil }
    guard first < last else {
      return mean.map({ ($0 - first).magnitude > 0.0005 }) ?? false ? nil : .constant(first)
    }
    guard let straight = QuantileFunction(probabilities: probabilities, values: values.ascending) else { return nil }
    guard let mean else { return .empirical(straight) }
    return straight.bent(toMean: mean).map { .empirical($0) }
  }
}

extension [Double] {
  /// The values, each at least as large as the one before: rounding may put two equal ones the wrong way round.
  fileprivate var ascending: [Double] {
    var result = self
    for index in result.indices.dropFirst() { result[index] = Swift.max(result[index], result[index - 1]) }
    return result
  }
}

extension CSVReader {
  /// The columns that identify a function.
  func identityColumns() throws(InputFault) -> [Int] {
    [try requiredColumn("HashOwner"), try requiredColumn("HashApp"), try requiredColumn("HashFunction")]
  }
}
