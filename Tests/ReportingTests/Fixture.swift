import Engine
import Foundation
import Glibc
import Logs
import Platforms
import Statistics
import Units
import Workloads

@testable import Pricing
@testable import Reporting

/// Outcomes that look as if the engine had made them: days with a rhythm, few busy functions and many quiet ones,
/// tallies whose parts agree with each other.
enum Fixture {
  /// - Parameter functions: how many; the k-th is invoked in proportion to 1/k.
  static func outcome(
    functions count: Int = 30, minutes: Int = 7 * 1440, epoch: Double? = 1_793_577_600, limit: Int = 1000,
    names: [String] = [], refusesAll: Bool = false, observed: Bool = false, samples: Int = 400
  ) -> Outcome {
    let horizon = Instant(nanoseconds: Int64(minutes) * TimeUnit.minutes.nanoseconds)
    var functions: [FunctionOutcome] = []
    for index in 0..<count {
      let name = index < names.count ? names[index] : "\(trades[index % trades.count])-\(index + 1)"
      functions.append(
        function(name, rank: index + 1, minutes: minutes, refusesAll: refusesAll, samples: samples, horizon: horizon))
    }
    var totals = Tally()
    for function in functions { totals.merge(function.tally) }
    let timeline = timeline(totals, minutes: minutes, limit: limit, refusesAll: refusesAll)
    totals.peakConcurrency = timeline.rows.map(\.peakConcurrency).max() ?? 0
    var ledger = ImportLedger()
    ledger.read = minutes * count
    ledger.repair("duration below zero taken as zero", count: 12)
    ledger.drop("no function name", count: 3)
    ledger.remark("column 'region' is not used")
    ledger.synthesise("arrivals inside a minute: uniform")
    ledger.synthesise("durations: drawn from each function's percentiles")
    return Outcome(
      horizon: horizon, functions: functions, totals: totals, timeline: timeline,
      execution: totals.throttles > 0 ? .coupled : .independent, isComplete: true, ledger: ledger,
      observations: observed ? observations(totals, timeline) : nil, epoch: epoch)
  }

  static func report(_ outcome: Outcome, limit: Int? = 1000, showsAlternatives: Bool = false) -> Report {
    let platform = Platform(
      accountConcurrency: limit,
      keepAlive: KeepAlive(.uniform(lower: 620, upper: 655), deeper: .uniform(lower: 600, upper: 1500)))
    let bill = bill(outcome)
    let functions = outcome.functions.map {
      Decimal($0.tally.arrivals) * Decimal(sign: .plus, exponent: -7, significand: 2)
        + Decimal(Int($0.tally.billedMegabyteMilliseconds)) / 1_024_000
        * Decimal(sign: .plus, exponent: -10, significand: 133334)
    }
    return Report(
      scenario: "checkout", seed: 42, platform: platform, outcome: outcome,
      costs: Report.Costs(
        bill: bill, functions: functions, parts: CostParts(of: outcome, bill: bill),
        alternatives: (try? PriceBook.shipped.get()).map {
          Alternative.all(for: outcome, region: "us-east-1", book: $0, terms: BillingTerms())
        } ?? [], textShowsAlternatives: showsAlternatives),
      assumptions: ["overhead of the platform before init: 150 ms, since no current figure is published"],
      run: Report.Run(
        measured: .init(simulationSeconds: 0.8312, invocationsPerSecond: 31_400_000, peakMemoryMB: 61.5),
        command: "faascast simulate Scenarios/checkout.yaml --seed 42"))
  }

  static func bill(_ outcome: Outcome) -> Bill {
    let requests = Decimal(outcome.totals.starts)
    let time = Decimal(Int(outcome.totals.billedMegabyteMilliseconds)) / 1_024_000
    let source = "AWS Price List, AWSLambda, published 2026-09-19"
    let requestPrice = Decimal(sign: .plus, exponent: -7, significand: 2)
    let timePrice = Decimal(sign: .plus, exponent: -10, significand: 133334)
    return Bill(
      currency: "USD",
      lines: [
        .init(
          place: "us-east-1", item: .init(.requests), rate: .flat, quantity: requests, unit: "requests",
          listPrice: requestPrice, price: requestPrice, amount: requests * requestPrice, source: source),
        .init(
          place: "us-east-1", item: .init(.duration, "arm64"), rate: .flat, quantity: time, unit: "GB-s",
          listPrice: timePrice, price: timePrice, amount: time * timePrice, source: source),
      ],
      notes: ["Without taxes, free allowances, data transfer and logs."])
  }

  private static let trades = [
    "checkout", "price-lookup", "render-thumbnail", "send-receipt", "auth", "search-index", "nightly-report",
    "webhook-stripe", "resize-video", "sync-inventory", "recommendations", "health-probe",
  ]

  private static func function(
    _ name: String, rank: Int, minutes: Int, refusesAll: Bool, samples: Int, horizon: Instant
  ) -> FunctionOutcome {
    var stream = RandomStream(seed: 7, subject: UInt64(rank), purpose: .population)
    let memory = [128, 256, 512, 1024, 2048, 3008][stream.index(below: 6)]
    let median = exp(log(80e6) + 1.1 * stream.normal())
    let sigma = 0.4 + 0.5 * stream.uniform()
    let initMedian = exp(log(260e6) + 0.6 * stream.normal())
    let coldShare = min(0.9, 0.0015 * Double(rank) * (0.5 + stream.uniform()))

    // A few hundred samples, doubled until there are enough: cheap, and all parts have equal counts.
    var doublings = 0
    while samples > 0, samples << (doublings + 1) <= minutes * 1500 / rank { doublings += 1 }
    if refusesAll { doublings = min(doublings, 8) }
    var tally = Tally()
    tally.arrivals = samples
    if refusesAll {
      tally.throttles = samples
    } else {
      for _ in 0..<samples {
        let duration = Int64(median * exp(sigma * stream.normal())) + 1_000_000
        let isCold = stream.uniform() < coldShare
        let initialising = isCold ? Int64(initMedian * exp(0.25 * stream.normal())) : 0
        let latency = duration + (isCold ? initialising + 150_000_000 : 0)
        tally.duration.record(duration)
        tally.latency.record(latency)
        if isCold {
          tally.coldStarts += 1
          tally.initDuration.record(initialising)
        }
        tally.busyTime += Int128(latency)
        tally.billedMilliseconds += Int128((duration + initialising + 999_999) / 1_000_000)
      }
      if rank == 3 { tally.timeouts = 1 }
    }
    for _ in 0..<doublings {
      let half = tally
      tally.merge(half)
    }
    tally.busyTimeInHorizon = tally.busyTime
    tally.idleTimeInHorizon = min(tally.busyTime * 3, Int128(horizon.nanoseconds) * 40)
    tally.billedMegabyteMilliseconds = tally.billedMilliseconds * Int128(memory)
    tally.environmentsCreated = tally.coldStarts
    tally.environmentsEnded = max(0, tally.coldStarts - 3)
    let mean = Double(tally.busyTime) / Double(max(1, horizon.nanoseconds))
    tally.peakConcurrency = refusesAll ? 0 : Int(mean * 2.4 + 4 * mean.squareRoot() + 2)
    let settings = FunctionSettings(
      memory: MemorySize(megabytes: memory), architecture: rank % 4 == 0 ? .x86 : .arm,
      runtime: ["nodejs22.x", "python3.13", "java21"][rank % 3], timeout: .seconds(30),
      initDuration: .lognormal(mu: log(initMedian / 1e9), sigma: 0.25), platformOverhead: .constant(0.15),
      reservedConcurrency: rank == 2 ? 120 : rank == 5 ? 40 : refusesAll ? 0 : nil,
      assumptions: rank % 3 == 0 ? ["memory: 128 MB, Lambda's default"] : [])
    return FunctionOutcome(
      function: WorkloadFunction(
        name: name, application: rank % 2 == 0 ? "shop" : nil, trigger: ["http", "queue", "timer"][rank % 3]),
      settings: settings, tally: tally)
  }

  /// Spreads the totals over a timeline with days, weekends, noise and a burst on the fourth day.
  private static func timeline(_ totals: Tally, minutes: Int, limit: Int, refusesAll: Bool) -> Timeline {
    var stream = RandomStream(seed: 7, purpose: .arrivals)
    let weights = (0..<minutes).map { minute -> Double in
      let hour = Double(minute % 1440) / 60
      let isWeekend = (minute / 1440) % 7 >= 5
      let rhythm = 1 + 0.75 * sin((hour - 9) / 24 * 2 * .pi)
      let burst = (3 * 1440 + 840..<3 * 1440 + 875).contains(minute) ? 4.0 : 1
      return max(0.05, rhythm * (isWeekend ? 0.55 : 1) * burst * (1 + 0.12 * stream.normal()))
    }
    let sum = max(weights.reduce(0, +), 1e-9)
    let minute = Double(TimeUnit.minutes.nanoseconds)
    var rows: [Timeline.Row] = []
    for weight in weights {
      let share = weight / sum
      var row = Timeline.Row()
      row.arrivals = Int((Double(totals.arrivals) * share).rounded())
      row.coldStarts = Int((Double(totals.coldStarts) * share * (0.4 + 1.2 * stream.uniform())).rounded())
      row.busyTime = Int64(Double(totals.busyTime) * share)
      row.idleTime = Int64(Double(totals.idleTimeInHorizon) * share.squareRoot() / max(Double(minutes).squareRoot(), 1))
      let mean = Double(row.busyTime) / minute
      let peak = Int((mean + 3.2 * mean.squareRoot() + 2 * stream.uniform()).rounded())
      row.peakConcurrency = min(limit, row.busyTime == 0 ? 0 : peak)
      row.throttles = refusesAll ? row.arrivals : peak > limit ? Int(Double(row.arrivals) * 0.04) : 0
      rows.append(row)
    }
    return Timeline(interval: .minutes(1), rows: rows)
  }

  private static func observations(_ totals: Tally, _ timeline: Timeline) -> Observations {
    var observations = Observations()
    observations.coldStarts = totals.coldStarts * 104 / 100
    observations.environments = totals.environmentsCreated * 105 / 100
    observations.environmentLifetimes.record(1_610_000_000_000)
    for bucket in totals.initDuration.buckets { observations.initDurations.record(bucket.lower * 103 / 100) }
    observations.billedMilliseconds = Int(totals.billedMilliseconds * 101 / 100)
    for index in stride(from: 0, to: timeline.rows.count, by: 5) {
      observations.concurrency.append(
        .init(
          at: Instant(nanoseconds: Int64(index) * TimeUnit.minutes.nanoseconds),
          value: Double(timeline.rows[index].peakConcurrency) * 0.97))
    }
    return observations
  }
}
