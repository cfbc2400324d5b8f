import Diagnostics
import Logs
import Statistics
import Units
import Workloads

/// The series of a file of metric data, put in order by function, metric and time.
struct CloudWatchMetrics {
  /// In order of name.
  private(set) var functions: [String] = []
  /// ns between the starts of two periods: whole minutes.
  private(set) var period: Int64 = 0
  /// The first period's start, ns since 1970.
  private(set) var zero: Int64 = 0
  /// The end of the last period.
  private(set) var horizon = Instant.zero
  private(set) var ledger = ImportLedger()

  private let path: String
  /// Each metric's values in millionths by time since 1970.
  private var series: [MetricName: [Int64: Int64]] = [:]
  /// Label of a series of invocations, for faults.
  private var labels: [MetricName: String] = [:]

  /// CloudWatch keeps metrics for 15 months; times farther apart are none.
  private static let longestSpan = TimeSpan.hours(24 * 366 * 5).nanoseconds

  init(path: String) throws(InputFault) {
    self.path = path
    let file = try MetricFile(path: path)
    for remark in file.remarks { ledger.remark(remark) }
    take(file)
    functions = Set(series.keys.filter { $0.metric == .invocations }.compactMap(\.function)).sorted()
    guard !functions.isEmpty else {
      let found = file.series.map { $0.label.isEmpty ? $0.id : $0.label }.joined(separator: ", ")
      throw InputFault(
        at: .init(file: path, key: "MetricDataResults"),
        found: file.series.isEmpty ? "no series" : "series " + excerpt(found, limit: 120),
        expected: "a series of Invocations for each function, labelled 'NAME Invocations'",
        advice: "set Label in each metric data query")
    }
    try setTime()
    let unused = series.keys.filter { $0.metric == .duration && !functions.contains($0.function ?? "") }
    if !unused.isEmpty { ledger.remark("Duration without Invocations is not used: \(unused.count.grouped) series") }
  }

  private mutating func take(_ file: MetricFile) {
    let fallback = path.split(separator: "/").last?.split(separator: ".").first.map(String.init) ?? path
    var passedOver: [String] = []
    for one in file.series {
      ledger.read += one.times.count
      if one.status != "Complete", !one.status.isEmpty {
        ledger.remark("\(excerpt(one.label.isEmpty ? one.id : one.label)) is not complete: \(excerpt(one.status))")
      }
      guard var name = MetricName(label: one.label, id: one.id) else {
        passedOver.append(one.label.isEmpty ? one.id : one.label)
        continue
      }
      // A file about one function need not name it; concurrency without a function is the account's.
      if name.function == nil, name.metric != .concurrency { name.function = fallback }
      labels[name] = one.label
      series[name, default: [:]].reserveCapacity(one.times.count)
      for (time, value) in zip(one.times, one.values) {
        if series[name, default: [:]][time] == nil {
          series[name, default: [:]][time] = value
        } else {
          ledger.drop("second value of a metric for the same period")
        }
      }
    }
    if !passedOver.isEmpty {
      ledger.remark("series not used: " + excerpt(passedOver.joined(separator: ", "), limit: 200))
    }
  }

  /// Finds period, zero and horizon.
  private mutating func setTime() throws(InputFault) {
    let times = Set(series.filter { functions.contains($0.key.function ?? "") }.values.flatMap(\.keys)).sorted()
    guard let first = times.first, let last = times.last else {
      throw InputFault(
        at: .init(file: path, key: "MetricDataResults"), found: "series without data", expected: "counts of invocations"
      )
    }
    guard last - first <= Self.longestSpan else {
      throw InputFault(
        at: .init(file: path, key: "Timestamps"),
        found: "timestamps \((last - first) / TimeUnit.days.nanoseconds) days apart",
        expected: "at most five years; CloudWatch keeps 15 months")
    }
    let divisor = zip(times, times.dropFirst()).reduce(Int64(0)) { gcd($0, $1.1 - $1.0) }
    guard divisor % MinuteCountGenerator.minute == 0 else {
      throw InputFault(
        at: .init(file: path, key: "Timestamps"),
        found: "timestamps \(TimeSpan(nanoseconds: divisor)) apart",
        expected: "the starts of periods of whole minutes", advice: "ask for a Period of 60, 300 or 3600")
    }
    if divisor == 0 { ledger.remark("there is one period only, taken to be a minute") }
    // No period is longer than a day; days far apart only look like one.
    let day = TimeUnit.days.nanoseconds
    period = divisor == 0 ? MinuteCountGenerator.minute : divisor > day ? gcd(divisor, day) : divisor
    zero = first
    horizon = Instant(nanoseconds: last - first + period)
    ledger.remark("counts are per \(TimeSpan(nanoseconds: period)), by the distances of their timestamps")
  }

  // MARK: - What the workload is made of

  /// Each function's invocations per period, `period` standing for the minute.
  func counts() throws(InputFault) -> MinuteCounts {
    var counts = MinuteCounts()
    counts.beginTable(at: 0)
    for (index, function) in functions.enumerated() {
      let name = MetricName(metric: .invocations, function: function)
      var row = MinuteRow()
      row.clear(forText: 0)
      var next = 0
      for (time, value) in sorted(name) {
        let (count, rest) = value.quotientAndRemainder(dividingBy: MetricSeries.unit)
        guard count >= 0, rest == 0, count <= Int64(MinuteCounts.largestCount) else {
          throw InputFault(
            at: .init(file: path, key: labels[name]), found: "\(Double(value) / Double(MetricSeries.unit)) invocations",
            expected: "a whole number of invocations, 0 to \(MinuteCounts.largestCount.grouped)",
            advice: "ask for the statistic Sum")
        }
        guard count > 0 else { continue }
        let place = Int((time - zero) / period)
        row.appendZeros(place - next)
        row.append(Int(count))
        next = place + 1
      }
      _ = counts.add(row, function: index)
    }
    counts.seal()
    return counts
  }

  /// Each function's law of durations.
  mutating func durations(otherwise given: Distribution?) throws(InputFault) -> [Distribution] {
    var laws: [Distribution] = []
    var isAveraged = false
    for function in functions {
      let averages = sorted(MetricName(metric: .duration, function: function))
      let invocations = series[MetricName(metric: .invocations, function: function)] ?? [:]
      guard averages.allSatisfy({ 0...TimeUnit.days.nanoseconds ~= $0.value }) else {
        throw InputFault(
          at: .init(file: path, key: labels[MetricName(metric: .duration, function: function)]),
          found: "a duration outside 0 to one day", expected: "milliseconds")
      }
      let weighed = averages.map {
        // Millionths of a millisecond are nanoseconds.
        (seconds: Double($0.value) / 1e9, weight: Double(invocations[$0.time] ?? 0))
      }
      if let law = DurationAverages.law(of: weighed) {
        laws.append(law)
        isAveraged = true
        if given != nil { ledger.remark("Duration in the file goes before the duration that was given") }
      } else if let given {
        laws.append(given)
        ledger.synthesise("durations: the law given, where the file has none")
      } else {
        throw InputFault(
          at: .init(file: path, key: function), found: "no Duration of \(excerpt(function))",
          expected: "a series 'NAME Duration' of averages, or a duration in the scenario",
          advice: "add duration: {lognormal: {median: 100ms, p99: 1s}} beside the file, say")
      }
    }
    if isAveraged {
      ledger.synthesise("durations: averages per period; what varies inside a period is not in the metrics")
    }
    return laws
  }

  /// Errors, throttles and concurrency.
  mutating func observe() -> Observations {
    var observations = Observations()
    let errors = totals(of: .errors)
    if let errors { observations.errors = Int(errors.values.reduce(0) { $0.saturatingAdd($1) } / MetricSeries.unit) }
    observations.throttles = points(totals(of: .throttles))
    if let account = series[MetricName(metric: .concurrency, function: nil)] {
      observations.concurrency = points(account)
    } else {
      observations.concurrency = points(totals(of: .concurrency))
      if functions.count > 1, !observations.concurrency.isEmpty {
        ledger.remark("measured concurrency is the sum of the functions' maxima, which need not coincide")
      }
    }
    return observations
  }

  private func sorted(_ name: MetricName) -> [(time: Int64, value: Int64)] {
    (series[name] ?? [:]).map { (time: $0.key, value: $0.value) }.sorted { $0.time < $1.time }
  }

  /// A metric's values by time, all functions together; nil where no function has it.
  private func totals(of metric: MetricName.Metric) -> [Int64: Int64]? {
    var result: [Int64: Int64]?
    for function in functions {
      guard let values = series[MetricName(metric: metric, function: function)] else { continue }
      result = (result ?? [:]).merging(values) { $0.saturatingAdd($1) }
    }
    return result
  }

  private func points(_ values: [Int64: Int64]?) -> [Observations.Point] {
    (values ?? [:]).sorted { $0.key < $1.key }.map {
      .init(at: Instant(nanoseconds: $0.key - zero), value: Double($0.value) / Double(MetricSeries.unit))
    }
  }
}

private func gcd(_ a: Int64, _ b: Int64) -> Int64 {
  var (a, b) = (a, b)
  while b != 0 { (a, b) = (b, a % b) }
  return a
}

extension MetricName {
  init(metric: Metric, function: String?) {
    self.metric = metric
    self.function = function
  }
}
