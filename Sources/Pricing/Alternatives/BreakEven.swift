public import Foundation
public import Platforms
public import Units

/// When provisioned concurrency costs less than on demand.
public struct ProvisionedUtilisation: Hashable, Sendable {
  /// The busy share above which it does, capacity + u·run < u·on demand; nil where running in it costs no less than
  /// running on demand.
  public var share: Decimal?

  /// Whether it can pay at all: a provisioned environment is busy all the time at most.
  public var canPay: Bool { share.map { $0 < 1 } ?? false }

  /// At the prices of a Region's first tier; nil where the book lacks one.
  public init?(in region: String, architecture: Architecture, book: PriceBook) {
    func price(_ meter: Meter) -> Decimal? { book.price(of: .init(meter, architecture.rawValue), in: region)?.first }
    guard let onDemand = price(.duration), let capacity = price(.provisionedConcurrency),
      let running = price(.provisionedDuration)
    else { return nil }
    share = onDemand > running ? capacity / (onDemand - running) : nil
  }
}

/// Costs of one function at steady request rates, for a month of thirty days: Lambda on demand against machines.
public struct RateCurve: Sendable {
  public var region: String
  public var architecture: Architecture
  public var memory: MemorySize
  public var duration: TimeSpan

  public init(region: String, architecture: Architecture, memory: MemorySize, duration: TimeSpan) {
    self.region = region
    self.architecture = architecture
    self.memory = memory
    self.duration = duration
  }

  /// What the function could run on.
  public enum Target: String, CaseIterable, Sendable {
    case lambda = "Lambda"
    case fargate = "Fargate"
    case instances = "EC2"
  }

  private static let secondsOfMonth: Int128 = 30 * 86_400

  /// The month's bill at a rate of requests a second; nil where the book lacks a price.
  ///
  /// Machines are for the mean concurrency plus three times its square root, which Poisson arrivals pass in about one
  /// moment of a thousand, plus head-room of a fifth; one task or two instances at least.
  public func cost(of target: Target, rate: Double, book: PriceBook, terms: BillingTerms = .init()) -> Decimal? {
    var usage = Usage()
    switch target {
    case .lambda:
      var use = FunctionUse(region: region, architecture: architecture, memory: memory)
      use.requests = Int128((rate * Double(Self.secondsOfMonth)).rounded())
      use.duration = duration
      use.add(to: &usage, by: "")
    case .fargate:
      let size = MachineSize(name: architecture.rawValue, processors: 1, memory: memory.megabytes <= 2048 ? 2048 : 8192)
      let time = Int128(machines(size, rate, minimum: 1)) * Self.secondsOfMonth * 1000
      usage.add(time * 1000, of: .fargateProcessors, size.name, in: region)
      usage.add(time * Int128(size.memory), of: .fargateMemory, size.name, in: region)
    case .instances:
      let costs = MachineSize.instances.filter { $0.memory > memory.megabytes }.compactMap { size -> Decimal? in
        var usage = Usage()
        usage.add(
          Int128(machines(size, rate, minimum: 2)) * Self.secondsOfMonth * 1000, of: .instances, size.name, in: region)
        return Self.total(usage, book, terms)
      }
      return costs.min()
    }
    return Self.total(usage, book, terms)
  }

  private func machines(_ size: MachineSize, _ rate: Double, minimum: Int) -> Int {
    let fleet = Fleet(
      processors: size.processors * 1000, memory: size.memory, minimum: minimum, lag: .zero)
    let mean = rate * duration.seconds
    let need = Fleet.Need(
      processors: Double(memory.megabytes) / Demand.megabytesOfProcessor * 1000, memory: Double(memory.megabytes))
    return fleet.wanted(for: mean + 3 * mean.squareRoot(), need)
  }

  private static func total(_ usage: Usage, _ book: PriceBook, _ terms: BillingTerms) -> Decimal? {
    let bill = Bill(for: usage, book: book, terms: terms)
    return bill.missing.isEmpty ? bill.total : nil
  }

  /// The lowest rate, requests a second to three digits, from which on a target costs less than Lambda up to `highest`;
  /// nil where it does not at `highest` or a price is missing.
  public func breakEven(
    of target: Target, book: PriceBook, terms: BillingTerms = .init(), highest: Double = 10_000
  ) -> Double? {
    func isCheaper(_ rate: Double) -> Bool? {
      guard let lambda = cost(of: .lambda, rate: rate, book: book, terms: terms),
        let other = cost(of: target, rate: rate, book: book, terms: terms)
      else { return nil }
      return other < lambda
    }
    guard isCheaper(highest) == true else { return nil }
    // Downwards in steps of five percent to where Lambda is the cheaper one, then by halves of that step.
    var above = highest
    while above > 1e-6, isCheaper(above / 1.05) == true { above /= 1.05 }
    var below = above / 1.05
    while above / below > 1.0005 {
      let middle = (above * below).squareRoot()
      if isCheaper(middle) == true { above = middle } else { below = middle }
    }
    return above
  }
}
