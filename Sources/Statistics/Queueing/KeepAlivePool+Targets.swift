/// The questions turned round: what it takes to stay within a share of cold starts.
extension KeepAlivePool {
  /// The shortest keep-alive in seconds with at most a share `target` of cold starts, to 1e-9 relative.
  ///
  /// Throws when more than a thousand years would be needed: at the highest levels, environments are always new.
  public func keepAlive(forColdProbability target: Double) throws(ParameterOutOfRange) -> Double {
    try requireProbability(target, "target")
    return try Self.smallest(from: keepAlive, in: 1e-9...3e10, "a target that a keep-alive of 1000 years meets") {
      (seconds) throws(ParameterOutOfRange) in
      try KeepAlivePool(rate: rate, service: service, keepAlive: seconds, limit: limit).coldProbability <= target
    }
  }

  /// The smallest rate per second with at most a share `target` of cold starts, to 1e-9 relative; its inverse is the
  /// longest mean gap between Poisson arrivals. Without a limit only: rejections would help to reach the target.
  public static func rate(
    forColdProbability target: Double, service: Double, keepAlive: Double
  ) throws(ParameterOutOfRange) -> Double {
    try requireProbability(target, "target")
    // Refuses what cannot be, and starts where a single environment would do.
    let start = try KeepAlivePool(rate: 1e-3 / service, service: service, keepAlive: keepAlive)
    return try smallest(
      from: 1 / start.keepAlive, in: 1e-15...min(1e12, largestOfferedLoad / service),
      "a target that \(Int(largestOfferedLoad)) Erlang meet"
    ) { (rate) throws(ParameterOutOfRange) in
      try KeepAlivePool(rate: rate, service: service, keepAlive: keepAlive).coldProbability <= target
    }
  }

  /// The smallest value from which on a condition holds: a bracket that doubles away from `start`, then halves.
  private static func smallest(
    from start: Double, in range: ClosedRange<Double>, _ expected: String,
    where holds: (Double) throws(ParameterOutOfRange) -> Bool
  ) throws(ParameterOutOfRange) -> Double {
    var high = min(max(start, range.lowerBound), range.upperBound)
    while try !holds(high) {
      guard high < range.upperBound else {
        throw ParameterOutOfRange(parameter: "target", found: "one out of reach", expected: expected)
      }
      high = min(high * 4, range.upperBound)
    }
    var low = high / 4
    while low > range.lowerBound, try holds(low) {
      high = low
      low /= 4
    }
    while high - low > 1e-10 * high {
      let middle = low + (high - low) / 2
      if try holds(middle) { high = middle } else { low = middle }
    }
    return high
  }
}
