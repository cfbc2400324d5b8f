import ArgumentParser
import Statistics

struct EstimateLoss: EstimateSubcommand {
  static let configuration = CommandConfiguration(
    commandName: "loss", abstract: "Rejections at a concurrency limit (Erlang B), and what spills over it.",
    discussion: "Assumes Poisson arrivals; the share of rejections holds for every law of the service time.")

  @OptionGroup var traffic: EstimateTraffic
  @Option(help: "Concurrency limit.")
  var limit: Int?
  @Option(help: "Find the smallest limit with at most this share of rejections.", transform: EstimateReading.share)
  var targetLoss: Double?
  @OptionGroup var format: EstimateFormat

  func validate() throws {
    guard (limit == nil) != (targetLoss == nil) else {
      throw ValidationError("expected one of --limit and --target-loss")
    }
  }

  func table() throws -> EstimateTable {
    var table = EstimateTable("loss", assumes: "Poisson arrivals; service of any law but for variance and peakedness")
    table.parameters = traffic.parameters
    if let targetLoss { table.parameters.append(.init("target rejections", targetLoss, "share")) }
    // Checks the rate and the time one by one before they become a load.
    _ = try InfiniteServer(rate: traffic.rate, service: .exponential(mean: traffic.service))
    let offered = traffic.rate * traffic.service
    let found = try limit ?? LossSystem.smallestLimit(offered: offered, blocking: targetLoss ?? 0)
    let system = try LossSystem(offered: offered, limit: found)
    table.add("limit", Double(found), "", .exact)
    table.add("rejections", system.blocking, "share", .exact)
    table.add("busy", system.meanBusy, "environments", .exact)
    if found > 0 { table.add("utilisation", system.meanBusy / Double(found), "share", .exact) }
    table.add("mean time between rejections", system.meanTimeBetweenRejections * traffic.service, "s", .exact)
    table.add("overflow mean", system.overflowMean, "Erlang", .exact)
    table.add("overflow variance", system.overflowVariance, "Erlang^2", .exact)
    table.add("overflow peakedness", system.overflowPeakedness, "", .exact)
    return table
  }
}

struct EstimateQueue: EstimateSubcommand {
  static let configuration = CommandConfiguration(
    commandName: "queue", abstract: "Waiting before a concurrency limit that queues (Erlang C).",
    discussion: "Assumes Poisson arrivals, exponential service times, first in first out.")

  @OptionGroup var traffic: EstimateTraffic
  @Option(help: "Concurrency limit.")
  var limit: Int?
  @Option(help: "Find the smallest limit with at most this mean wait.", transform: EstimateReading.time)
  var targetWait: Double?
  @Option(help: "Also the share of requests that take longer than this.", transform: EstimateReading.time)
  var tail: Double?
  @OptionGroup var format: EstimateFormat

  func validate() throws {
    guard (limit == nil) != (targetWait == nil) else {
      throw ValidationError("expected one of --limit and --target-wait")
    }
  }

  func table() throws -> EstimateTable {
    var table = EstimateTable("queue", assumes: "Poisson arrivals, exponential service, first in first out")
    table.parameters = traffic.parameters
    if let targetWait { table.parameters.append(.init("target mean wait", targetWait, "s")) }
    let found =
      try limit
      ?? WaitingQueue.smallestLimit(rate: traffic.rate, service: traffic.service, meanWait: targetWait ?? 0)
    let queue = try WaitingQueue(rate: traffic.rate, service: traffic.service, limit: found)
    table.add("limit", Double(found), "", .exact)
    table.add("utilisation", queue.utilisation, "share", .exact)
    table.add("requests that wait", queue.waitProbability, "share", .exact)
    table.add("mean wait", queue.meanWait, "s", .exact)
    table.add("mean waiting", queue.meanWaiting, "requests", .exact)
    table.add("mean response", queue.meanResponse, "s", .exact)
    for (name, share) in [("p50", 0.5), ("p90", 0.9), ("p95", 0.95), ("p99", 0.99), ("p99.9", 0.999)] {
      table.add("response \(name)", try queue.responseQuantile(share), "s", .exact)
    }
    if let tail {
      table.parameters.append(.init("tail", tail, "s"))
      table.add("responses above tail", queue.response(above: tail), "share", .exact)
    }
    return table
  }
}

struct EstimateSingle: EstimateSubcommand {
  static let configuration = CommandConfiguration(
    commandName: "single", abstract: "One environment with a queue: reserved concurrency 1 behind an event source.",
    discussion: "Assumes Poisson arrivals; service and setup times of any law with the given mean and cv.")

  @OptionGroup var traffic: EstimateTraffic
  @Option(help: "Standard deviation over mean of the service time.")
  var serviceCV = 1.0
  @Option(help: "Mean setup time; none when left out.", transform: EstimateReading.time)
  var setup: Double?
  @Option(help: "Standard deviation over mean of the setup time.")
  var setupCV = 0.0
  @Option(help: "How long the idle environment stays; for ever when left out.", transform: EstimateReading.time)
  var keepAlive: Double?
  @OptionGroup var format: EstimateFormat

  func table() throws -> EstimateTable {
    var table = EstimateTable("single", assumes: "Poisson arrivals, service and setup of any law, first in first out")
    table.parameters = traffic.parameters + [.init("service cv", serviceCV, "")]
    if let setup { table.parameters += [.init("setup", setup, "s"), .init("setup cv", setupCV, "")] }
    if let keepAlive { table.parameters.append(.init("keep-alive", keepAlive, "s")) }
    let server = try SingleServer(
      rate: traffic.rate, service: .init(mean: traffic.service, cv: serviceCV),
      setup: .init(mean: setup ?? 0, cv: setupCV), keepAlive: keepAlive ?? .infinity)
    table.add("utilisation", server.utilisation, "share", .exact)
    table.add("cold starts", server.coldProbability, "share", .exact)
    table.add("mean wait", server.meanWait, "s", .exact)
    table.add("mean wait for setups", server.setupWait, "s", .exact)
    table.add("mean response", server.meanResponse, "s", .exact)
    table.add("mean present", server.meanPresent, "requests", .exact)
    return table
  }
}

struct EstimateOccupancy: EstimateSubcommand {
  static let configuration = CommandConfiguration(
    commandName: "occupancy", abstract: "How many environments are busy at once, without a limit.",
    discussion: """
      Assumes Poisson arrivals; the service time has the given law. The number busy is Poisson at every instant, also \
      after a start from empty (--after) and under a rate that swings as rate + amplitude × sin(2π t / period).
      """)

  @Option(help: "Requests per second, or such as 30/m.", transform: EstimateReading.rate)
  var rate: Double
  @Option(
    help: "Law of the service time: a mean, such as 200ms, or such as gamma:mean=200ms,cv=2.",
    transform: EstimateReading.law)
  var service: Distribution
  @Option(help: "This long after the first instant of an empty system.", transform: EstimateReading.time)
  var after: Double?
  @Option(help: "Swing of the rate, per second.", transform: EstimateReading.rate)
  var amplitude: Double?
  @Option(help: "Period of the swing, such as 24h.", transform: EstimateReading.time)
  var period: Double?
  @Option(help: "Instant within the period (default: its beginning).", transform: EstimateReading.time)
  var at: Double?
  @OptionGroup var format: EstimateFormat

  func validate() throws {
    guard (amplitude == nil) == (period == nil), at == nil || period != nil else {
      throw ValidationError("--amplitude and --period go together, and --at with them")
    }
    guard after == nil || period == nil else { throw ValidationError("--after does not go with --period") }
  }

  func table() throws -> EstimateTable {
    var table = EstimateTable("occupancy", assumes: "Poisson arrivals, no limit")
    let system = try InfiniteServer(rate: rate, service: service)
    table.parameters = [.init("rate", rate, "/s"), .init("mean service", service.mean, "s")]
    var mean = system.offered
    if let after {
      table.parameters.append(.init("after", after, "s"))
      mean = system.meanBusy(secondsFromEmpty: after)
    }
    if let amplitude, let period {
      let swing = try SinusoidalRate(mean: rate, amplitude: amplitude, period: period)
      let instant = at ?? 0
      table.parameters += [
        .init("amplitude", amplitude, "/s"), .init("period", period, "s"), .init("at", instant, "s"),
      ]
      table.add("rate at that instant", swing.rate(at: instant), "/s", .exact)
      mean = try swing.meanBusy(at: instant, service: service)
    }
    let law = try PoissonLaw(mean: mean)
    table.add("busy", mean, "environments", .exact)
    table.add("standard deviation", mean.squareRoot(), "environments", .exact)
    table.add("none busy", law.probability(of: 0), "share of time", .exact)
    for (name, share) in [("p50", 0.5), ("p99", 0.99), ("p99.9", 0.999), ("p99.99", 0.9999)] {
      table.add("busy \(name)", Double(law.quantile(share)), "environments", .exact)
    }
    return table
  }
}
