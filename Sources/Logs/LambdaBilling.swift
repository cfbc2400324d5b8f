public import Units

/// How Lambda has turned times into billed milliseconds over the years.
public enum LambdaBillingEra: Int, CaseIterable, Hashable, Sendable {
  /// Steps of 100 ms, init free: until December 2020.
  case hundredMilliseconds
  /// Steps of 1 ms, init free: until 31 July 2025 for functions in ZIP packages on managed runtimes.
  case millisecond
  /// Steps of 1 ms, init billed: everything since 1 August 2025; custom runtimes and images earlier already
  /// (aws.amazon.com/blogs/compute/aws-lambda-standardizes-billing-for-init-phase, 29 April 2025).
  case millisecondWithInit
}

/// The milliseconds that Lambda bills for an invocation: one rounding up of duration, and init where the era bills it.
///
/// - Parameters:
///   - duration: the report's Duration.
///   - init: the report's Init Duration, if it has one.
///   - restore: the report's Billed Restore Duration in ms, if it has one; it comes on top, rounded by itself.
///   - timeout: the function's timeout when the invocation ran into it. While init was free the bill stopped there,
///     though Duration says a little more; since then it does not.
///   - era: the rule.
/// - Returns: at least one step. Negative times count as zero.
public func billedMilliseconds(
  duration: TimeSpan, `init` initDuration: TimeSpan? = nil, restore: Int? = nil, timeout: TimeSpan? = nil,
  era: LambdaBillingEra
) -> Int {
  let ran = max(0, duration.nanoseconds)
  let initialised = max(0, initDuration?.nanoseconds ?? 0)
  var billed: Int
  switch era {
  case .hundredMilliseconds: billed = max(100, ceiling(ran, 100_000_000) * 100)
  case .millisecond: billed = max(1, ceiling(ran, 1_000_000))
  case .millisecondWithInit: billed = max(1, ceiling(ran.saturatingAdd(initialised), 1_000_000))
  }
  if let timeout, era != .millisecondWithInit { billed = min(billed, Int(max(0, timeout.nanoseconds) / 1_000_000)) }
  return Int(clamping: Int64(billed).saturatingAdd(Int64(max(0, restore ?? 0))))
}

private func ceiling(_ nanoseconds: Int64, _ step: Int64) -> Int {
  Int(nanoseconds / step) + (nanoseconds % step == 0 ? 0 : 1)
}

extension Int64 {
  /// The sum, held within the range.
  package func saturatingAdd(_ other: Int64) -> Int64 {
    let (sum, overflow) = addingReportingOverflow(other)
    return overflow ? (other < 0 ? .min : .max) : sum
  }
}

/// What a function's reports tell of the rule by which they were billed.
struct BillingEvidence {
  /// Reports that fit this era's rule and no other.
  private var only = [0, 0, 0]
  /// Warm reports billed to the millisecond.
  private var milliseconds = 0
  /// Reports billed at the timeout and not beyond.
  private(set) var capped = 0
  /// Reports that fit no rule.
  private(set) var odd = 0

  mutating func weigh(_ report: LambdaReport) {
    guard let billed = report.billedMilliseconds else { return }
    let fitting = LambdaBillingEra.allCases.filter { era in
      billed
        == billedMilliseconds(
          duration: report.duration, init: report.initDuration, restore: report.billedRestoreMilliseconds, era: era)
    }
    if fitting.count == 1 {
      only[fitting[0].rawValue] += 1
    } else if fitting.isEmpty {
      // Timeouts are whole seconds.
      let isCapped = billed > 0 && billed % 1000 == 0 && TimeSpan.milliseconds(Int64(billed)) < report.duration
      if isCapped { capped += 1 } else { odd += 1 }
    } else if !fitting.contains(.hundredMilliseconds) {
      milliseconds += 1
    }
  }

  /// The rule in words; nil where nothing was billed or nothing tells the rules apart.
  var verdict: String? {
    let eras = LambdaBillingEra.allCases.filter { only[$0.rawValue] > 0 }
    switch eras {
    case []: return milliseconds > 0 ? "in steps of 1 ms, without a cold start to tell whether init is billed" : nil
    case [.hundredMilliseconds] where milliseconds == 0: return "in steps of 100 ms, as until December 2020"
    case [.millisecond]: return "in steps of 1 ms with init free, as until July 2025"
    case [.millisecondWithInit]: return "in steps of 1 ms with init, as since August 2025"
    default: return "by more than one rule: the rules changed while this was recorded"
    }
  }
}
