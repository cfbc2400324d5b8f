import Diagnostics
import Foundation
import Platforms
import Statistics
import TestSupport
import Testing
import Traces
import Units
import Workloads

@testable import Engine
@testable import Planning

/// How many are busy at once where nothing limits them. The engine tells means and peaks; whole laws are counted from the
/// same invocations, as each arrival sees them (Poisson arrivals see time averages).
@Suite("Simulated occupancy against reference values", .enabled(if: Oracles.areHere, Comment(rawValue: Oracles.advice)))
struct OccupancyOracleTests {
  /// How many were running when each arrival from `settle` on came.
  private func seen(_ invocations: (arrivals: [Double], durations: [Double]), from settle: Double) -> [Int] {
    let ends = zip(invocations.arrivals, invocations.durations).map { $0 + $1 }.sorted()
    var ended = 0
    var counts: [Int] = []
    for (index, arrival) in invocations.arrivals.enumerated() {
      while ended < ends.count, ends[ended] <= arrival { ended += 1 }
      if arrival >= settle { counts.append(index - ended) }
    }
    return counts
  }

  @Test("M/G/∞: the law of the number busy, for exponential and constant service")
  func occupancy() throws {
    for oracle in try Oracles.cases("MGinf_occupancy") {
      let (rate, service) = (try oracle["lam"], try oracle["service_mean"])
      guard OracleSize.isFull || rate * service < 200 else { continue }
      let seconds = Double(OracleSize.invocations / OracleSize.replications) / rate + 15 * service
      for law in [Distribution.exponential(mean: service), .constant(service)] {
        let counts = try replicate { replication in
          seen(try drawn(.poisson(rate: rate), law, seconds: seconds, replication: replication), from: 15 * service)
        }
        func share(_ isHit: (Int) -> Bool) -> RatioSample {
          counts.reduce(into: RatioSample()) { $0.add(Double($1.count(where: isHit)), of: Double($1.count)) }
        }
        let mean = counts.reduce(into: RatioSample()) { $0.add(Double($1.reduce(0, +)), of: Double($1.count)) }
        mean.expect(try oracle["mean"], "mean of \(law)")
        share { $0 == 0 }.expect(try oracle["p0"], "none busy, \(law)", isShare: true)
        for (level, probability) in try #require(oracle.members["p_gt"]).members {
          guard case .number(let exact) = probability, let level = Int(level) else { continue }
          share { $0 > level }.expect(exact, "more than \(level) busy, \(law)", isShare: true)
        }
      }
      let outcomes = try OraclePool(
        rate: rate, service: .exponential(mean: service), keepAlive: KeepAlive(.constant(10))
      ).outcomes(settle: 15 * service)
      outcomes.overTime { $0.busyTimeInHorizon }.expect(try oracle["mean"], "mean busy in the engine")
    }
  }

  @Test("M/M/∞ from empty")
  func transient() throws {
    for oracle in try Oracles.cases("MMinf_transient_from_empty") {
      let (rate, service, t) = (try oracle["lam"], try oracle["service_mean"], try oracle["t"])
      // Stretches of length t, each as if nothing had come before it.
      let stretches = OracleSize.invocations / OracleSize.replications / Int((rate * t).rounded(.up))
      let counts = try replicate { replication -> [Int] in
        let seconds = Double(stretches) * t
        let (arrivals, durations) = try drawn(
          .poisson(rate: rate), .exponential(mean: service), seconds: seconds, replication: replication)
        var counts = [Int](repeating: 0, count: stretches)
        for (arrival, duration) in zip(arrivals, durations) {
          let stretch = min(stretches - 1, Int(arrival / t))
          if arrival + duration > Double(stretch + 1) * t { counts[stretch] += 1 }
        }
        return counts
      }
      counts.reduce(into: RatioSample()) { $0.add(Double($1.reduce(0, +)), of: Double($1.count)) }
        .expect(try oracle["mean"], "busy \(t) s after empty")
      counts.reduce(into: RatioSample()) { $0.add(Double($1.count { $0 == 0 }), of: Double($1.count)) }
        .expect(try oracle["p0"], "none busy \(t) s after empty", isShare: true)
    }
  }

  @Test("a sinusoidal rate: the mean busy at moments of its period, exponential and constant service")
  func sinusoid() throws {
    for group in ["Mt_M_inf_sinusoid", "Mt_D_inf_sinusoid"] {
      for oracle in try Oracles.cases(group) {
        let (mean, amplitude, period) = (try oracle["lb"], try oracle["A"], try oracle["period"])
        let isExponential = group == "Mt_M_inf_sinusoid"
        let service = try oracle[isExponential ? "service_mean" : "service"]
        let phase = try oracle["t_mod_period"]
        // The reference's longest period holds 864,000 arrivals; a short run takes one each time.
        guard OracleSize.isFull || period < 1000 else { continue }
        let settle = (20 * service / period).rounded(.up)
        let periods = max(1, (Double(OracleSize.invocations / OracleSize.replications) / mean / period).rounded())
        let seconds = (settle + periods) * period + phase
        let process = ArrivalProcess.nonhomogeneousPoisson(
          rate: mean,
          .sinusoid(
            amplitude: amplitude / mean, period: try #require(TimeSpan(seconds: period)), phase: TimeSpan.zero))
        let busy = try replicate { replication -> Double in
          let (arrivals, durations) = try drawn(
            process, isExponential ? .exponential(mean: service) : .constant(service), seconds: seconds,
            replication: replication)
          var counts = [Int](repeating: 0, count: Int(periods))
          for (arrival, duration) in zip(arrivals, durations) {
            // Moments phase, phase + period, … within [arrival, arrival + duration).
            let first = max(0, ((arrival - phase) / period - settle).rounded(.up))
            let last = min(periods - 1, ((arrival + duration - phase) / period - settle).rounded(.down))
            for moment in stride(from: first, through: last, by: 1) { counts[Int(moment)] += 1 }
          }
          return Double(counts.reduce(0, +))
        }
        busy.reduce(into: RatioSample()) { $0.add($1, of: periods) }
          .expect(try oracle["mean_busy"], "\(group) at \(phase) of \(period) s")
      }
    }
  }

  @Test("the overflow's mean and variance")
  func overflow() throws {
    for oracle in try Oracles.cases("overflow_moments_kosten_riordan") {
      let (offered, limit) = (try oracle["offered"], try oracle.int("c"))
      let seconds = Double(OracleSize.invocations / OracleSize.replications) / offered + 20
      let mean = try oracle["overflow_mean"]
      let sums = try replicate { replication -> (sum: Double, squares: Double, count: Double) in
        let (arrivals, durations) = try drawn(
          .poisson(rate: offered), .exponential(mean: 1), seconds: seconds, replication: replication)
        var primary = [Double](repeating: 0, count: limit)
        var overflow: [Double] = []
        var sums = (sum: 0.0, squares: 0.0, count: 0.0)
        for (arrival, duration) in zip(arrivals, durations) {
          overflow.removeAll { $0 <= arrival }
          if arrival >= 20 {
            let busy = Double(overflow.count)
            sums = (sums.sum + busy, sums.squares + (busy - mean) * (busy - mean), sums.count + 1)
          }
          if let free = primary.firstIndex(where: { $0 <= arrival }) {
            primary[free] = arrival + duration
          } else {
            overflow.append(arrival + duration)
          }
        }
        return sums
      }
      sums.reduce(into: RatioSample()) { $0.add($1.sum, of: $1.count) }.expect(mean, "mean overflow")
      sums.reduce(into: RatioSample()) { $0.add($1.squares, of: $1.count) }
        .expect(try oracle["overflow_variance"], "its variance")
      sums.reduce(into: RatioSample()) { $0.add($1.squares, of: $1.sum) }
        .expect(try oracle["peakedness"], "its peakedness")
      // The engine's on-demand environments behind provisioned ones are such an overflow.
      let outcomes = try OraclePool(
        rate: offered, service: .exponential(mean: 1), keepAlive: KeepAlive(.constant(10)), provisioned: limit
      ).outcomes(settle: 20)
      outcomes.overTime { $0.busyTimeInHorizon - $0.provisionedBusyTimeInHorizon }
        .expect(mean, "mean busy on demand")
    }
  }

  @Test("the variance of the mean number busy over a stretch of time")
  func varianceOfTimeAverage() throws {
    let statistics = try #require(try Oracles.cases("sample_path_statistics").first).members
    for oracle in try #require(statistics["MMinf_time_average_variance"]).list {
      let (mean, mu, seconds) = (try oracle["rho"], try oracle["mu"], try oracle["T"])
      let minutes = Int64((15 / mu / 60).rounded(.up))
      var pool = Pool(
        rate: mean * mu, service: .exponential(mean: 1 / mu), keepAlive: 10,
        horizon: try #require(TimeSpan(seconds: Double(minutes) * 60 + seconds)))
      pool.limit = nil
      let replications = max(60, OracleSize.invocations / Int(mean * mu * seconds))
      let squares = try Replications(
        pool.simulation(seed: 7), jobs: ProcessInfo.processInfo.activeProcessorCount, warmUp: .minutes(minutes)
      ).run(0..<replications) { (_, outcome) throws(InputFault) -> Double in
        let average = Double(outcome.totals.busyTimeInHorizon) / Double(outcome.horizon.nanoseconds)
        return (average - mean) * (average - mean)
      }
      squares.reduce(into: RatioSample()) { $0.add($1, of: 1) }.expect(try oracle["var"], "variance over \(seconds) s")
    }
  }
}
