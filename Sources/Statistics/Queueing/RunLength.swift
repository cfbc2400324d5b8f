import Glibc

/// How much chance is left in the time averages and rare events of reference models: what a run of given length can tell.
public enum RunLength {
  /// The M/M/1 queue's asymptotic variance: that of the mean number present over `t` seconds is about this over t.
  /// `rate` × `service` is below one. W. Whitt, "Planning queueing simulations", Management Science 35, 1989.
  public static func singleServerVarianceConstant(rate: Double, service: Double) throws(ParameterOutOfRange) -> Double {
    let load = rate * service
    try requireLoad(rate: rate, service: service)
    try requireBelowOne(load)
    return 2 * load * (1 + load) / pow(1 - load, 4) * service
  }

  /// Variance of the mean of `count` values that each carry over a share `correlation` of the one before and add noise
  /// with standard deviation `noise` (AR(1)).
  public static func autoregressiveMeanVariance(
    correlation: Double, noise: Double, count: Int
  ) throws(ParameterOutOfRange) -> Double {
    guard abs(correlation) < 1 else {
      throw ParameterOutOfRange(parameter: "correlation", found: "\(correlation)", expected: "between -1 and 1")
    }
    try requirePositive(noise, "noise")
    try requireCount(count, "count", in: 1...Int.max)
    let left = 1 - correlation
    let n = Double(count)
    let sum = (1 + correlation) / left - 2 * correlation * (1 - pow(correlation, n)) / (n * left * left)
    return noise * noise / (1 - correlation * correlation) / n * sum
  }

  /// The chance that an M/M/1 queue with one request present reaches `level` before it runs empty.
  public static func singleServerOverflow(load: Double, level: Int) throws(ParameterOutOfRange) -> Double {
    try requirePositive(load, "load")
    try requireBelowOne(load)
    try requireCount(level, "level")
    return (1 / load - 1) / expm1(-Double(level) * log(load))
  }

  /// The chance that, of unlimited environments with one busy, `level` are busy at once before none is (M/M/∞).
  public static func unlimitedOverflow(offered: Double, level: Int) throws(ParameterOutOfRange) -> Double {
    try requireLoad(offered)
    try requireCount(level, "level")
    var term = 1.0
    var sum = 0.0
    for k in 0..<level {
      sum += term
      guard sum < .infinity else { return 0 }
      term *= Double(k + 1) / offered
    }
    return 1 / sum
  }

  private static func requireBelowOne(_ load: Double) throws(ParameterOutOfRange) {
    guard load < 1 else {
      throw ParameterOutOfRange(
        parameter: "load", found: "\(load) Erlang", expected: "below 1 Erlang, or else the queue grows for ever")
    }
  }
}
