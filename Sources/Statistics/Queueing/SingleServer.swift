import Glibc

/// Poisson arrivals at a single execution environment with a queue before it (M/G/1): reserved concurrency 1 behind an
/// asynchronous source. The environment stays for `keepAlive` after it runs empty; an arrival that finds none sets one
/// up and waits for it, and so do those that come meanwhile.
public struct SingleServer: Equatable, Sendable {
  /// A duration by its first two moments.
  public struct Moments: Equatable, Sendable {
    /// In seconds.
    public var mean: Double
    /// Standard deviation over mean.
    public var cv: Double

    public init(mean: Double, cv: Double) {
      self.mean = mean
      self.cv = cv
    }

    /// E[X²] in seconds squared.
    var second: Double { mean * mean * (1 + cv * cv) }
  }

  /// Arrivals per second.
  public let rate: Double
  public let service: Moments
  /// Setup time of a new environment; mean zero for one that is always there.
  public let setup: Moments
  /// Seconds that the idle environment stays; infinite for one that is always there.
  public let keepAlive: Double

  /// `rate` × mean service is below one; `keepAlive` is not negative.
  public init(
    rate: Double, service: Moments, setup: Moments = Moments(mean: 0, cv: 0), keepAlive: Double = .infinity
  ) throws(ParameterOutOfRange) {
    try requireLoad(rate: rate, service: service.mean)
    try requireNotNegative(service.cv, "service cv")
    try requireNotNegative(setup.mean, "setup time")
    try requireNotNegative(setup.cv, "setup cv")
    guard keepAlive >= 0 else {
      throw ParameterOutOfRange(parameter: "keep-alive", found: "\(keepAlive)", expected: "zero or more")
    }
    guard rate * service.mean < 1 else {
      throw ParameterOutOfRange(
        parameter: "rate times service time", found: "\(rate * service.mean) Erlang",
        expected: "below 1 Erlang, or else the queue grows for ever")
    }
    self.rate = rate
    self.service = service
    self.setup = setup
    self.keepAlive = keepAlive
  }

  public var utilisation: Double { rate * service.mean }

  /// The chance that an idle environment ends before the next arrival.
  public var expiryProbability: Double { exp(-rate * keepAlive) }

  /// Mean wait of the environment that is always there (Pollaczek and Khinchine), in seconds.
  public var pollaczekKhinchineWait: Double { rate * service.second / (2 * (1 - utilisation)) }

  /// What setups add to the mean wait: queue with server vacations that begin with an arrival (P. D. Welch, "On a
  /// generalized M/G/1 queuing process in which the first customer of each busy period receives exceptional service",
  /// Operations Research 12, 1964), setups happening to a share of the busy periods.
  public var setupWait: Double {
    let p = expiryProbability
    return p * (2 * setup.mean + rate * setup.second) / (2 * (1 + p * rate * setup.mean))
  }

  /// Mean wait before service, setup included, in seconds.
  public var meanWait: Double { pollaczekKhinchineWait + setupWait }
  /// Mean of waiting and service together, in seconds.
  public var meanResponse: Double { meanWait + service.mean }
  /// Mean number of requests waiting or served.
  public var meanPresent: Double { rate * meanResponse }
  /// The share of arrivals that find no environment and start one.
  public var coldProbability: Double {
    expiryProbability * (1 - utilisation) / (1 + rate * expiryProbability * setup.mean)
  }
}
