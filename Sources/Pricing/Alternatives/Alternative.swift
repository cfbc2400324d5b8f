public import Engine
import Foundation
import Logs
import Platforms
import Units
import Workloads

/// What the same simulated workload would cost elsewhere.
public struct Alternative: Sendable {
  public var name: String
  public var bill: Bill
  /// How large it would be: `2 to 9 tasks of 1 vCPU and 2 GB`.
  public var size: String
  /// What the comparison does not see.
  public var ignores: [String]

  /// Everything that the book has prices for, under the same terms, over the simulated span. Free allowances count where
  /// the terms deduct them, those of each provider.
  public static func all(
    for outcome: Outcome, region: String, book: PriceBook, terms: BillingTerms
  ) -> [Alternative] {
    let makers = AlternativeMaker(demand: Demand(outcome), region: region, book: book, terms: terms)
    return [
      makers.onDemand(), makers.otherArchitecture(), makers.managedInstances(), makers.fargate(), makers.instances(),
      makers.appRunner(), makers.cloudRun(), makers.azureConsumption(), makers.azureFlex(), makers.azurePremium(),
      makers.oracle(), makers.cloudflare(),
    ].compactMap(\.self)
  }
}

/// Makes alternatives one by one; nil where one is no alternative or the book has no prices for it.
struct AlternativeMaker {
  let demand: Demand
  let region: String
  let book: PriceBook
  let terms: BillingTerms

  private var outcome: Outcome { demand.outcome }
  private static let sameTime = "that durations would differ"

  private func alternative(
    _ name: String, _ usage: Usage, size: String, ignores: [String]
  ) -> Alternative? {
    let bill = Bill(for: usage, book: book, terms: terms)
    // An alternative whose main price is missing is none; which prices are missing is for the price book to say.
    guard bill.missing.isEmpty else { return nil }
    return Alternative(name: name, bill: bill, size: size, ignores: ignores)
  }

  // MARK: - Lambda

  /// Without provisioned concurrency; nothing where none was simulated.
  func onDemand() -> Alternative? {
    guard outcome.functions.contains(where: { $0.settings.provisionedConcurrency > 0 }) else { return nil }
    var usage = Usage()
    for function in outcome.functions {
      let (name, tally) = (function.function.name, function.tally)
      usage.add(Int128(tally.starts), of: .requests, in: region, by: name)
      usage.add(
        tally.billedMegabyteMilliseconds + tally.provisionedBilledMegabyteMilliseconds, of: .duration,
        function.settings.architecture.rawValue, in: region, by: name)
    }
    return alternative(
      "Lambda on demand", usage, size: "without provisioned concurrency",
      ignores: ["the cold starts that provisioned concurrency saves, and their billed init"])
  }

  /// All functions on arm64, or on x86_64 where they are on arm64 already.
  func otherArchitecture() -> Alternative? {
    let busiest = outcome.functions.max { a, b in
      a.tally.billedMegabyteMilliseconds < b.tally.billedMegabyteMilliseconds
    }
    guard let busiest, demand.requests > 0 else { return nil }
    let other: Architecture = busiest.settings.architecture == .arm ? .x86 : .arm
    var usage = Usage()
    for (key, quantity) in Usage(outcome, region: region).quantities {
      usage.add(
        quantity, of: key.meter, key.variant == nil ? nil : other.rawValue, in: key.place, by: key.function)
    }
    return alternative(
      "Lambda on \(other.rawValue)", usage, size: "the same settings",
      ignores: ["\(Self.sameTime): how fast code runs on the other architecture is its own matter"])
  }

  /// EC2 instances that Lambda manages; many requests share an environment.
  func managedInstances() -> Alternative? {
    let fleet = { (size: MachineSize) in
      // An instance keeps a vCPU and a GB for itself, and half as much again stands ready, as in AWS's sample calculator
      // (github.com/aws-samples/sample-aws-lambda-managed-instances, 2026); three instances at least, over zones.
      Fleet(
        processors: (size.processors - 1) * 1000, memory: size.memory - 1024, minimum: 3, headroom: 0.5,
        lag: .minutes(5))
    }
    return cheapest(MachineSize.managed) { size in
      let run = fleet(size).run(outcome.timeline, horizon: outcome.horizon, need: demand.need)
      var usage = Usage()
      usage.add(demand.requests, of: .managedRequests, in: region)
      usage.add(run.machineMilliseconds, of: .instances, size.name, in: region)
      usage.add(run.machineMilliseconds, of: .managedFee, size.name, in: region)
      return alternative(
        "Lambda Managed Instances", usage, size: said(run, "instance", size),
        ignores: [
          Self.sameTime, "whether the code may serve several requests at once in one environment",
          "savings plans and spot prices of EC2", short(run),
        ].compactMap(\.self))
    }
  }

  // MARK: - Machines

  /// Containers of one vCPU; a task is there two minutes after it is wanted: the image is pulled and the health check met.
  func fargate() -> Alternative? {
    let architectures: [Architecture] = [.x86, .arm]
    let candidates = architectures.flatMap { architecture in
      [2048, 4096, 8192].map { MachineSize(name: architecture.rawValue, processors: 1, memory: $0) }
    }
    return cheapest(candidates) { size in
      let fleet = Fleet(processors: 1000, memory: size.memory, minimum: 1, lag: .minutes(2))
      let run = fleet.run(outcome.timeline, horizon: outcome.horizon, need: demand.need)
      var usage = Usage()
      usage.add(run.machineMilliseconds * 1000, of: .fargateProcessors, size.name, in: region)
      usage.add(run.machineMilliseconds * Int128(size.memory), of: .fargateMemory, size.name, in: region)
      return alternative(
        "Fargate", usage, size: said(run, "task", size),
        ignores: [
          Self.sameTime, "a load balancer, spot prices and savings plans",
          "whether the code bears several requests at once",
          short(run),
        ].compactMap(\.self))
    }
  }

  /// Virtual machines, two at least for two zones; one is there five minutes after it is wanted.
  func instances() -> Alternative? {
    cheapest(MachineSize.instances) { size in
      let fleet = Fleet(
        processors: size.processors * 1000, memory: size.memory - 512, minimum: 2, headroom: 0.3, lag: .minutes(5))
      let run = fleet.run(outcome.timeline, horizon: outcome.horizon, need: demand.need)
      var usage = Usage()
      usage.add(run.machineMilliseconds, of: .instances, size.name, in: region)
      return alternative(
        "EC2", usage, size: said(run, "instance", size),
        ignores: [
          Self.sameTime, "a load balancer, disks, and the work of running machines",
          "reservations, savings plans, spot prices",
          short(run),
        ].compactMap(\.self))
    }
  }

  /// Instances of one vCPU and 2 GB; memory is paid for while they stand, processors only while they serve.
  func appRunner() -> Alternative? {
    let size = MachineSize(name: "", processors: 1, memory: 2048)
    let fleet = Fleet(processors: 1000, memory: size.memory, minimum: 1, lag: .minutes(1))
    let run = fleet.run(outcome.timeline, horizon: outcome.horizon, need: demand.need)
    let serving = outcome.timeline.rows.filter { $0.arrivals > 0 || $0.busyTime > 0 }.count
    let share = Double(serving) / Double(max(1, outcome.timeline.rows.count))
    var usage = Usage()
    usage.add(
      Int128((Double(run.machineMilliseconds) * 1000 * share).rounded(.up)), of: .appRunnerProcessors, in: region)
    usage.add(run.machineMilliseconds * Int128(size.memory), of: .appRunnerMemory, in: region)
    return alternative(
      "App Runner", usage, size: said(run, "instance", size),
      ignores: [
        Self.sameTime, "builds", "in which minutes of those that serve most instances stand", short(run),
      ].compactMap(\.self))
  }

  /// Azure's premium plan, instances of EP1: one vCPU and 3.5 GB.
  func azurePremium() -> Alternative? {
    let size = MachineSize(name: "", processors: 1, memory: 3584)
    let fleet = Fleet(processors: 1000, memory: size.memory, minimum: 1, lag: .minutes(1))
    let run = fleet.run(outcome.timeline, horizon: outcome.horizon, need: demand.need)
    var usage = Usage()
    usage.add(run.machineMilliseconds * 1000, of: .azurePremiumProcessors, in: Self.azure)
    usage.add(run.machineMilliseconds * Int128(size.memory), of: .azurePremiumMemory, in: Self.azure)
    return alternative(
      "Azure Functions, premium", usage, size: said(run, "instance", size),
      ignores: [Self.sameTime, "storage", short(run)].compactMap(\.self))
  }

  // MARK: - By the request

  private static let azure = "azure"

  /// One request an instance, as on Lambda; time by 100 ms.
  func cloudRun() -> Alternative? {
    let place = "google-tier-1"
    var usage = Usage()
    usage.add(demand.requests, of: .cloudRunRequests, in: place)
    usage.add(demand.processorTimeByHundreds, of: .cloudRunProcessors, in: place)
    usage.add(demand.memoryTimeByHundreds, of: .cloudRunMemory, in: place)
    return alternative(
      "Cloud Run", usage, size: "an instance a request, time by 100 ms",
      ignores: [Self.sameTime, "that instances may serve several requests at once, which is cheaper", "start-up time"])
  }

  /// Memory by 128 MB up to 1.5 GB, time of 100 ms at least.
  func azureConsumption() -> Alternative? {
    var usage = Usage()
    usage.add(demand.requests, of: .azureConsumptionRequests, in: Self.azure)
    usage.add(
      demand.functions.reduce(Int128(0)) { sum, function in
        sum + function.rounded.atLeastHundred * Int128(min(1536, (function.memory + 127) / 128 * 128))
      }, of: .azureConsumptionDuration, in: Self.azure)
    return alternative(
      "Azure Functions, consumption", usage, size: "memory by 128 MB, 100 ms at least",
      ignores: [Self.sameTime, "that Azure bills memory in use, which is less than a setting", "storage"])
  }

  /// Instances of 2 GB, a request each.
  func azureFlex() -> Alternative? {
    var usage = Usage()
    usage.add(demand.requests, of: .azureFlexRequests, in: Self.azure)
    usage.add(
      demand.functions.reduce(Int128(0)) { $0 + $1.rounded.toOne * 2048 }, of: .azureFlexDuration,
      in: Self.azure)
    return alternative(
      "Azure Functions, flex", usage, size: "a 2 GB instance a request",
      ignores: [Self.sameTime, "that an instance may serve several requests at once, which is cheaper", "storage"])
  }

  func oracle() -> Alternative? {
    var usage = Usage()
    usage.add(demand.requests, of: .oracleRequests, in: "oracle")
    usage.add(
      demand.functions.reduce(Int128(0)) { $0 + $1.rounded.toOne * Int128($1.memory) },
      of: .oracleDuration, in: "oracle")
    return alternative(
      "OCI Functions", usage, size: "the same memory settings",
      ignores: [Self.sameTime, "that memory comes in few sizes, up to 3 GB"])
  }

  /// Workers are billed by processor time: here all of each duration, which is the most it can be.
  func cloudflare() -> Alternative? {
    var usage = Usage()
    usage.add(Int128(demand.span.nanoseconds / 1_000_000_000), of: .cloudflareBase, in: "cloudflare")
    usage.add(demand.requests, of: .cloudflareRequests, in: "cloudflare")
    usage.add(
      demand.functions.reduce(Int128(0)) { $0 + $1.rounded.toOne }, of: .cloudflareProcessorTime,
      in: "cloudflare")
    return alternative(
      "Cloudflare Workers", usage, size: "all time taken as processor time",
      ignores: ["that waiting is not billed, which is cheaper", "that a worker has 128 MB and its own runtime"])
  }

  // MARK: -

  private func cheapest(_ sizes: [MachineSize], _ make: (MachineSize) -> Alternative?) -> Alternative? {
    // A machine that can't hold one request is none.
    let fitting = sizes.filter { Double($0.memory) >= demand.need.memory }
    return fitting.compactMap(make).min { $0.bill.total < $1.bill.total }
  }

  private func said(_ run: Fleet.Run, _ noun: String, _ size: MachineSize) -> String {
    let count = "up to \(run.peak) \(noun)\(run.peak == 1 ? "" : "s")"
    let name = size.name.isEmpty ? "" : " (\(size.name))"
    return "\(count) of \(size.processors) vCPU, \(Double(size.memory) / 1024) GB\(name)"
  }

  private func short(_ run: Fleet.Run) -> String? {
    guard run.shortStretches > 0 else { return nil }
    let stretches = outcome.timeline.rows.count
    return "that requests wait or fail in \(run.shortStretches) of \(stretches) minutes, in which it scales too late"
  }
}

/// A machine's size.
struct MachineSize {
  /// The type of instance, or the architecture.
  var name: String
  /// vCPUs.
  var processors: Int
  /// MB.
  var memory: Int

  /// Types that the price book has (aws.amazon.com/ec2/instance-types, 2026-11).
  static let instances: [MachineSize] = [
    .init(name: "t4g.small", processors: 2, memory: 2048), .init(name: "t3.medium", processors: 2, memory: 4096),
    .init(name: "m7g.large", processors: 2, memory: 8192), .init(name: "m7i.large", processors: 2, memory: 8192),
    .init(name: "c7i.large", processors: 2, memory: 4096), .init(name: "c7g.xlarge", processors: 4, memory: 8192),
    .init(name: "c7i.xlarge", processors: 4, memory: 8192), .init(name: "m7g.xlarge", processors: 4, memory: 16_384),
    .init(name: "m7i.xlarge", processors: 4, memory: 16_384),
  ]

  /// Those that can be managed: families C, M and R.
  static let managed = instances.filter { !$0.name.hasPrefix("t") }
}
