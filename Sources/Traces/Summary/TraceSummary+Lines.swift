import Glibc
import Statistics
import Units
import Workloads

extension TraceSummary {
  /// The summary in words, one fact a line: label and text. Numbers are rounded for people; the properties have them
  /// as they are.
  public var lines: [(label: String, text: String)] {
    var lines: [(label: String, text: String)] = []
    lines.append(("trace", title))
    lines.append(("invocations", invocations.grouped))
    var who = functions.grouped
    if let applications { who += " in \(applications.grouped) applications" }
    if idleFunctions > 0 { who += ", \(idleFunctions.grouped) never invoked" }
    lines.append(("functions", who))
    var span = "\(short(horizon - .zero))"
    if let epoch { span += " from \(CalendarTime.text(secondsSince1970: epoch)) UTC" }
    lines.append(("length", span))
    lines.append(("mean rate", "\(significant(meanRate)) invocations/s"))
    if let peakMinute {
      let times = meanRate > 0 ? ", \(significant(Double(peakMinute.invocations) / 60 / meanRate)) times the mean" : ""
      lines.append(("peak minute", "\(peakMinute.invocations.grouped) at \(moment(peakMinute.start))\(times)"))
    }
    lines.append(("mean concurrency", significant(meanConcurrency)))
    if !durations.isEmpty {
      let quantiles = [0.5, 0.9, 0.99].map { "p\(Int(100 * $0)) \(time(durations.quantile($0)))" }
      lines.append(
        (
          "durations",
          "mean \(time(durations.mean)), \(quantiles.joined(separator: ", ")), "
            + "max \(time(Double(durations.maximum)))"
        ))
    }
    if let memorySettings { lines.append(("memory settings", megabytes(memorySettings))) }
    if let memoryUsed { lines.append(("memory in use", megabytes(memoryUsed))) }
    lines += burstinessLines
    for function in busiest {
      let share = significant(100 * function.share)
      lines.append(
        (
          "busy function",
          "\(function.function.name): \(function.invocations.grouped) (\(share) %), "
            + "mean \(time(Double(function.meanDuration.nanoseconds)))"
        ))
    }
    return lines + oddityLines + ledgerLines
  }

  private var burstinessLines: [(label: String, text: String)] {
    var lines: [(label: String, text: String)] = []
    let known = dispersion.compactMap { level in
      level.index.map { "\($0 < 0.01 ? "0.00" : significant($0)) at \(level.interval)" }
    }
    if !known.isEmpty { lines.append(("dispersion of counts", known.joined(separator: ", ") + " (Poisson: 1)")) }
    if let gapVariation {
      var text = "all \(significant(gapVariation))"
      if let each = gapVariationOfFunctions { text += ", median of functions \(significant(each.median))" }
      lines.append(("variation of gaps", text + " (Poisson: 1)"))
    }
    return lines
  }

  private var oddityLines: [(label: String, text: String)] {
    var lines: [(label: String, text: String)] = []
    func note(_ count: Int, _ text: String) {
      if count > 0 { lines.append(("odd", "\(count.grouped) \(text)")) }
    }
    note(oddities.zeroDurations, "durations of zero")
    note(oddities.simultaneousArrivals, "arrivals at the same nanosecond as the one before")
    note(oddities.simultaneousInFunction, "of these of the same function")
    note(oddities.longGaps, "gaps of more than an hour")
    if oddities.longGaps > 0, let gap = oddities.longestGap, let start = oddities.longestGapStart {
      lines.append(("odd", "longest gap \(short(gap)), from \(moment(start))"))
    }
    note(oddities.singleInvocations, "functions invoked once")
    return lines
  }

  private var ledgerLines: [(label: String, text: String)] {
    var lines = [(label: "rows read", text: ledger.read.grouped)]
    for (reason, count) in ledger.repaired.sorted(by: { $0.key < $1.key }) {
      lines.append(("rows repaired", "\(count.grouped): \(reason)"))
    }
    for (reason, count) in ledger.dropped.sorted(by: { $0.key < $1.key }) {
      lines.append(("rows dropped", "\(count.grouped): \(reason)"))
    }
    lines += ledger.synthesised.map { ("synthesised", $0) }
    return lines + ledger.remarks.map { ("remark", $0) }
  }

  private func moment(_ instant: Instant) -> String {
    guard let epoch else { return short(instant - .zero) }
    return CalendarTime.text(secondsSince1970: epoch + Double(instant.nanoseconds) / 1e9)
  }

  private func megabytes(_ spread: Spread) -> String {
    "median \(significant(spread.median)) MB, p95 \(significant(spread.p95)) MB, max \(significant(spread.maximum)) MB "
      + "(\(spread.functions.grouped) functions)"
  }

  /// Nanoseconds as people write times.
  private func time(_ nanoseconds: Double) -> String {
    switch nanoseconds {
    case ..<1e6: "\(significant(nanoseconds / 1e3)) µs"
    case ..<1e9: "\(significant(nanoseconds / 1e6)) ms"
    default: "\(significant(nanoseconds / 1e9)) s"
    }
  }

  /// A span with whole units down to the second: `1d 2h 3m 4s`; exact below a minute.
  private func short(_ span: TimeSpan) -> String {
    guard span >= .minutes(1) else { return span.description }
    var left = span.nanoseconds
    var parts: [String] = []
    for unit in [TimeUnit.days, .hours, .minutes, .seconds] {
      let count = left / unit.nanoseconds
      left %= unit.nanoseconds
      if count > 0 { parts.append("\(count)\(unit.rawValue)") }
    }
    return parts.joined(separator: " ")
  }

  /// Three significant digits, whole numbers with all of theirs.
  private func significant(_ value: Double) -> String {
    guard value.isFinite, value.magnitude < 1e15 else { return "\(value)" }
    if value.magnitude >= 100 { return Int(value.rounded()).grouped }
    if value == 0 { return "0" }
    let decimals = min(9, 2 - Int(log10(value.magnitude).rounded(.down)))
    let scale = pow(10, Double(decimals))
    let text = "\((value * scale).rounded() / scale)"
    return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
  }
}

extension CalendarTime {
  /// `2024-05-01 12:00:00`, of years 1 to 9999; the number itself beyond.
  static func text(secondsSince1970 seconds: Double) -> String {
    guard seconds.isFinite, seconds >= -62_135_596_800, seconds < 253_402_300_800 else { return "\(seconds)" }
    let whole = Int(seconds.rounded(.down))
    let day = whole >= 0 ? whole / 86_400 : -((86_399 - whole) / 86_400)
    let second = whole - day * 86_400
    let date = CivilDate(daysSince1970: day)
    func padded(_ number: Int, _ digits: Int) -> String {
      String(repeating: "0", count: max(0, digits - String(number).count)) + String(number)
    }
    return "\(padded(date.year, 4))-\(padded(date.month, 2))-\(padded(date.day, 2)) "
      + "\(padded(second / 3600, 2)):\(padded(second / 60 % 60, 2)):\(padded(second % 60, 2))"
  }
}
