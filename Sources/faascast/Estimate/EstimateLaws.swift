import ArgumentParser
import Foundation
import Statistics

struct EstimateRenewal: EstimateSubcommand {
  static let configuration = CommandConfiguration(
    commandName: "renewal", abstract: "Cold starts of a function whose requests come one at a time, with pre-warming.",
    discussion: """
      Assumes independent gaps of one law, and none shorter than the service time. Laws are such as constant:10m, \
      exponential:10m, uniform:9m..11m, gamma:mean=10m,cv=2, lognormal:median=10m,p99=1h, weibull:shape=0.5,scale=300s.
      """)

  @Option(help: "Law of the gap between requests, start to start.", transform: EstimateReading.law)
  var gap: Distribution
  @Option(help: "Duration of a request (default: none).", transform: EstimateReading.time)
  var service: Double?
  @Option(help: "When to load the environment again, after the request ends.", transform: EstimateReading.time)
  var preWarm: Double?
  @Option(help: "How long the environment then stays.", transform: EstimateReading.time)
  var keepAlive: Double?
  @Option(
    help: "Find the shortest keep-alive with at most this share of cold starts.", transform: EstimateReading.share)
  var targetCold: Double?
  @OptionGroup var format: EstimateFormat

  func validate() throws {
    guard (keepAlive == nil) != (targetCold == nil) else {
      throw ValidationError("expected one of --keep-alive and --target-cold")
    }
    guard targetCold == nil || preWarm == nil else { throw ValidationError("--target-cold is without --pre-warm") }
  }

  func table() throws -> EstimateTable {
    var table = EstimateTable("renewal", assumes: "independent gaps of one law, requests one at a time")
    table.parameters = [
      .init("mean gap", gap.mean, "s"), .init("service", service ?? 0, "s"), .init("pre-warm", preWarm ?? 0, "s"),
    ]
    if let targetCold { table.parameters.append(.init("target cold starts", targetCold, "share")) }
    let found =
      try keepAlive
      ?? RenewalEnvironment.keepAlive(forLateProbability: targetCold ?? 0, gap: gap, service: service ?? 0)
    let environment = try RenewalEnvironment(
      gap: gap, service: service ?? 0, preWarm: preWarm ?? 0, keepAlive: found)
    let overlap = environment.overlapProbability
    let standing: EstimateTable.Standing = overlap > 0 ? .overlapping(overlap) : .exact
    table.add("keep-alive", found, "s", targetCold == nil ? .exact : .within(1e-14))
    table.add("cold starts", environment.coldProbability, "share", standing)
    table.add("idle for each request", environment.meanWarmIdle, "s", standing)
    table.add("gaps shorter than service", overlap, "share", .exact)
    return table
  }
}

struct EstimateBilling: EstimateSubcommand {
  static let configuration = CommandConfiguration(
    commandName: "billing", abstract: "What rounding up to a billing granularity adds to durations.",
    discussion: "Laws are such as 50ms (exponential), lognormal:mean=50ms,cv=2, uniform:10ms..90ms.")

  @Option(help: "Law of the duration.", transform: EstimateReading.law)
  var duration: Distribution
  @Option(help: "What durations are rounded up to (default: 1ms).", transform: EstimateReading.time)
  var granularity: Double?
  @OptionGroup var format: EstimateFormat

  func table() throws -> EstimateTable {
    var table = EstimateTable("billing", assumes: "durations of the given law")
    let unit = granularity ?? 0.001
    table.parameters = [.init("mean duration", duration.mean * 1000, "ms"), .init("granularity", unit * 1000, "ms")]
    let billed = try BilledDuration(of: duration, granularity: unit)
    let standing: EstimateTable.Standing = billed.error == 0 ? .exact : .within(billed.error / billed.mean)
    table.add("mean billed", billed.mean * 1000, "ms", standing)
    // The difference carries the absolute error of the sum.
    let added = billed.mean - duration.mean
    table.add(
      "added by rounding", added / duration.mean, "share",
      billed.error == 0 ? .exact : .within(billed.error / added))
    return table
  }
}

struct EstimateRoom: EstimateSubcommand {
  static let configuration = CommandConfiguration(
    commandName: "room", abstract: "Warm starts of functions that share room for some environments (LRU).",
    discussion:
      "Assumes independent requests of negligible duration, environments of one size, least recently used out.")

  @Option(help: "How many environments have room.")
  var capacity: Int
  @Option(help: "Request rates of the functions, such as 5,3,1.", transform: EstimateReading.numbers)
  var rates: [Double]?
  @Option(help: "Or: so many functions, the n-th asked for with rate 1/n^exponent.")
  var functions: Int?
  @Option(help: "The exponent (default: 1).")
  var zipf: Double?
  @OptionGroup var format: EstimateFormat

  func validate() throws {
    guard (rates == nil) != (functions == nil), zipf == nil || functions != nil else {
      throw ValidationError("expected --rates, or --functions and perhaps --zipf")
    }
    if let functions, !(2...1_000_000).contains(functions) {
      throw ValidationError("--functions must be from 2 to 1000000, found \(functions)")
    }
  }

  func table() throws -> EstimateTable {
    var table = EstimateTable("room", assumes: "independent requests without duration, least recently used out")
    let room = try SharedRoom(
      rates: rates ?? (1...(functions ?? 2)).map { pow(Double($0), -(zipf ?? 1)) }, capacity: capacity)
    table.parameters = [
      .init("functions", Double(room.shares.count), ""), .init("capacity", Double(capacity), "environments"),
    ]
    let exact = room.exactHits()
    if let exact { table.add("warm starts", exact.overall, "share", .exact) }
    let che = room.cheHits()
    table.add(
      "warm starts by Che", che.hits.overall, "share",
      exact.map { .within(abs(che.hits.overall / $0.overall - 1)) } ?? .approximation("no bound known"))
    for (number, hit) in (exact ?? che.hits).perFunction.prefix(20).enumerated() {
      table.add(
        "warm starts of function \(number + 1)", hit, "share",
        exact == nil ? .approximation("no bound known") : .exact)
    }
    return table
  }
}
