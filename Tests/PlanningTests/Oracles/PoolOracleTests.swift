import Logs
import Platforms
import Statistics
import TestSupport
import Testing
import Units
import Workloads

@testable import Engine

/// The engine against reference values of pools: each figure within four standard errors.
@Suite("Simulated pools against reference values", .enabled(if: Oracles.areHere, Comment(rawValue: Oracles.advice)))
struct PoolOracleTests {
  @Test("most recently used reuse and fixed keep-alive, without and with a limit")
  func fixedKeepAlive() throws {
    for group in ["pool_mru_deterministic_keepalive", "pool_mru_deterministic_keepalive_limit_loss"] {
      for oracle in try Oracles.cases(group) {
        let (service, keepAlive) = (try oracle["service_mean"], try oracle["tau"])
        let pool = OraclePool(
          rate: try oracle["lam"], service: .exponential(mean: service), keepAlive: KeepAlive(.constant(keepAlive)),
          limit: oracle.members["limit"] == nil ? nil : try oracle.int("limit"))
        guard OracleSize.isFull || pool.rate * service < 200 else { continue }
        for isAccountLimit in pool.limit == nil ? [false] : [false, true] {
          var pool = pool
          pool.isAccountLimit = isAccountLimit
          let outcomes = try pool.outcomes(settle: keepAlive + 15 * service)
          #expect(outcomes.allSatisfy { $0.execution == (isAccountLimit ? .coupled : .independent) })
          let name = "\(group) \(pool.rate)/s\(isAccountLimit ? ", the account's" : "")"
          outcomes.share({ $0.coldStarts }, of: { $0.starts })
            .expect(try oracle["p_cold_of_served"], "\(name): cold", isShare: true)
          outcomes.share({ $0.throttles }, of: { $0.arrivals })
            .expect(try oracle["p_reject"], "\(name): rejections", isShare: true)
          outcomes.overTime { $0.idleTimeInHorizon }.expect(try oracle["mean_idle"], "\(name): idle")
          outcomes.overTime { $0.busyTimeInHorizon }.expect(try oracle["mean_busy"], "\(name): busy")
        }
      }
    }
  }

  @Test("the published example of SimFaaS, whose exact values are known")
  func published() throws {
    let example = try #require(try Oracles.cases("published").first?.members["simfaas_readme_example"])
    let exact = try #require(example.members["exact_here"])
    let outcomes = try OraclePool(
      rate: example["lam"], service: .exponential(mean: example["warm"]),
      keepAlive: KeepAlive(.constant(example["tau"]))
    ).outcomes(settle: 700)
    outcomes.share({ $0.coldStarts }, of: { $0.starts }).expect(try exact["p_cold_of_served"], "cold", isShare: true)
    outcomes.overTime { $0.idleTimeInHorizon }.expect(try exact["mean_idle"], "idle")
    outcomes.overTime { $0.busyTimeInHorizon }.expect(try exact["mean_busy"], "busy")
  }

  @Test("exponential keep-alive")
  func exponentialKeepAlive() throws {
    for oracle in try Oracles.cases("pool_exponential_keepalive_any_policy") {
      let (service, keepAlive) = (try oracle["service_mean"], try oracle["keepalive_mean"])
      let outcomes = try OraclePool(
        rate: oracle["lam"], service: .exponential(mean: service),
        keepAlive: KeepAlive(.exponential(mean: keepAlive))
      ).outcomes(settle: 12 * (keepAlive + service))
      outcomes.share({ $0.coldStarts }, of: { $0.starts }).expect(try oracle["p_cold"], "cold", isShare: true)
      outcomes.overTime { $0.idleTimeInHorizon }.expect(try oracle["mean_idle"], "idle")
      outcomes.overTime { $0.busyTimeInHorizon }.expect(try oracle["mean_busy"], "busy")
    }
  }

  @Test("setup bound to its request")
  func setupBound() throws {
    for oracle in try Oracles.cases("pool_exponential_keepalive_setup_bound") {
      let (service, keepAlive, setup) = (
        try oracle["service_mean"], try oracle["keepalive_mean"], try oracle["setup_mean"]
      )
      let outcomes = try OraclePool(
        rate: oracle["lam"], service: .exponential(mean: service),
        keepAlive: KeepAlive(.exponential(mean: keepAlive)), setup: .exponential(mean: setup)
      ).outcomes(settle: 12 * (keepAlive + service + setup))
      outcomes.share({ $0.coldStarts }, of: { $0.starts }).expect(try oracle["p_cold"], "cold", isShare: true)
      outcomes.overTime { $0.initDuration.sum }.expect(try oracle["mean_setup"], "in setup")
      outcomes.overTime { $0.busyTimeInHorizon }.expect(
        try oracle["mean_busy"] + oracle["mean_setup"], "busy and in setup")
      outcomes.overTime { $0.idleTimeInHorizon }.expect(try oracle["mean_idle"], "idle")
      outcomes.reduce(into: RatioSample()) { $0.add(Double($1.totals.latency.sum) / 1e9, of: Double($1.totals.starts)) }
        .expect(try oracle["mean_response"], "response")
    }
  }

  @Test("provisioned concurrency before an on-demand pool")
  func provisioned() throws {
    for group in ["pool_provisioned_then_mru", "provisioned_concurrency_curve_lam2_S1_tau60"] {
      for oracle in try Oracles.cases(group) {
        let isCurve = oracle.members["lam"] == nil
        let keepAlive = isCurve ? 60 : try oracle["tau"]
        let outcomes = try OraclePool(
          rate: isCurve ? 2 : oracle["lam"], service: .exponential(mean: isCurve ? 1 : oracle["service_mean"]),
          keepAlive: KeepAlive(.constant(keepAlive)), provisioned: oracle.int("provisioned")
        ).outcomes(settle: keepAlive + 15)
        let name = "\(group), \(try oracle.int("provisioned")) provisioned"
        outcomes.share({ $0.starts - $0.provisionedStarts }, of: { $0.starts })
          .expect(try oracle["p_spill"], "\(name): spill", isShare: true)
        outcomes.share({ $0.coldStarts }, of: { $0.starts }).expect(
          try oracle["p_cold"], "\(name): cold", isShare: true)
        // On-demand time comes in few and long pieces where little spills; their number bounds what can be told.
        let spilled = outcomes.reduce(0) { $0 + $1.totals.starts - $1.totals.provisionedStarts }
        guard spilled > 100 else { continue }
        outcomes.overTime { $0.idleTimeInHorizon }.expect(try oracle["mean_idle_ondemand"], "\(name): idle")
        guard oracle.members["mean_busy_ondemand"] != nil else { continue }
        outcomes.overTime { $0.busyTimeInHorizon - $0.provisionedBusyTimeInHorizon }
          .expect(try oracle["mean_busy_ondemand"], "\(name): busy on demand")
      }
    }
  }

  @Test("Erlang's loss, and the time between rejections")
  func loss() throws {
    for oracle in try Oracles.cases("erlangB_loss") {
      let offered = try oracle["offered"]
      guard OracleSize.isFull || offered < 200 else { continue }
      let outcomes = try OraclePool(
        rate: offered, service: .exponential(mean: 1), keepAlive: KeepAlive(.constant(10)), limit: oracle.int("c")
      ).outcomes(settle: 30)
      outcomes.share({ $0.throttles }, of: { $0.arrivals })
        .expect(try oracle["p_block"], "loss of \(offered) Erlang", isShare: true)
      outcomes.overTime { $0.busyTimeInHorizon }.expect(try oracle["mean_busy"], "busy of \(offered) Erlang")
    }
    let statistics = try #require(try Oracles.cases("sample_path_statistics").first).members
    for oracle in try #require(statistics["mean_time_MMinf_reach_n_plus_1_from_n"]).list {
      let (rate, mu) = (try oracle["lam"], try oracle["mu"])
      let outcomes = try OraclePool(
        rate: rate, service: .exponential(mean: 1 / mu), keepAlive: KeepAlive(.constant(10)), limit: oracle.int("n")
      ).outcomes(settle: 30)
      outcomes.reduce(into: RatioSample()) {
        $0.add(Double($1.horizon.nanoseconds) / 1e9, of: Double($1.totals.throttles))
      }
      .expect(try oracle["check_1_over_lamB"], "time between rejections")
    }
  }

  @Test("service laws, gaps and reuse orders that only another simulation has answered")
  func longSimulation() throws {
    func law(_ name: String, mean: Double) throws -> Distribution {
      switch name.split(separator: ":").first {
      case "det": return .constant(mean)
      case "exp": return .exponential(mean: mean)
      case "ln":
        let cv = try #require(name.split(separator: ":").last.flatMap { Double($0) })
        return try #require(try? Distribution.gap(law: .lognormal, rate: 1 / mean, cv: cv))
      case "gam":
        let cv = try #require(name.split(separator: ":").last.flatMap { Double($0) })
        return try #require(try? Distribution.gap(law: .gamma, rate: 1 / mean, cv: cv))
      default:
        Issue.record("unknown law \(name)")
        return .constant(mean)
      }
    }
    let orders = ["mru": ReuseOrder.mostRecentlyUsed, "newest": .newestCreated, "random": .random]
    let cases = try #require(try Oracles.cases("pool_reference_by_long_simulation").first?.members["cases"]).list
    for oracle in cases {
      let (rate, keepAlive) = (try oracle["lam"], try oracle["keepalive"])
      let gap = try law(oracle.members["arrival"]?.text ?? "", mean: 1 / rate)
      let pool = OraclePool(
        rate: rate, service: try law(oracle.members["service_dist"]?.text ?? "", mean: oracle["service_mean"]),
        keepAlive: KeepAlive(.constant(keepAlive)),
        reuse: try #require(orders[oracle.members["reuse"]?.text ?? ""]),
        setup: try law(oracle.members["setup_dist"]?.text ?? "", mean: oracle["setup_mean"]),
        arrivals: .renewal(gap: gap, start: .equilibrium))
      // Orders other than most recently used remember for as long as environments live.
      let outcomes = try pool.outcomes(settle: pool.reuse == .mostRecentlyUsed ? 2 * keepAlive : 20 * keepAlive)
      let name = "\(rate)/s, \(pool.service), \(pool.reuse)"
      outcomes.share({ $0.coldStarts }, of: { $0.starts })
        .expect(try oracle["pcold"], "\(name): cold", isShare: true, known: try oracle["pcold_se"])
      outcomes.overTime { $0.idleTimeInHorizon }
        .expect(try oracle["idle"], "\(name): idle", known: try oracle["idle_se"])
      outcomes.overTime { $0.busyTimeInHorizon }
        .expect(
          try oracle["busy"] + oracle["setup"], "\(name): busy", known: try oracle["busy_se"] + oracle["setup_se"])
    }
  }

  @Test("one environment between renewals")
  func renewal() throws {
    for oracle in try Oracles.cases("renewal_single_instance_prewarm_keepalive") where try oracle["prewarm"] == 0 {
      let name = oracle.members["iat"]?.text ?? ""
      let gap = try #require(OracleLaws.gaps[name], "no law \(name)")
      let (service, keepAlive) = (try oracle["service"], try oracle["keepalive"])
      let outcomes = try OraclePool(
        rate: 1 / gap.mean, service: .constant(service), keepAlive: KeepAlive(.constant(keepAlive)),
        arrivals: .renewal(gap: gap, start: .equilibrium)
      ).outcomes(settle: 20 * (gap.mean + keepAlive))
      // Arrivals that a clock of 53 bits cannot tell apart at the end of years are simultaneous, and take an environment
      // each where the reference, whose services take no time, needs one. Only a law without bound at zero has any.
      let horizon = Double(try #require(outcomes.first).horizon.nanoseconds) / 1e9
      let simultaneous = 1 - gap.survival(max(horizon.ulp, 1e-9))
      outcomes.share({ $0.coldStarts }, of: { $0.starts })
        .expect(try oracle["p_cold"], "\(name): cold", isShare: true, excess: simultaneous)
      outcomes.reduce(into: RatioSample()) {
        $0.add(Double($1.totals.idleTimeInHorizon) / 1e9, of: Double($1.totals.starts))
      }.expect(
        try oracle["mean_warm_idle_per_request"], "\(name): idle for each request", excess: simultaneous * keepAlive)
    }
  }

  @Test("billed milliseconds")
  func billing() throws {
    for oracle in try Oracles.cases("billed_duration_mean") where try oracle["granularity_ms"] == 1 {
      let outcomes = try OraclePool(
        rate: 1, service: .exponential(mean: oracle["mean_ms"] / 1000), keepAlive: KeepAlive(.constant(10))
      ).outcomes(settle: 0)
      outcomes.reduce(into: RatioSample()) {
        $0.add(Double($1.totals.billedMilliseconds), of: Double($1.totals.starts))
      }.expect(try oracle["mean_billed_ms"], "billed")
    }
  }
}
