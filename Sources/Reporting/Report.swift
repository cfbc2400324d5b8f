import Documents
public import Engine
public import Foundation
public import Platforms
public import Pricing
public import Statistics
import Units

/// Everything that a report tells, in whichever form: the one input of text, JSON, CSV and page.
///
/// What is left empty is left out of the report or said to be unknown; nothing is looked up elsewhere.
public struct Report: Sendable {
  /// The scenario's name.
  public var scenario: String
  public var seed: UInt64
  /// Replications run; 1 for a single run.
  public var replications: Int
  /// The platform that was simulated: its limits stand beside the figures, its settings in the account of assumptions.
  public var platform: Platform
  public var outcome: Outcome
  public var bill: Bill?
  /// What each of the outcome's functions costs, in the bill's currency and the outcome's order; empty when nobody
  /// priced functions one by one. Any other count than the functions' is taken as empty.
  public var functionCosts: [Decimal] = []
  /// The bill of a whole month at the pace of what was simulated, where somebody asked for it.
  public var month: MonthBill?
  /// Where the money goes.
  public var costParts: CostParts?
  /// What the same workload would cost elsewhere.
  public var alternatives: [Alternative] = []
  /// What is to be said beside them, such as that one never pays.
  public var alternativeNotes: [String] = []
  /// Whether the text shows alternatives; other forms always do.
  public var textShowsAlternatives = false
  /// Labels of what was assumed, beyond those that the functions' settings carry themselves.
  public var assumptions: [String] = []
  /// How sure figures are, by the names of outputs (see `readings(of:cost:)`); empty when nobody asked. With several
  /// replications, `outcome` is the first of them and the estimates are of all.
  public var intervals: [String: ConfidenceInterval] = [:]
  /// What the intervals rest on, and whether they are as narrow as was asked, in sentences.
  public var uncertainty: [String] = []
  /// Cold starts and idle time under every keep-alive, where that was asked for.
  public var keepAliveCurve: KeepAliveCurve?
  /// What the run itself took; differs between runs of one scenario.
  public var measured: Measured?
  /// The command that makes this report again.
  public var command: String?
  /// Where `write(to:charts:)` put the report, as the text summary should name it.
  public var location: String?
  /// What the functions' tallies say, where it was worked out for several forms at once (`files(charts:threads:)`).
  var functionFigures: [Figures] = []
  /// The program's name and version for the page's foot.
  public var producer = "Faascast"

  public init(
    scenario: String, seed: UInt64, replications: Int = 1, platform: Platform, outcome: Outcome, bill: Bill? = nil
  ) {
    self.scenario = scenario
    self.seed = seed
    self.replications = replications
    self.platform = platform
    self.outcome = outcome
    self.bill = bill
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
