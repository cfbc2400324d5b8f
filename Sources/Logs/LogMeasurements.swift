import Diagnostics
import Statistics
import Units
import Workloads

/// What logs tell of the platform that wrote them, while they are read.
struct LogMeasurements {
  /// Events by kind.
  var kinds: [LambdaLogLine.Kind: Int] = [:]
  /// How long requests waited for an init or a restore, ns.
  private var inits = LogLinearHistogram()
  /// Inits reported by a first request that had not waited for them.
  var initialisedAhead = 0
  var restores = 0
  /// Inits and restores that failed or ran into their limit.
  var failedInits = 0
  var errors = 0
  var timeouts = 0
  /// Whether any event told success from failure.
  var tellsStatus = false
  /// Reports without a START before them.
  var withoutStart = 0
  /// Reports that don't say their log stream.
  var withoutStream = 0
  /// Log records that the platform gave up.
  var droppedRecords: Int64 = 0
  private var billed: Int64?
  private var billedMegabytes: Int64 = 0

  /// Counts a cold start.
  mutating func waited(_ time: TimeSpan) { inits.record(time.nanoseconds) }

  mutating func bill(_ report: LambdaReport) {
    guard let milliseconds = report.billedMilliseconds else { return }
    billed = (billed ?? 0).saturatingAdd(Int64(milliseconds))
    guard let memory = report.memory else { return }
    // A day of milliseconds times 2^20 MB is far from overflow.
    billedMegabytes = billedMegabytes.saturatingAdd(Int64(milliseconds) * Int64(memory.megabytes))
  }

  /// Everything measured, with what log streams tell of environments.
  func observations(_ streams: [LogStream]) -> Observations {
    var observed = Observations()
    observed.coldStarts = Int(inits.count)
    let environments = streams.filter(\.isEnvironment)
    if withoutStream == 0 { observed.environments = environments.count }
    for stream in environments { observed.environmentLifetimes.record(stream.last - stream.first) }
    observed.initDurations = inits
    observed.billedMilliseconds = billed.map { Int($0) }
    observed.billedMegabyteMilliseconds = billed.map { _ in Int(billedMegabytes) }
    if tellsStatus {
      observed.errors = errors
      observed.timeouts = timeouts
    }
    return observed
  }

  /// Says what was found and what could not be told.
  func remark(in ledger: inout ImportLedger) {
    let others = LambdaLogLine.Kind.allCases.filter { $0 != .report }.compactMap { kind in
      kinds[kind].map { "\($0.grouped) \(kind.rawValue)" }
    }
    let reports = kinds[.report] ?? 0
    ledger.remark(
      (["\(ledger.read.grouped) log events: \(reports.grouped) REPORT"] + others).joined(separator: ", "))
    func remark(_ count: Int, _ text: String) {
      if count > 0 { ledger.remark("\(count.grouped) \(text)") }
    }
    remark(withoutStart, "reports have no START before them: they began their duration before their end")
    remark(withoutStream, "reports don't say their log stream: environments are not counted")
    remark(
      initialisedAhead,
      "environments were initialised ahead of their first request (provisioned concurrency, say): no cold start was felt"
    )
    remark(restores, "cold starts are SnapStart restores; their times stand as init times")
    remark(failedInits, "inits or restores failed or ran into their limit")
    remark(Int(droppedRecords), "log records were dropped by Lambda: invocations may be missing")
  }
}
