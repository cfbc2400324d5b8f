public import Diagnostics
import Foundation

/// A measured profile (`faascast measure --output`, Schemas/measured-profile.schema.json), as far as calibration needs it.
public struct MachineTimings: Sendable {
  /// One measurement of a phase.
  struct Sample: Sendable {
    /// Seconds by the clock, and of processor time; guest and monitor together.
    var wall: Double
    var processor: Double
    /// Seconds that the thread was ready and did not run, a quota's doing or others'.
    var delayed: Double
    var exits: Double
    var pageFaults: Double
    var isNoisy: Bool
  }

  struct Series: Sendable {
    var phase: String
    var isRestored: Bool
    /// Free of noise as far as enough of them are.
    var samples: [Sample]
  }

  struct Condition: Sendable {
    var megabytes: Int
    var hasQuota: Bool
    var series: [Series]
  }

  struct Function: Sendable {
    var name: String
    var kind: String
    var conditions: [Condition]
  }

  /// Seconds that leaving a guest, and the first touch of a page, cost on the host that measured.
  public var unitCosts: (exit: Double, page: Double)
  /// `hardware` or `software`; nil where it was not probed.
  public var virtualisation: String?
  public var processor: String
  public var created: String
  /// Whether measuring came to its planned end.
  public var isComplete: Bool
  var functions: [Function]

  public static let schema = "faascast.profile-measured/1"

  public var sampleCount: Int {
    functions.reduce(0) { $0 + $1.conditions.reduce(0) { $0 + $1.series.reduce(0) { $0 + $1.samples.count } } }
  }
}

// MARK: - Reading

extension MachineTimings {
  /// - Throws: when the file is no measured profile, or one whose times stand for nothing.
  public init(path: String) throws(InputFault) {
    guard let data = FileManager.default.contents(atPath: path) else {
      throw InputFault(.system, at: .init(file: path), found: "no readable file", expected: "a measured profile")
    }
    let file: File
    do {
      file = try JSONDecoder().decode(File.self, from: data)
    } catch {
      throw Self.fault(error, path)
    }
    func fault(_ key: String, _ found: String, _ expected: String, _ advice: String? = nil) -> InputFault {
      InputFault(at: .init(file: path, key: key), found: found, expected: expected, advice: advice)
    }
    guard file.schema == Self.schema else { throw fault("schema", "'\(excerpt(file.schema, limit: 60))'", Self.schema) }
    guard file.engine.fitForCalibration else {
      throw fault(
        "engine.fitForCalibration", "false", "times of a real processor",
        "an emulator's times stand for nothing; measure over KVM")
    }
    guard let costs = file.unitCosts else {
      throw fault(
        "unitCosts", "null", "what an exit and a page fault cost there",
        "measure with --engine microvm, which probes them")
    }
    var functions: [Function] = []
    for (number, function) in file.functions.enumerated() {
      var conditions: [Condition] = []
      for condition in function.conditions {
        var series: [Series] = []
        for read in condition.series {
          guard let samples = read.samples.rows else {
            throw fault(
              "functions[\(number)].\(read.phase).samples", "columns of different lengths or negative times",
              "as many of each, none below zero")
          }
          series.append(Series(phase: read.phase, isRestored: read.restored != nil, samples: Self.believed(samples)))
        }
        conditions.append(
          Condition(megabytes: condition.memoryMB, hasQuota: condition.quota != nil, series: series))
      }
      functions.append(Function(name: function.name, kind: function.kind, conditions: conditions))
    }
    guard !functions.isEmpty else { throw fault("functions", "none", "at least one function") }
    self.init(
      unitCosts: (Double(costs.exitNs) / 1e9, Double(costs.pageFaultNs) / 1e9),
      virtualisation: file.engine.virtualisation, processor: file.host.processor, created: file.created,
      isComplete: file.complete, functions: functions)
  }

  private static func believed(_ samples: [Sample]) -> [Sample] {
    let clean = samples.filter { !$0.isNoisy }
    return clean.count >= 10 || clean.count * 2 >= samples.count ? clean : samples
  }

  /// Whether a JSON file begins as a measured profile does.
  static func isMeasured(_ head: String) -> Bool { head.contains("\"\(schema)\"") }

  private static func fault(_ error: any Error, _ path: String) -> InputFault {
    func key(_ path: [any CodingKey]) -> String {
      path.reduce("") { text, key in
        key.intValue.map { "\(text)[\($0)]" } ?? (text.isEmpty ? key.stringValue : "\(text).\(key.stringValue)")
      }
    }
    switch error as? DecodingError {
    case .keyNotFound(let missing, let context):
      return InputFault(
        at: .init(file: path, key: key(context.codingPath + [missing])), found: "nothing", expected: "a member",
        advice: "Schemas/measured-profile.schema.json says what a measured profile has")
    case .typeMismatch(_, let context), .valueNotFound(_, let context):
      return InputFault(
        at: .init(file: path, key: key(context.codingPath)), found: "a value of another kind",
        expected: "what Schemas/measured-profile.schema.json says")
    default:
      return InputFault(at: .init(file: path), found: "text that is not whole JSON", expected: "a measured profile")
    }
  }

  private struct File: Decodable {
    struct Engine: Decodable {
      var virtualisation: String?
      var fitForCalibration: Bool
    }
    struct Host: Decodable { var processor: String }
    struct Costs: Decodable {
      var exitNs: Int64
      var pageFaultNs: Int64
    }
    struct Quota: Decodable { var share: Double }
    struct Columns: Decodable {
      var wallNs: [Int64]
      var processorNs: [Int64]
      var runDelayNs: [Int64]
      var exits: [Int64]
      var pageFaults: [Int64]
      var noisy: [Int64]

      /// Nil where columns differ in length or have negative numbers.
      var rows: [Sample]? {
        let columns = [wallNs, processorNs, runDelayNs, exits, pageFaults, noisy]
        guard columns.allSatisfy({ $0.count == wallNs.count && $0.allSatisfy { $0 >= 0 } }) else { return nil }
        return wallNs.indices.map { row in
          Sample(
            wall: Double(wallNs[row]) / 1e9, processor: Double(processorNs[row]) / 1e9,
            delayed: Double(runDelayNs[row]) / 1e9, exits: Double(exits[row]), pageFaults: Double(pageFaults[row]),
            isNoisy: noisy[row] != 0)
        }
      }
    }
    struct Series: Decodable {
      var phase: String
      var restored: String?
      var samples: Columns
    }
    struct Condition: Decodable {
      var memoryMB: Int
      var quota: Quota?
      var series: [Series]
    }
    struct Function: Decodable {
      var name: String
      var kind: String
      var conditions: [Condition]
    }
    var schema: String
    var complete: Bool
    var created: String
    var host: Host
    var engine: Engine
    var unitCosts: Costs?
    var functions: [Function]
  }
}
