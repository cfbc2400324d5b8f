public import Diagnostics
import Engine
import Logs
public import Platforms
import Statistics
import Traces
import Units
import Workloads

/// A production log against what a simulation from its arrivals and durations says.
public struct LogValidation: Sendable {
  /// A measured figure and its prediction.
  public struct Row: Sendable {
    public var name: String
    public var measured: Double
    public var predicted: Spread

    /// Relative to what was measured; nil where nothing was.
    public var error: Double? { measured == 0 ? nil : predicted.mean / measured - 1 }
  }

  /// One hour of the log, or one function.
  public struct Part: Sendable {
    public var name: String
    public var invocations: Int
    public var coldStarts: Row
    /// Invocations running, on average.
    public var concurrency: Row
  }

  /// All of the log: cold starts, environments, their lifetimes, concurrency, billed time.
  public var totals: [Row]
  public var hours: [Part]
  public var functions: [Part]
  public var replications: Int
  /// What can't be compared, and why.
  public var notes: [String]

  /// Mean absolute error of the functions' cold starts, relative, weighed by their cold starts.
  public var coldStartError: Double? {
    let measured = functions.reduce(0) { $0 + $1.coldStarts.measured }
    guard measured > 0 else { return nil }
    return functions.reduce(0) { $0 + ($1.coldStarts.predicted.mean - $1.coldStarts.measured).magnitude } / measured
  }

  /// Replays the logs under `platform`.
  ///
  /// - Parameter replications: simulations with other random numbers; their spread is the noise floor, because the log
  ///   is one draw as well.
  /// - Parameter goesOn: told the share of the simulations that are done; where it says no, the others are left out, but
  ///   one is made.
  public init(
    files: [String], platform: Platform, replications: Int, seed: UInt64 = 0, jobs: Int = 1,
    goesOn: (Double) -> Bool = { _ in true }
  ) throws(InputFault) {
    let listing = try LambdaLogListing(files: files)
    let workload = try Workload.lambdaLogs(files: files)
    var outcomes: [Outcome] = []
    for replication in 0..<max(1, replications)
    where outcomes.isEmpty || goesOn(Double(replication) / Double(max(1, replications))) {
      outcomes.append(
        try Simulation(
          workload: workload, platform: platform, seed: seed, replication: UInt64(replication), jobs: jobs
        ).run())
    }
    self.replications = outcomes.count
    notes = []
    let observed = outcomes[0].observations
    func row(_ name: String, _ measured: Double, _ predicted: (Outcome) -> Double) -> Row {
      Row(name: name, measured: measured, predicted: Spread(outcomes.map(predicted)))
    }
    let horizon = Double(max(1, outcomes[0].horizon.nanoseconds))
    let held = listing.invocations.reduce(0.0) { $0 + Double($1.duration + ($1.wait ?? 0)) }
    totals = [
      row("cold starts", Double(listing.invocations.count { $0.wait != nil })) { Double($0.totals.coldStarts) },
      row("mean concurrency", held / horizon) { Double($0.totals.busyTime) / horizon },
      row("peak concurrency", Double(Self.peak(listing.invocations))) { Double($0.totals.peakConcurrency) },
    ]
    if let environments = observed?.environments {
      totals.append(row("environments", Double(environments)) { Double($0.totals.environmentsCreated) })
      if let trace = EnvironmentTrace(listing) {
        totals.append(
          row("invocations per environment", Double(listing.invocations.count) / Double(max(1, environments))) {
            Double($0.totals.starts) / Double(max(1, $0.totals.environmentsCreated))
          })
        totals.append(Self.lifetimes(trace, outcomes, platform))
      }
    } else {
      notes.append("the logs don't say their streams: environments and lifetimes are not compared")
    }
    let billed = listing.invocations.compactMap(\.billedMilliseconds)
    if billed.count == listing.invocations.count {
      totals.append(
        row("billed seconds", Double(billed.reduce(0, +)) / 1000) { Double($0.totals.billedMilliseconds) / 1000 })
    } else {
      notes.append("not every report says what was billed: billed time is not compared")
    }
    functions = Self.functions(listing, outcomes, horizon)
    hours = Self.hours(listing, outcomes)
  }

  private static func peak(_ invocations: [LambdaLogListing.Invocation]) -> Int {
    var moments: [(time: Int64, change: Int)] = []
    for invocation in invocations {
      moments.append((invocation.arrival, 1))
      moments.append((invocation.arrival + invocation.duration + (invocation.wait ?? 0), -1))
    }
    var running = 0
    var largest = 0
    for moment in moments.sorted(by: { ($0.time, $0.change) < ($1.time, $1.change) }) {
      running += moment.change
      largest = max(largest, running)
    }
    return largest
  }

  /// Seconds from an environment's first sign of life to its last. A simulated environment lives on through its last
  /// wait, which no log shows: the mean keep-alive is taken off.
  private static func lifetimes(_ trace: EnvironmentTrace, _ outcomes: [Outcome], _ platform: Platform) -> Row {
    var lives: [Double] = []
    for function in trace.functions {
      for uses in Dictionary(grouping: function.uses, by: \.environment).values {
        if let first = uses.map(\.start).min(), let last = uses.map(\.end).max() { lives.append(last - first) }
      }
    }
    let wait = platform.keepAlive.sole.mean
    return Row(
      name: "mean life in use, s", measured: lives.reduce(0, +) / Double(max(1, lives.count)),
      predicted: Spread(
        outcomes.map { outcome in
          let tally = outcome.totals
          let lived = Double(tally.busyTimeInHorizon + tally.idleTimeInHorizon) / 1e9
          return max(0, (lived - wait * Double(tally.environmentsEnded)) / Double(max(1, tally.environmentsCreated)))
        }))
  }

  private static func functions(_ listing: LambdaLogListing, _ outcomes: [Outcome], _ horizon: Double) -> [Part] {
    let byFunction = Dictionary(grouping: listing.invocations) { listing.functions[$0.function].name }
    return byFunction.sorted { ($0.value.count, $1.key) > ($1.value.count, $0.key) }.map { name, invocations in
      let tallies = outcomes.compactMap { $0.functions.first { $0.function.name == name }?.tally }
      let held = invocations.reduce(0.0) { $0 + Double($1.duration + ($1.wait ?? 0)) }
      return Part(
        name: name, invocations: invocations.count,
        coldStarts: Row(
          name: name, measured: Double(invocations.count { $0.wait != nil }),
          predicted: Spread(tallies.map { Double($0.coldStarts) })),
        concurrency: Row(
          name: name, measured: held / horizon, predicted: Spread(tallies.map { Double($0.busyTime) / horizon })))
    }
  }

  private static func hours(_ listing: LambdaLogListing, _ outcomes: [Outcome]) -> [Part] {
    let interval = outcomes[0].timeline.interval.nanoseconds
    let hour = TimeSpan.hours(1).nanoseconds
    guard interval <= hour else { return [] }
    // A replay begins at the minute of the earliest arrival, a reader at that of the first event.
    let shift = Int64((((outcomes[0].epoch ?? 0) - (listing.epoch ?? 0)) * 1e9).rounded())
    let count = Int((outcomes[0].horizon.nanoseconds + hour - 1) / hour)
    var measured = Array(repeating: (invocations: 0, cold: 0, held: 0.0), count: count)
    for invocation in listing.invocations {
      let place = min(count - 1, max(0, Int((invocation.arrival - shift) / hour)))
      measured[place].invocations += 1
      if invocation.wait != nil { measured[place].cold += 1 }
      measured[place].held += Double(invocation.duration + (invocation.wait ?? 0))
    }
    let predicted = outcomes.map { outcome in
      var hours = Array(repeating: (cold: 0, busy: 0.0), count: count)
      for (index, row) in outcome.timeline.rows.enumerated() {
        let place = min(count - 1, Int(Int64(index) * interval / hour))
        hours[place].cold += row.coldStarts
        hours[place].busy += Double(row.busyTime)
      }
      return hours
    }
    return measured.indices.map { index in
      Part(
        name: "hour \(index)", invocations: measured[index].invocations,
        coldStarts: Row(
          name: "", measured: Double(measured[index].cold), predicted: Spread(predicted.map { Double($0[index].cold) })),
        concurrency: Row(
          name: "", measured: measured[index].held / Double(hour),
          predicted: Spread(predicted.map { $0[index].busy / Double(hour) })))
    }
  }
}
