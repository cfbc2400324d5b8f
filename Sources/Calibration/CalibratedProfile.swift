public import Documents
public import Platforms
public import Statistics
import Units

/// A profile with what it rests on: sources, fits, warnings.
public struct CalibratedProfile: Sendable {
  /// A file that was read.
  public struct Source: Hashable, Sendable {
    public var file: String
    /// `cold starts`, `durations by memory`…
    public var kind: String
    public var rows: Int
    /// What the data reach over, where they say.
    public var window: Window?

    /// Dates, or seconds since a trace's own beginning.
    public struct Window: Hashable, Sendable {
      public var from: String
      public var to: String

      public init(from: String, to: String) {
        self.from = from
        self.to = to
      }
    }

    public init(file: String, kind: String, rows: Int, window: Window? = nil) {
      self.file = file
      self.kind = kind
      self.rows = rows
      self.window = window
    }
  }

  public var profile: Profile
  public var sources: [Source] = []
  /// Fits and intervals, for whoever wants to judge the laws.
  public var evidence: [(String, JSON)] = []
  public var warnings: [String] = []

  public init(name: String) { profile = Profile(name: name) }

  /// The file's format, which a scenario's `profile:` reads.
  public static let schema = "faascast.profile/1"

  /// The profile as a file.
  public var json: JSON {
    var members: [(String, JSON)] = [
      ("schema", .text(Self.schema)), ("name", .text(profile.name)),
      (
        "sources",
        .array(
          sources.map { source in
            .object(
              [("file", .text(source.file)), ("kind", .text(source.kind)), ("rows", .integer(source.rows))]
                + (source.window.map { [("from", .text($0.from)), ("to", .text($0.to))] } ?? []))
          })
      ),
    ]
    var platform: [(String, JSON)] = []
    if let reuse = profile.reuse { platform.append(("reuse", .text(reuse.rawValue))) }
    if let keepAlive = profile.keepAlive {
      let deeper = keepAlive.deeper.map { [("deeper", $0.json)] } ?? []
      platform.append(("keep-alive", .object(keepAlive.sole.member + deeper)))
    }
    if let lifetime = profile.maximumLifetime { platform.append(("maximum-lifetime", lifetime.json)) }
    if !platform.isEmpty { members.append(("platform", .object(platform))) }
    if !profile.functions.isEmpty { members.append(("functions", .array(profile.functions.map(\.json)))) }
    if !evidence.isEmpty { members.append(("evidence", .object(evidence))) }
    members.append(("warnings", .texts(warnings)))
    return .object(members)
  }
}

extension ProfiledFunction {
  fileprivate var json: JSON {
    var members: [(String, JSON)] = []
    for (name, value) in [
      ("function", function), ("runtime", runtime), ("architecture", architecture?.rawValue), ("package", package),
    ] {
      if let value { members.append((name, .text(value))) }
    }
    if let initDuration { members.append(("init", initDuration.json)) }
    if let duration { members.append(("duration", duration.json)) }
    if let memoryScaling {
      members.append(
        (
          "memory-scaling",
          .object(
            [
              ("fixed", .time(memoryScaling.fixed)), ("work", .time(memoryScaling.work)),
              ("parallelism", .number(memoryScaling.parallelism)),
            ] + (memoryScaling.showsQuota ? [("quota", .boolean(true))] : []))
        ))
    }
    return .object(members)
  }
}

extension JSON {
  /// Seconds as a scenario writes them, to the nanosecond.
  static func time(_ seconds: Double) -> JSON { .text(TimeSpan(seconds: seconds)?.description ?? "0s") }
}

extension Distribution {
  /// The law as a scenario writes it: `{"lognormal": {"median": "145ms", "sigma": 0.2}}`.
  public var json: JSON { .object(member) }

  var member: [(String, JSON)] {
    func law(_ name: String, _ members: [(String, JSON)]) -> [(String, JSON)] { [(name, .object(members))] }
    switch self {
    case .constant(let value): return [("constant", .time(value))]
    case .uniform(let lower, let upper): return [("uniform", .array([.time(lower), .time(upper)]))]
    case .exponential(let mean): return law("exponential", [("mean", .time(mean))])
    case .lognormal(_, let sigma):
      return law("lognormal", [("median", .time(quantile(0.5))), ("sigma", .number(sigma))])
    case .gamma(let shape, let scale): return law("gamma", [("scale", .time(scale)), ("shape", .number(shape))])
    case .weibull(let shape, let scale): return law("weibull", [("scale", .time(scale)), ("shape", .number(shape))])
    case .logLogistic(let shape, let scale):
      return law("loglogistic", [("median", .time(scale)), ("shape", .number(shape))])
    case .burr(let shape, let tail, let scale):
      return law("burr", [("scale", .time(scale)), ("shape", .number(shape)), ("tail", .number(tail))])
    case .mixture(let parts):
      return [
        (
          "mixture",
          .array(parts.map { .object([("weight", .number($0.weight))] + $0.distribution.member) })
        )
      ]
    case .empirical(let quantiles):
      return law(
        "empirical",
        zip(quantiles.probabilities, quantiles.values).map { p, value in
          let percent = (p * 1e8).rounded() / 1e6
          let name = percent == percent.rounded() ? String(Int(percent)) : String(percent)
          return ("p" + name, .time(value))
        })
    }
  }
}
