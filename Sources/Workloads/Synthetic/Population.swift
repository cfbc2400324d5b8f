import Diagnostics
import Statistics

/// A whole population of functions with the statistics of a published one.
public struct Population: Hashable, Sendable {
  /// Whose statistics.
  public enum Model: String, CaseIterable, Hashable, Sendable {
    /// Azure Functions, July 2019: M. Shahrad et al., "Serverless in the Wild", USENIX ATC'20, with the figures of the
    /// public data set's notebook (github.com/Azure/AzurePublicDataset, CC-BY 4.0).
    case azure2019 = "azure-2019"
  }

  /// How many: at most two million functions.
  public enum Size: Hashable, Sendable {
    case functions(Int)
    case applications(Int)
  }

  /// How much traffic, where it shall differ from the model's (13,348 invocations a day and function).
  public enum Volume: Hashable, Sendable {
    /// The expected total; every rate is scaled alike.
    case invocationsPerDay(Double)
    /// A factor for all rates.
    case scale(Double)
  }

  /// What invokes a function, as the Azure trace names it.
  public enum Trigger: String, CaseIterable, Hashable, Sendable {
    case http, queue, event, orchestration, timer, storage, others
  }

  public var like: Model
  public var size: Size
  /// Which of all populations of the kind. The functions depend on nothing else of the run.
  public var seed: UInt64
  public var volume: Volume?
  /// Weights of functions by trigger; nil for the model's.
  public var triggers: [Trigger: Double]?
  /// Spearman's correlation of functions' rates and mean durations, -1 to 1. The published marginals do not tell; 500
  /// functions of the Azure trace have -0.34.
  public var rateDurationCorrelation: Double

  public init(
    like model: Model = .azure2019, size: Size, seed: UInt64 = 0, volume: Volume? = nil,
    triggers: [Trigger: Double]? = nil, rateDurationCorrelation: Double = 0
  ) {
    like = model
    self.size = size
    self.seed = seed
    self.volume = volume
    self.triggers = triggers
    self.rateDurationCorrelation = rateDurationCorrelation
  }

  /// For the import's account of what is made up.
  var label: String { "drawn to have the marginals of Azure Functions 2019 (Shahrad et al., ATC'20), seed \(seed)" }

  static let largest = 2_000_000

  func validate(at key: String) throws(InputFault) {
    func fault(_ name: String, _ found: Any, _ expected: String) -> InputFault {
      InputFault(at: .init(file: "", key: "\(key).\(name)"), found: "\(found)", expected: expected)
    }
    switch size {
    case .functions(let count):
      guard (1...Self.largest).contains(count) else { throw fault("functions", count, "1 to 2,000,000") }
    case .applications(let count):
      guard (1...Self.largest / 4).contains(count) else { throw fault("applications", count, "1 to 500,000") }
    }
    switch volume {
    case .invocationsPerDay(let total):
      guard total > 0, total <= 1e12 else {
        throw fault("invocations-per-day", total, "a number above zero and up to 1e12")
      }
    case .scale(let scale):
      guard scale >= 1e-6, scale <= 1e3 else { throw fault("scale", scale, "0.000001 to 1000") }
    case nil: break
    }
    if let triggers {
      guard triggers.values.allSatisfy({ $0 >= 0 && $0 < 1e9 }), triggers.values.contains(where: { $0 > 0 }) else {
        throw fault("triggers", "weights that are negative or all zero", "weights, one above zero at least")
      }
    }
    guard rateDurationCorrelation.magnitude <= 1 else {
      throw fault("rate-duration-correlation", rateDurationCorrelation, "-1 to 1")
    }
  }
}
