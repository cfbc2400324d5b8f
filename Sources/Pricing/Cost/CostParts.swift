public import Engine
public import Foundation
import Platforms
import Statistics
import Units
import Workloads

/// What of a bill goes where: parts that overlap each other, each with its share of the whole.
public struct CostParts: Sendable {
  public struct Part: Hashable, Sendable {
    public var name: String
    /// In the bill's currency.
    public var amount: Decimal
    /// How it was reckoned.
    public var note: String
  }

  public var parts: [Part] = []
  /// The share of billed running time of the dearest hundredth of invocations; nil where nothing ran.
  public var dearestHundredth: Double?
  /// What can't be told, and why.
  public var notes: [String] = []

  /// The parts of a simulation's bill.
  public init(of outcome: Outcome, bill: Bill) {
    let rates = FunctionRates(outcome, bill)
    var cold = Decimal(0)
    var timeouts = Decimal(0)
    var errors = Decimal(0)
    var spare = Decimal(0)
    var idle = Decimal(0)
    var retries = Decimal(0)
    var tellsUse = false
    var repeated = [Int](repeating: 0, count: outcome.functions.count)
    for source in outcome.sources { repeated[source.function] += source.tally.retries }
    for (index, function) in outcome.functions.enumerated() {
      let (tally, settings) = (function.tally, function.settings)
      let memory = Decimal(settings.memory.megabytes)
      // ns times MB; rates are of MB·ms.
      let rate = rates.onDemand[index]
      // Dividing decimals is slow, and most functions have nothing to divide.
      if tally.initDuration.sum > 0 { cold += Decimal(tally.initDuration.sum) * memory / 1_000_000 * rate }
      if let timeout = settings.timeout, tally.timeouts > 0 {
        timeouts += Decimal(tally.timeouts) * Decimal(timeout.nanoseconds) / 1_000_000 * memory * rate
      }
      let running = rates.running(index)
      if tally.errors > 0, tally.starts > 0 { errors += running * Decimal(tally.errors) / Decimal(tally.starts) }
      if repeated[index] > 0, tally.arrivals > 0 {
        retries += running * Decimal(repeated[index]) / Decimal(tally.arrivals)
      }
      if let used = function.function.memoryUsed, used.isFinite, used >= 0 {
        tellsUse = true
        let free = max(0, Double(settings.memory.megabytes) - used) / Double(settings.memory.megabytes)
        spare += running * Decimal(Int((free * 1_000_000).rounded())) / 1_000_000
      }
      if tally.provisionedTimeInHorizon > 0 {
        let free = max(0, tally.provisionedTimeInHorizon - tally.provisionedBusyTimeInHorizon)
        idle += rates.capacity[index] * Decimal(free) / Decimal(tally.provisionedTimeInHorizon)
      }
    }
    func add(_ name: String, _ amount: Decimal, _ note: String) {
      if amount > 0 { parts.append(Part(name: name, amount: amount, note: note)) }
    }
    add("cold starts", cold, "init of cold starts at each function's price of running")
    add("idle provisioned capacity", idle, "provisioned concurrency while it waited")
    add("timeouts", timeouts, "invocations cut off, each for its whole timeout")
    add("errors", errors, "failed invocations, each as long as its function's mean")
    add("retries", retries, "repetitions, each as the mean of its function's requests, refused ones included")
    add("memory never used", spare, "setting beyond the mean in use; less memory is less processor too")
    dearestHundredth = DearestInvocations.share(
      outcome.functions.map { ($0.tally.duration, Double($0.settings.memory.megabytes)) }, of: 0.01)
    if !tellsUse { notes.append("memory never used: the trace does not tell memory in use") }
    if outcome.sources.isEmpty {
      notes.append(
        "retries: this scenario has no caller or queue that retries; 'faascast price logs' counts those of logs")
    }
  }
}

/// What a function pays for a MB·ms, on average over its bill.
struct FunctionRates {
  /// Of running on demand.
  var onDemand: [Decimal] = []
  /// Paid by each function for provisioned concurrency.
  var capacity: [Decimal] = []
  private var run: [Decimal] = []

  init(_ outcome: Outcome, _ bill: Bill) {
    var costs: [String: [Meter: Decimal]] = [:]
    for (share, amount) in bill.costs { costs[share.function, default: [:]][share.item.meter, default: 0] += amount }
    for function in outcome.functions {
      let own = costs[function.function.name] ?? [:]
      let onDemand = own[.duration] ?? 0
      let provisioned = own[.provisionedDuration] ?? 0
      let billed = function.tally.billedMegabyteMilliseconds
      self.onDemand.append(billed > 0 ? onDemand / Decimal(billed) : 0)
      capacity.append(own[.provisionedConcurrency] ?? 0)
      run.append(onDemand + provisioned)
    }
  }

  /// What a function pays for running, provisioned or not.
  func running(_ index: Int) -> Decimal { run[index] }
}
