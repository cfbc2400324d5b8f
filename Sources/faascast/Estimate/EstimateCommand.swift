import ArgumentParser
import Diagnostics
import Statistics

/// What has an exact answer at once, without a simulation.
struct Estimate: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Answer capacity questions at once, by exact formulas instead of a simulation.",
    discussion: """
      For Poisson arrivals of one function; each subcommand says what else it assumes, and each figure how exact it is.
      Turned round, with --target-…, it finds the limit, provisioned concurrency, rate or keep-alive that a target needs.

      Examples:
        faascast estimate pool --rate 0.9 --service 1.991s --keep-alive 600s
        faascast estimate provisioned --rate 50 --service 200ms --keep-alive 10m --target-cold 0.01%
        faascast estimate loss --rate 100 --service 1s --target-loss 0.1%

      Rates are per second, or such as 30/m, 5/h; times carry units: 200ms, 1.5s, 10m. Shares are such as 0.01 or 1%.
      """,
    subcommands: [
      EstimatePool.self, EstimateProvisioned.self, EstimateLoss.self, EstimateQueue.self, EstimateSingle.self,
      EstimateOccupancy.self, EstimateRenewal.self, EstimateBilling.self, EstimateRoom.self,
    ])
}

/// A subcommand that gives a table; parameters without an answer end in a usage error that names them.
protocol EstimateSubcommand: ParsableCommand {
  var format: EstimateFormat { get }
  func table() throws -> EstimateTable
}

extension EstimateSubcommand {
  func run() throws {
    do {
      try StandardStream.output.write(format.json ? table().json() : table().text())
    } catch let fault as ParameterOutOfRange {
      try StandardStream.error.write("faascast: error: \(fault)\n")
      throw ExitCode(ExitStatus.badUsage.rawValue)
    }
  }
}

struct EstimateFormat: ParsableArguments {
  @Flag(help: "Print JSON instead of the table.")
  var json = false
}

struct EstimateTraffic: ParsableArguments {
  @Option(help: "Requests per second, or such as 30/m.", transform: EstimateReading.rate)
  var rate: Double

  @Option(help: "Mean duration of a request, such as 200ms.", transform: EstimateReading.time)
  var service: Double

  /// For the head of a table.
  var parameters: [EstimateTable.Parameter] {
    [.init("rate", rate, "/s"), .init("service", service, "s"), .init("offered", rate * service, "Erlang")]
  }
}

struct EstimatePool: EstimateSubcommand {
  static let configuration = CommandConfiguration(
    commandName: "pool", abstract: "Cold starts and environments of an on-demand function.",
    discussion: """
      Assumes Poisson arrivals, exponential service times, and a start that takes no extra time unless --setup is given.
      A fixed keep-alive goes with reuse of the most recently used environment; an exponential one with any order.
      Beyond a limit, requests are rejected.
      """)

  @OptionGroup var traffic: EstimateTraffic
  @Option(help: "How long an idle environment stays, such as 10m.", transform: EstimateReading.time)
  var keepAlive: Double
  @Option(help: "Concurrency limit.")
  var limit: Int?
  @Flag(help: "Keep-alives are exponential, with that mean.")
  var exponentialKeepAlive = false
  @Option(
    help: "Mean of an exponential setup time bound to its request; with an exponential keep-alive.",
    transform: EstimateReading.time)
  var setup: Double?
  @Option(
    help: "Find the keep-alive and the rate with at most this share of cold starts.", transform: EstimateReading.share)
  var targetCold: Double?
  @OptionGroup var format: EstimateFormat

  func validate() throws {
    if setup != nil, !exponentialKeepAlive { throw ValidationError("--setup goes with --exponential-keep-alive") }
    if setup != nil, limit != nil { throw ValidationError("--setup does not go with --limit") }
    if targetCold != nil, exponentialKeepAlive {
      throw ValidationError("--target-cold is for a fixed keep-alive, not --exponential-keep-alive")
    }
  }

  func table() throws -> EstimateTable {
    var table = EstimateTable("pool", assumes: "Poisson arrivals, exponential service")
    table.parameters = traffic.parameters + [.init("keep-alive", keepAlive, "s")]
    if let limit { table.parameters.append(.init("limit", Double(limit), "")) }
    let figures: PoolFigures
    if exponentialKeepAlive {
      table.assumes += ", exponential keep-alive, any order of reuse"
      if let setup {
        table.assumes += ", exponential setup bound to its request"
        table.parameters.append(.init("setup", setup, "s"))
        figures = try SetupBoundPool(
          rate: traffic.rate, service: traffic.service, setup: setup, keepAlive: keepAlive
        ).figures()
        let response = traffic.service + figures.coldProbability * setup
        table.add("mean response", response, "s", .within(figures.relativeError))
      } else {
        figures = try ExponentialKeepAlivePool(
          rate: traffic.rate, service: traffic.service, keepAlive: keepAlive, limit: limit
        ).figures()
      }
    } else {
      table.assumes += ", most recently used environment first"
      figures = try KeepAlivePool(
        rate: traffic.rate, service: traffic.service, keepAlive: keepAlive, limit: limit
      ).figures()
    }
    table.add(figures, isLimited: limit != nil, hasSetup: setup != nil)
    if let targetCold { try addTarget(targetCold, to: &table) }
    return table
  }

  private func addTarget(_ target: Double, to table: inout EstimateTable) throws {
    table.parameters.append(.init("target cold starts", target, "share"))
    let pool = try KeepAlivePool(rate: traffic.rate, service: traffic.service, keepAlive: keepAlive, limit: limit)
    table.add("keep-alive for target", try pool.keepAlive(forColdProbability: target), "s", .within(1e-9))
    guard limit == nil else { return }
    let rate = try KeepAlivePool.rate(
      forColdProbability: target, service: traffic.service, keepAlive: keepAlive)
    table.add("smallest rate for target", rate, "/s", .within(1e-9))
    table.add("longest mean gap for target", 1 / rate, "s", .within(1e-9))
  }
}

struct EstimateProvisioned: EstimateSubcommand {
  static let configuration = CommandConfiguration(
    commandName: "provisioned", abstract: "Spillover and cold starts beside provisioned concurrency.",
    discussion: """
      Assumes Poisson arrivals, exponential service times; spilled requests go to on-demand environments, the most \
      recently used first, with a fixed keep-alive.
      """)

  @OptionGroup var traffic: EstimateTraffic
  @Option(help: "How long an idle on-demand environment stays, such as 10m.", transform: EstimateReading.time)
  var keepAlive: Double
  @Option(help: "Provisioned concurrency.")
  var provisioned: Int?
  @Option(help: "Find the smallest with at most this share of spillover.", transform: EstimateReading.share)
  var targetSpill: Double?
  @Option(help: "Find the smallest with at most this share of cold starts.", transform: EstimateReading.share)
  var targetCold: Double?
  @OptionGroup var format: EstimateFormat

  func validate() throws {
    guard [provisioned != nil, targetSpill != nil, targetCold != nil].filter({ $0 }).count == 1 else {
      throw ValidationError("expected one of --provisioned, --target-spill and --target-cold")
    }
  }

  func table() throws -> EstimateTable {
    var table = EstimateTable(
      "provisioned",
      assumes: "Poisson arrivals, exponential service, on demand the most recently used environment first")
    table.parameters = traffic.parameters + [.init("keep-alive", keepAlive, "s")]
    let found: Int
    if let provisioned {
      found = provisioned
    } else if let targetSpill {
      table.parameters.append(.init("target spillover", targetSpill, "share"))
      found = try ProvisionedPool.smallest(
        rate: traffic.rate, service: traffic.service, spillProbability: targetSpill)
    } else {
      table.parameters.append(.init("target cold starts", targetCold ?? 0, "share"))
      found = try ProvisionedPool.smallest(
        rate: traffic.rate, service: traffic.service, keepAlive: keepAlive, coldProbability: targetCold ?? 0)
    }
    let figures = try ProvisionedPool(
      rate: traffic.rate, service: traffic.service, provisioned: found, keepAlive: keepAlive
    ).figures()
    let standing = EstimateTable.Standing.within(figures.relativeError)
    table.add("provisioned concurrency", Double(found), "", .exact)
    table.add("spillover", figures.spillProbability, "share", .exact)
    table.add("cold starts", figures.coldProbability, "share", standing)
    table.add("cold starts of spillover", figures.coldProbabilityGivenSpill, "share", standing)
    table.add("busy provisioned", figures.meanBusyProvisioned, "environments", .exact)
    table.add("busy on demand", figures.meanBusyOnDemand, "environments", .exact)
    table.add("idle on demand", figures.meanIdleOnDemand, "environments", standing)
    if found > 0 {
      table.add("utilisation of provisioned", figures.meanBusyProvisioned / Double(found), "share", .exact)
    }
    return table
  }
}
