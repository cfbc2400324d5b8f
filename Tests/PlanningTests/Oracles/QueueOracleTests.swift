import Foundation
import Statistics
import TestSupport
import Testing
import Traces

/// Queues, which Lambda does not have: small exact simulations of the waiting line, in these tests only.
@Suite("Simulated queues against reference values", .enabled(if: Oracles.areHere, Comment(rawValue: Oracles.advice)))
struct QueueOracleTests {
  /// Requests of one replication after the queue has settled, and how many come before.
  private func sizes(settle: Int) -> (settle: Int, requests: Int) {
    (settle, max(OracleSize.invocations / OracleSize.replications, OracleSize.isFull ? 0 : settle / 4))
  }

  /// Waits of requests, first come first served, at `servers` places.
  private func waits(
    rate: Double, service: Distribution, servers: Int, sizes: (settle: Int, requests: Int), replication: UInt64
  ) -> (waits: [Double], services: [Double]) {
    var arrivals = RandomStream(seed: 5, replication: replication, purpose: .arrivals)
    var durations = RandomStream(seed: 5, replication: replication, purpose: .durations)
    var free = [Double](repeating: 0, count: servers)
    var time = 0.0
    var waits: [Double] = []
    var services: [Double] = []
    for number in 0..<sizes.settle + sizes.requests {
      time += arrivals.exponential() / rate
      // A first-come-first-served request takes the place that is free first.
      var place = 0
      for other in 1..<max(1, servers) where free[other] < free[place] { place = other }
      let start = max(time, free[place])
      let duration = service.sample(&durations)
      free[place] = start + duration
      guard number >= sizes.settle else { continue }
      waits.append(start - time)
      services.append(duration)
    }
    return (waits, services)
  }

  @Test("Erlang's queue: waits and the tail of the response time")
  func erlang() throws {
    for oracle in try Oracles.cases("erlangC_queue") {
      let (rate, service, servers) = (try oracle["lam"], try oracle["service_mean"], try oracle.int("c"))
      let runs = try replicate { replication in
        waits(
          rate: rate, service: .exponential(mean: service), servers: servers, sizes: sizes(settle: 8000),
          replication: replication)
      }
      func share(_ isHit: @escaping (Double, Double) -> Bool) -> RatioSample {
        runs.reduce(into: RatioSample()) { sample, run in
          sample.add(Double(zip(run.waits, run.services).count(where: isHit)), of: Double(run.waits.count))
        }
      }
      let name = "\(rate)/s at \(servers)"
      share { wait, _ in wait > 0 }.expect(try oracle["p_wait"], "\(name): P(wait)", isShare: true)
      // At fifty servers long waits come in few spells, of which a short run may see none.
      if OracleSize.isFull || servers < 50 {
        share { wait, _ in wait > service }
          .expect(try oracle["p_wait_gt_service"], "\(name): P(wait > S)", isShare: true)
      }
      for (key, tail) in [("response_p99", 0.01), ("response_p50", 0.5)] {
        let quantile = try oracle[key]
        share { $0 + $1 > quantile }.expect(tail, "\(name): beyond \(key)", isShare: true)
      }
      runs.reduce(into: RatioSample()) { $0.add($1.waits.reduce(0, +), of: Double($1.waits.count)) }
        .expect(try oracle["mean_wait"], "\(name): mean wait")
      runs.reduce(into: RatioSample()) {
        $0.add($1.waits.reduce(0, +) + $1.services.reduce(0, +), of: Double($1.waits.count))
      }.expect(try oracle["mean_response"], "\(name): mean response")
    }
  }

  @Test("a single server of any service law")
  func pollaczekKhinchine() throws {
    for oracle in try Oracles.cases("MG1_pollaczek_khinchine") {
      let rate = try oracle["lam"]
      let law = OracleLaws.service(mean: try oracle["service_mean"], cv: try oracle["service_cv"])
      let runs = try replicate { replication in
        waits(rate: rate, service: law, servers: 1, sizes: sizes(settle: 10_000), replication: replication)
      }
      runs.reduce(into: RatioSample()) { $0.add($1.waits.reduce(0, +), of: Double($1.waits.count)) }
        .expect(try oracle["mean_wait"], "wait at \(law)")
      runs.reduce(into: RatioSample()) {
        $0.add($1.waits.reduce(0, +) + $1.services.reduce(0, +), of: Double($1.waits.count))
      }.expect(try oracle["mean_response"], "response at \(law)")
    }
  }

  @Test("a single server that goes away when idle for too long and is set up again")
  func setup() throws {
    for oracle in try Oracles.cases("MG1_keepalive_setup") {
      let (rate, keepAlive) = (try oracle["lam"], try oracle["keepalive"])
      let service = OracleLaws.service(mean: try oracle["service_mean"], cv: try oracle["service_cv"])
      let setup = OracleLaws.service(mean: try oracle["setup_mean"], cv: try oracle["setup_cv"])
      let (settle, requests) = sizes(settle: 2000)
      let runs = try replicate { replication -> (response: Double, cold: Double, idle: Double) in
        var arrivals = RandomStream(seed: 6, replication: replication, purpose: .arrivals)
        var durations = RandomStream(seed: 6, replication: replication, purpose: .durations)
        var setups = RandomStream(seed: 6, replication: replication, purpose: .initialisation)
        var (time, free) = (0.0, 0.0)
        var sums = (response: 0.0, cold: 0.0, idle: 0.0)
        for number in 0..<settle + requests {
          time += arrivals.exponential() / rate
          let isIdle = time > free
          let isCold = isIdle && time - free > keepAlive
          let start = max(time, free) + (isCold ? setup.sample(&setups) : 0)
          free = start + service.sample(&durations)
          guard number >= settle else { continue }
          sums.response += free - time
          if isCold { sums.cold += 1 }
          if isIdle { sums.idle += 1 }
        }
        return sums
      }
      let name = "\(rate)/s"
      runs.reduce(into: RatioSample()) { $0.add($1.response, of: Double(requests)) }
        .expect(try oracle["mean_response"], "\(name): response")
      runs.reduce(into: RatioSample()) { $0.add($1.cold, of: Double(requests)) }
        .expect(try oracle["p_arrival_starts_setup"], "\(name): cold", isShare: true)
      runs.reduce(into: RatioSample()) { $0.add($1.cold, of: $1.idle) }
        .expect(try oracle["p_idle_period_expires"], "\(name): idle periods that expire", isShare: true)
    }
  }

  @Test("variances of time averages: an M/M/1 queue's length, an autoregressive series' mean")
  func variances() throws {
    let statistics = try #require(try Oracles.cases("sample_path_statistics").first).members
    for oracle in try #require(statistics["MM1_queue_length_TAVC"]).list {
      let load = try oracle["rho"]
      // Long against the relaxation time, so that what a finite stretch leaves out is below a hundredth.
      let relaxation = 1 / pow(1 - load.squareRoot(), 2)
      let (settle, stretch) = (10 * relaxation, 200 * relaxation)
      guard OracleSize.isFull || load < 0.6 else { continue }
      let replications = max(40, Int(Double(OracleSize.invocations) / (load * stretch)))
      let mean = load / (1 - load)
      let squares = try replicate(replications) { replication -> Double in
        var stream = RandomStream(seed: 8, replication: replication, purpose: .arrivals)
        var (time, present, area) = (0.0, 0.0, 0.0)
        while time < settle + stretch {
          let rate = load + (present > 0 ? 1 : 0)
          let next = time + stream.exponential() / rate
          area += present * max(0, min(next, settle + stretch) - max(time, settle))
          time = next
          present += stream.uniform() * rate < load ? 1 : -1
        }
        return pow(area / stretch - mean, 2) * stretch
      }
      squares.reduce(into: RatioSample()) { $0.add($1, of: 1) }.expect(try oracle["tavc"], "M/M/1 at \(load)")
    }
    for oracle in try #require(statistics["AR1_variance_of_mean"]).list {
      let (correlation, noise, count) = (try oracle["phi"], try oracle["sigma_e"], try oracle.int("n"))
      let replications = max(100, OracleSize.invocations / count)
      let squares = try replicate(replications) { replication -> Double in
        var stream = RandomStream(seed: 9, replication: replication, purpose: .arrivals)
        var value = noise * stream.normal() / (1 - correlation * correlation).squareRoot()
        var sum = 0.0
        for _ in 0..<count {
          sum += value
          value = correlation * value + noise * stream.normal()
        }
        return pow(sum / Double(count), 2)
      }
      squares.reduce(into: RatioSample()) { $0.add($1, of: 1) }.expect(try oracle["var"], "AR(1) at \(correlation)")
    }
  }

  @Test("rare events: a queue that reaches a length, a pool that reaches a size, before it is empty")
  func rareEvents() throws {
    let statistics = try #require(try Oracles.cases("sample_path_statistics").first).members
    // Excursions of an embedded walk: up with probability `up(level)`. Rarer ones than one in a million are out of reach.
    func expect(_ exact: Double, to top: Int, up: @escaping @Sendable (Int) -> Double) throws {
      guard exact > 1e-6 else { return }
      let excursions = OracleSize.invocations / OracleSize.replications
      let hits = try replicate { replication -> Double in
        var stream = RandomStream(seed: 10, replication: replication, purpose: .arrivals)
        var hits = 0.0
        for _ in 0..<excursions {
          var level = 1
          while level > 0, level < top { level += stream.uniform() < up(level) ? 1 : -1 }
          if level == top { hits += 1 }
        }
        return hits
      }
      hits.reduce(into: RatioSample()) { $0.add($1, of: Double(excursions)) }
        .expect(exact, "reaching \(top)", isShare: true)
    }
    for oracle in try #require(statistics["gamblers_ruin_MM1_hit_b_before_0"]).list {
      let load = try oracle["rho"]
      try expect(try oracle["p"], to: oracle.int("b")) { _ in load / (1 + load) }
    }
    for oracle in try #require(statistics["MMinf_hit_n_before_0_from_1"]).list {
      let load = try oracle["rho"]
      try expect(try oracle["p"], to: oracle.int("n")) { load / (Double($0) + load) }
    }
  }
}
