import Foundation
import Statistics
import TestSupport
import Testing
import Traces
import Units
import Workloads

/// The generators of arrivals, and what depends on gaps and durations alone.
@Suite("Drawn arrivals against reference values", .enabled(if: Oracles.areHere, Comment(rawValue: Oracles.advice)))
struct ArrivalOracleTests {
  /// Rate and index of dispersion in windows of `seconds`, from counts around the known mean.
  private func expect(
    rate: Double, dispersion: Double, window seconds: Double, _ name: String,
    arrivals: @escaping @Sendable (_ seconds: Double, _ replication: UInt64) throws -> [Double]
  ) throws {
    let windows = max(4, Int(Double(OracleSize.invocations / OracleSize.replications) / (rate * seconds)))
    let mean = rate * seconds
    let sums = try replicate { replication -> (count: Double, squares: Double) in
      var counts = [Double](repeating: 0, count: windows)
      for arrival in try arrivals(Double(windows) * seconds, replication) {
        counts[min(windows - 1, Int(arrival / seconds))] += 1
      }
      return (counts.reduce(0, +), counts.reduce(0) { $0 + ($1 - mean) * ($1 - mean) })
    }
    sums.reduce(into: RatioSample()) { $0.add($1.count, of: Double(windows) * seconds) }.expect(rate, "\(name): rate")
    sums.reduce(into: RatioSample()) { $0.add($1.squares, of: Double(windows) * mean) }
      .expect(dispersion, "\(name): dispersion in \(seconds) s")
  }

  private func switched(_ oracle: Oracles.Value) throws -> (process: ArrivalProcess, moments: ArrivalMoments) {
    let leaving = (try oracle["r12"], try oracle["r21"])
    let rates = (try oracle["lam1"], try oracle["lam2"])
    return (
      .markovModulated([
        MarkovState(rate: rates.0, stay: try #require(TimeSpan(seconds: 1 / leaving.0))),
        MarkovState(rate: rates.1, stay: try #require(TimeSpan(seconds: 1 / leaving.1))),
      ]), try .switchedPoisson(rates: rates, leaving: leaving)
    )
  }

  @Test("a Poisson process that switches between two rates: dispersion in windows of a second to ten minutes")
  func switchedInWindows() throws {
    for oracle in try Oracles.cases("mmpp2_idc_finite") {
      let (process, moments) = try switched(oracle)
      // The reference tells the dispersion; the mean rate follows from the stays.
      try expect(
        rate: moments.meanRate, dispersion: oracle["idc"], window: oracle["t"], "MMPP"
      ) { try drawn(process, .constant(0), seconds: $0, replication: $1).arrivals }
    }
  }

  @Test("rates and long-run dispersion of every process")
  func processes() throws {
    for oracle in try Oracles.cases("arrival_process_moments") {
      let name = oracle.members["process"]?.text ?? ""
      let limit = oracle.members["idc_inf"] == nil ? 0 : try oracle["idc_inf"]
      switch name.split(separator: " ").first {
      case "MMPP2":
        let (process, moments) = try switched(oracle)
        // The index tends to its limit like 1/t; in a finite window it is known exactly.
        let window = (OracleSize.isFull ? 2000 : 50) / (try oracle["r12"] + oracle["r21"])
        let finite = try #require(moments.dispersion(seconds: window))
        #expect(!OracleSize.isFull || abs(finite / limit - 1) < 1e-3)
        try expect(rate: oracle["mean_rate"], dispersion: finite, window: window, name) {
          try drawn(process, .constant(0), seconds: $0, replication: $1).arrivals
        }
      case "gamma":
        let cv = try oracle["cv"]
        let law = Distribution.gamma(shape: 1 / (cv * cv), scale: try oracle["mean_iat"] * cv * cv)
        try expect(rate: 1 / law.mean, dispersion: limit, window: 5000, name) {
          try drawn(.renewal(gap: law, start: .equilibrium), .constant(0), seconds: $0, replication: $1).arrivals
        }
      case "compound":
        let process = ArrivalProcess.batch(
          of: .poisson(rate: try oracle["batch_rate"]), size: .geometric(mean: 4))
        try expect(rate: oracle["mean_rate"], dispersion: limit, window: 10, name) {
          try drawn(process, .constant(0), seconds: $0, replication: $1).arrivals
        }
      case "Hawkes":
        let (base, branching, decay) = (try oracle["mu"], try oracle["branching"], try oracle["beta"])
        // In a window of so many correlation times the index lacks a share of what it has above one.
        let times = OracleSize.isFull ? 500.0 : 20
        let window = times / (decay * (1 - branching))
        let finite = 1 + (limit - 1) * (1 + expm1(-times) / times)
        try expect(rate: oracle["mean_rate"], dispersion: finite, window: window, name) {
          Self.clusters(base: base, branching: branching, decay: decay, seconds: $0, replication: $1)
        }
      case "H2":
        let law = try Distribution.gap(law: .hyperexponential, rate: 1 / oracle["mean_iat"], cv: 3)
        let (p1, rates) = (try oracle["p1"], (try oracle["rate1"], try oracle["rate2"]))
        let samples = try replicate { replication -> (sum: Double, beyond: Double, count: Double) in
          var stream = RandomStream(seed: 3, replication: replication, purpose: .arrivals)
          let count = OracleSize.invocations / OracleSize.replications
          var (sum, beyond) = (0.0, 0.0)
          for _ in 0..<count {
            let gap = law.sample(&stream)
            sum += gap
            if gap > 5 { beyond += 1 }
          }
          return (sum, beyond, Double(count))
        }
        samples.reduce(into: RatioSample()) { $0.add($1.sum, of: $1.count) }.expect(1, "\(name): mean gap")
        samples.reduce(into: RatioSample()) { $0.add($1.beyond, of: $1.count) }
          .expect(p1 * exp(-5 * rates.0) + (1 - p1) * exp(-5 * rates.1), "\(name): long gaps", isShare: true)
      default: Issue.record("unknown process \(name)")
      }
    }
  }

  /// A self-exciting process by its clusters: immigrants at rate `base`, children each after an exponential delay.
  private static func clusters(
    base: Double, branching: Double, decay: Double, seconds: Double, replication: UInt64
  ) -> [Double] {
    var stream = RandomStream(seed: 4, replication: replication, purpose: .arrivals)
    let settle = 100 / (decay * (1 - branching))
    var arrivals: [Double] = []
    var time = -settle
    while true {
      time += stream.exponential() / base
      guard time < seconds else { return arrivals }
      var generation = [time]
      while let parent = generation.popLast() {
        if parent >= 0, parent < seconds { arrivals.append(parent) }
        // Children at rate branching × decay, fading with time: as many as a Poisson clock of total `branching` gives.
        var left = branching - stream.exponential()
        while left > 0 {
          generation.append(parent + stream.exponential() / decay)
          left -= stream.exponential()
        }
      }
    }
  }

  @Test("pre-warmed environments between renewals")
  func renewal() throws {
    for oracle in try Oracles.cases("renewal_single_instance_prewarm_keepalive") {
      let name = oracle.members["iat"]?.text ?? ""
      let gap = try #require(OracleLaws.gaps[name], "no law \(name)")
      let (service, preWarm, keepAlive) = (try oracle["service"], try oracle["prewarm"], try oracle["keepalive"])
      let count = OracleSize.invocations / OracleSize.replications
      let runs = try replicate { replication -> (cold: Double, idle: Double) in
        var stream = RandomStream(seed: 2, replication: replication, purpose: .arrivals)
        var (cold, idle) = (0.0, 0.0)
        for _ in 0..<count {
          let wait = gap.sample(&stream) - service
          if wait <= preWarm || wait > preWarm + keepAlive { cold += 1 }
          idle += min(max(0, wait - preWarm), keepAlive)
        }
        return (cold, idle)
      }
      runs.reduce(into: RatioSample()) { $0.add($1.cold, of: Double(count)) }
        .expect(
          try oracle["p_cold"], "\(name), pre-warm \(preWarm) s: cold",
          isShare: true)
      runs.reduce(into: RatioSample()) { $0.add($1.idle, of: Double(count)) }
        .expect(try oracle["mean_warm_idle_per_request"], "\(name), pre-warm \(preWarm) s: idle")
    }
  }

  @Test("durations rounded up to a granularity")
  func billing() throws {
    for oracle in try Oracles.cases("billed_duration_mean") {
      let (mean, granularity) = (try oracle["mean_ms"], try oracle["granularity_ms"])
      let law: Distribution =
        oracle.members["dist"]?.text == "exponential"
        ? .exponential(mean: mean) : OracleLaws.lognormal(mean: mean, cv: try oracle["cv"])
      let count = OracleSize.invocations / OracleSize.replications
      let sums = try replicate { replication -> Double in
        var stream = RandomStream(seed: 1, replication: replication, purpose: .durations)
        return (0..<count).reduce(0) { sum, _ in
          sum + (law.sample(&stream) / granularity).rounded(.up) * granularity
        }
      }
      sums.reduce(into: RatioSample()) { $0.add($1, of: Double(count)) }
        .expect(try oracle["mean_billed_ms"], "\(law) in steps of \(granularity) ms")
    }
  }

  @Test("hits in a room shared under LRU")
  func sharedRoom() throws {
    for oracle in try Oracles.cases("memory_limited_pool_LRU_IRM") {
      let (functions, capacity, exponent) = (
        try oracle.int("functions"), try oracle.int("capacity"), try oracle["zipf"]
      )
      var cumulative: [Double] = []
      for rank in 1...functions { cumulative.append((cumulative.last ?? 0) + pow(Double(rank), -exponent)) }
      let ends = cumulative
      let count = OracleSize.invocations / OracleSize.replications
      let runs = try replicate { replication -> (hits: [Double], requests: [Double]) in
        var stream = RandomStream(seed: 11, replication: replication, purpose: .arrivals)
        var room: [Int] = []  // the most recently used last
        var (hits, requests) = ([Double](repeating: 0, count: functions), [Double](repeating: 0, count: functions))
        for number in 0..<count + 200 {
          let target = stream.uniform() * (ends.last ?? 1)
          let function = ends.firstIndex { target < $0 } ?? functions - 1
          let place = room.firstIndex(of: function)
          if number >= 200 {
            requests[function] += 1
            if place != nil { hits[function] += 1 }
          }
          if let place { room.remove(at: place) } else if room.count == capacity { room.removeFirst() }
          room.append(function)
        }
        return (hits, requests)
      }
      runs.reduce(into: RatioSample()) { $0.add($1.hits.reduce(0, +), of: $1.requests.reduce(0, +)) }
        .expect(try oracle["hit_ratio_exact"], "hits of \(functions) in \(capacity)", isShare: true)
      for (function, exact) in oracle.numbers("per_function_hit").enumerated() {
        runs.reduce(into: RatioSample()) { $0.add($1.hits[function], of: $1.requests[function]) }
          .expect(exact, "hits of function \(function + 1) of \(functions) in \(capacity)", isShare: true)
      }
    }
  }
}
