import Platforms
import Statistics
import Units

/// A random small scenario, ties and zero durations included: a pure function of its seed.
struct RandomScenario {
  var script: ScriptedWorkload
  var platform: Platform

  init(seed: UInt64, limit: Int?) {
    var stream = RandomStream(seed: seed, purpose: .resampling)
    func pick<T>(_ choices: [T]) -> T { choices[stream.index(below: choices.count)] }

    let horizon = Int64(pick([0.5, 10, 90, 600])) * 1_000_000_000 + 500_000_000
    let grain: Int64 = pick([1, 1_000_000, 1_000_000_000])
    var functions: [String: [(arrival: Int64, duration: Int64)]] = [:]
    for index in 0..<pick([1, 2, 5]) {
      let count = pick([0, 1, 5, 40, 200])
      let meanDuration = pick([0, 0.05, 2, 20])
      functions["f\(index)"] = (0..<count).map { _ in
        let arrival = Int64(stream.uniform() * Double(horizon)) / grain * grain
        return (arrival, Int64(stream.exponential() * meanDuration * 1e9) / grain * grain)
      }
    }
    script = ScriptedWorkload(horizon: horizon, functions: functions)

    let laws: [Distribution] = [
      .constant(0), .constant(3), .constant(60), .uniform(lower: 1, upper: 9), .exponential(mean: 5),
    ]
    let reserved = pick([nil, nil, 0, 2, 30])
    let provisioned = pick([0, 0, 0, 1, 3])
    let timeout = pick([nil, nil, 1.0])
    platform = barePlatform(
      keepAlive: KeepAlive(pick(laws), deeper: pick([nil, nil] + laws)), reuse: pick(ReuseOrder.allCases), limit: limit,
      maximumLifetime: pick([nil, nil, .constant(7), .uniform(lower: 5, upper: 50)]),
      initDuration: pick([.constant(0), .constant(0.5), .exponential(mean: 0.3)])
    ) {
      $0.reservedConcurrency = reserved
      $0.provisionedConcurrency = reserved.map { min($0, provisioned) } ?? provisioned
      $0.timeout = timeout.flatMap { TimeSpan(seconds: $0) }
    }
  }
}
