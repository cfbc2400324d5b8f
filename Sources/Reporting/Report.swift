import Documents
public import Engine
public import Foundation
public import Planning
public import Platforms
public import Pricing
public import Statistics
import Units

/// Everything that a report tells, in whichever form: the one input of text, JSON, CSV and page.
///
/// What is empty is left out of the report or said to be unknown; nothing is looked up elsewhere.
public struct Report: Sendable {
  /// The scenario's name.
  public internal(set) var scenario: String
  public internal(set) var seed: UInt64
  /// Replications run; 1 for a single run. With several, `outcome` is the first of them.
  public let replications: Int
  /// The platform that was simulated: its limits stand beside the figures, its settings in the account of assumptions.
  public let platform: Platform
  public let outcome: Outcome
  /// Nil where nobody priced the outcome.
  public internal(set) var costs: Costs?
  public let certainty: Certainty
  /// Cold starts and idle time under every keep-alive, where that was asked for.
  public let keepAliveCurve: KeepAliveCurve?
  /// Labels of what was assumed, beyond those that the functions' settings carry themselves.
  public let assumptions: [String]
  public internal(set) var run: Run
  /// What the functions' tallies say, where it was worked out for several forms at once (`files(charts:threads:)`).
  var functionFigures: [Figures] = []

  public init(
    scenario: String, seed: UInt64, replications: Int = 1, platform: Platform, outcome: Outcome, costs: Costs? = nil,
    certainty: Certainty = Certainty(), keepAliveCurve: KeepAliveCurve? = nil, assumptions: [String] = [],
    run: Run = Run()
  ) {
    self.scenario = scenario
    self.seed = seed
    self.replications = replications
    self.platform = platform
    self.outcome = outcome
    self.costs = costs
    self.certainty = certainty
    self.keepAliveCurve = keepAliveCurve
    self.assumptions = assumptions
    self.run = run
  }

  /// What the outcome costs, in one currency.
  public struct Costs: Sendable {
    public let bill: Bill
    /// What each of the outcome's functions costs, in the outcome's order; empty where functions were not priced.
    public let functions: [Decimal]
    /// Where the money goes.
    public let parts: CostParts?
    /// The bill of a whole month at the pace of what was simulated, where it was asked for.
    public let month: MonthBill?
    /// What the same workload would cost elsewhere.
    public let alternatives: [Alternative]
    /// Sentences about the alternatives, such as that one never pays.
    public let alternativeNotes: [String]
    /// Whether the text shows alternatives; other forms always do.
    public let textShowsAlternatives: Bool

    public init(
      bill: Bill, functions: [Decimal] = [], parts: CostParts? = nil, month: MonthBill? = nil,
      alternatives: [Alternative] = [], alternativeNotes: [String] = [], textShowsAlternatives: Bool = false
    ) {
      self.bill = bill
      self.functions = functions
      self.parts = parts
      self.month = month
      self.alternatives = alternatives
      self.alternativeNotes = alternativeNotes
      self.textShowsAlternatives = textShowsAlternatives
    }
  }

  /// How sure the figures are.
  public struct Certainty: Sendable {
    /// Estimates over all replications with their intervals; empty where there is one run and no steady state.
    public let intervals: [Output: ConfidenceInterval]
    /// What the intervals rest on, and whether they are as narrow as was asked, in sentences.
    public let remarks: [String]

    public init(intervals: [Output: ConfidenceInterval] = [:], remarks: [String] = []) {
      self.intervals = intervals
      self.remarks = remarks
    }
  }

  /// The run that made the report.
  public struct Run: Sendable {
    /// What the run took; differs between runs of one scenario.
    public let measured: Measured?
    /// The command that makes this report again.
    public let command: String?
    /// The program's name and version for the page's foot.
    public let producer: String

    public init(measured: Measured? = nil, command: String? = nil, producer: String = "Faascast") {
      self.measured = measured
      self.command = command
      self.producer = producer
    }
  }

  /// What a run took of the machine.
  public struct Measured: Hashable, Sendable {
    /// Wall-clock seconds of the simulation.
    public var simulationSeconds: Double
    public var invocationsPerSecond: Double
    /// The process's largest resident memory, MB (2^20 bytes).
    public var peakMemoryMB: Double

    public init(simulationSeconds: Double, invocationsPerSecond: Double, peakMemoryMB: Double) {
      self.simulationSeconds = simulationSeconds
      self.invocationsPerSecond = invocationsPerSecond
      self.peakMemoryMB = peakMemoryMB
    }
  }
}

extension Report {
  var bill: Bill? { costs?.bill }
  var functionCosts: [Decimal] { costs?.functions ?? [] }
  var alternatives: [Alternative] { costs?.alternatives ?? [] }
  var intervals: [Output: ConfidenceInterval] { certainty.intervals }
}

extension Report {
  var totals: Figures { Figures(outcome.totals, horizon: outcome.horizon) }

  func figures(ofFunction index: Int) -> Figures {
    functionFigures.isEmpty ? Figures(outcome.functions[index].tally, horizon: outcome.horizon) : functionFigures[index]
  }

  /// Whether each function has a cost.
  var hasFunctionCosts: Bool { !functionCosts.isEmpty && functionCosts.count == outcome.functions.count }

  /// Settings that nobody wrote, as the functions' settings label them, each with the number of functions concerned;
  /// the most frequent first.
  var settingAssumptions: [(label: String, functions: Int)] {
    var counts: [String: Int] = [:]
    for function in outcome.functions {
      for label in Set(function.settings.assumptions) { counts[label, default: 0] += 1 }
    }
    return counts.map { (label: $0.key, functions: $0.value) }
      .sorted { ($1.functions, $0.label) < ($0.functions, $1.label) }
  }

  /// The outcome's functions by number of invocations, the busiest first.
  var busiestFirst: [Int] {
    let arrivals = outcome.functions.map(\.tally.arrivals)
    return arrivals.indices.sorted { (arrivals[$1], $0) < (arrivals[$0], $1) }
  }
}
