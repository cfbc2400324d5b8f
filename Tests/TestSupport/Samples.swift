import Diagnostics
package import Statistics
package import Units

@testable package import Workloads

/// All arrivals of a process before a horizon, in seconds.
package func arrivalTimes(
  _ process: ArrivalProcess, before horizon: TimeSpan, seed: UInt64 = 1, start: Int64? = nil
) throws -> [Double] {
  try invocations(process, before: horizon, seed: seed, start: start).arrivals.map { Double($0) / 1e9 }
}

/// All invocations of a process before a horizon, in one go.
package func invocations(
  _ process: ArrivalProcess, before horizon: TimeSpan, seed: UInt64 = 1, start: Int64? = nil,
  duration: Distribution = .constant(0)
) throws -> InvocationBlock {
  let workload = try Workload.synthetic(
    SyntheticWorkload(
      horizon: horizon, start: start, functions: [.init(name: "f", arrivals: process, duration: duration)]),
    title: "test")
  var block = InvocationBlock()
  if case .generated(let generated) = workload.feed {
    var generator = generated.generator(0, seed, 0)
    generator.generate(until: generated.horizon, into: &block)
  }
  return block
}

/// Sample mean and standard deviation.
package func moments(_ values: [Double]) -> (mean: Double, deviation: Double) {
  let mean = values.reduce(0, +) / Double(values.count)
  let square = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
  return (mean, (square / Double(values.count - 1)).squareRoot())
}

package func gaps(_ times: [Double]) -> [Double] { zip(times.dropFirst(), times).map { $0 - $1 } }

/// Variance over mean of the counts in windows of length `window`.
package func dispersion(_ times: [Double], window: Double, horizon: Double) -> Double {
  var counts = [Double](repeating: 0, count: Int(horizon / window))
  for time in times where Int(time / window) < counts.count { counts[Int(time / window)] += 1 }
  let (mean, deviation) = moments(counts)
  return deviation * deviation / mean
}

/// Kolmogorov's distance of a sample from a law, times √n: above 1.95 once in a thousand samples.
package func kolmogorov(_ sample: [Double], _ cdf: (Double) -> Double) -> Double {
  let n = Double(sample.count)
  var distance = 0.0
  for (index, value) in sample.sorted().enumerated() {
    let p = cdf(value)
    distance = max(distance, p - Double(index) / n, Double(index + 1) / n - p)
  }
  return distance * n.squareRoot()
}

/// Whether a value is within `tolerance` of what is expected.
package func near(_ value: Double, _ expected: Double, _ tolerance: Double) -> Bool {
  (value - expected).magnitude < tolerance
}
