import Diagnostics
import Statistics
import Units

/// The laws a distribution may be.
enum LawKey: String, EntryKey {
  case constant
  case uniform
  case exponential
  case lognormal
  case gamma
  case weibull
  case loglogistic
  case burr
  case mixture
  case empirical
}

/// What may be said of a lognormal law, percentiles (`p99`) aside.
enum LognormalKey: String, EntryKey {
  case mean
  case median
  case sigma
  case cv
}

/// What may be said of a law with shape and scale, percentiles (`p99`) aside.
enum ShapeKey: String, EntryKey {
  case mean
  case median
  case scale
  case shape
  case cv
}

/// What a Burr law needs.
enum BurrKey: String, EntryKey {
  case scale
  case shape
  case tail
}

enum ExponentialKey: String, EntryKey {
  case mean
}

/// What a part of a mixture has beside its law.
enum MixtureKey: String, EntryKey {
  case weight
}

extension Entry {
  private static let lawForm = "a duration such as 250ms, or a law such as {lognormal: {median: 145ms, p99: 216ms}}"

  /// A law of times in seconds: a bare duration, or a mapping with one of the laws. `others` are keys of the mapping
  /// that somebody else reads.
  func distribution(others: [String] = []) throws(InputFault) -> Distribution {
    guard isMapping else {
      guard text != nil else { throw fault(expected: Self.lawForm) }
      return .constant(try duration().seconds)
    }
    let fields = try Fields<LawKey>(self, Self.lawForm, others: others)
    let present = fields.present
    guard present.count == 1, let key = present.first, let value = fields[key] else {
      throw fault(
        present.isEmpty ? "no law" : present.map(\.rawValue).joined(separator: " and "),
        expected: "exactly one of \(LawKey.names.joined(separator: ", "))")
    }
    switch key {
    case .constant: return .constant(try value.duration().seconds)
    case .uniform: return try value.uniform()
    case .exponential: return .exponential(mean: try value.exponentialMean())
    case .lognormal: return try value.law(of: .lognormal, LognormalKey.self)
    case .gamma: return try value.law(of: .gamma, ShapeKey.self)
    case .weibull: return try value.law(of: .weibull, ShapeKey.self)
    case .loglogistic: return try value.law(of: .logLogistic, ShapeKey.self)
    case .burr: return try value.burr()
    case .mixture: return try value.mixture()
    case .empirical: return .empirical(try value.quantiles())
    }
  }

  private func uniform() throws(InputFault) -> Distribution {
    let form = "two durations, the lower one first: [620s, 655s]"
    let bounds = try list(form)
    guard bounds.count == 2 else { throw fault("a list of \(bounds.count)", expected: form) }
    let lower = try bounds[0].duration()
    let upper = try bounds[1].duration()
    guard lower <= upper else { throw fault("\(lower) before \(upper)", expected: form) }
    return .uniform(lower: lower.seconds, upper: upper.seconds)
  }

  private func exponentialMean() throws(InputFault) -> Double {
    let value =
      isMapping
      ? try Fields<ExponentialKey>(self, "a mean").require(.mean, "a mean, as in {exponential: {mean: 2s}}") : self
    return try value.positiveDuration("a mean").seconds
  }

  private func burr() throws(InputFault) -> Distribution {
    let form = "a Burr law such as {scale: 80ms, shape: 4, tail: 0.5}"
    let fields = try Fields<BurrKey>(self, form)
    func positive(_ key: BurrKey) throws(InputFault) -> Double {
      let entry = try fields.require(key, form)
      let value = try entry.number("a \(key.rawValue)")
      guard value > 0 else { throw entry.fault(expected: "a \(key.rawValue) above zero") }
      return value
    }
    return .burr(
      shape: try positive(.shape), tail: try positive(.tail),
      scale: try fields.require(.scale, form).positiveDuration("a scale").seconds)
  }

  // MARK: Laws of two parameters

  private func law<Key: EntryKey>(of family: ScaleFamily, _ keys: Key.Type) throws(InputFault) -> Distribution {
    let form = "a mapping with two parameters of a \(family.rawValue) law (\(family.pairs))"
    var known: [KnownParameter] = []
    var names: [String] = []
    for (name, value) in try pairs(form) {
      known.append(try value.parameter(name, Key.names))
      names.append(name)
    }
    guard known.count == 2 else {
      throw fault(names.isEmpty ? "no parameters" : names.joined(separator: ", "), expected: family.pairs)
    }
    do {
      return try family.law(known[0], known[1])
    } catch {
      let written = try pairs(form).map { name, value in "\(name) \(value.text ?? "")" }
      throw fault(written.joined(separator: ", "), expected: error.expected)
    }
  }

  private func parameter(_ name: String, _ names: [String]) throws(InputFault) -> KnownParameter {
    if let p = Self.percentile(name) { return .quantile(p: p, value: try duration("a percentile").seconds) }
    guard names.contains(name) else {
      throw fault(
        "an unknown key", expected: "a known one or a percentile such as p99", advice: didYouMean(name, among: names))
    }
    switch name {
    case "mean": return .mean(try duration("a mean").seconds)
    case "median": return .median(try duration("a median").seconds)
    case "scale": return .scale(try duration("a scale").seconds)
    case "cv": return .cv(try number("a coefficient of variation"))
    default: return .shape(try number("a \(name)"))
    }
  }

  /// The share that a key such as `p99.9` names; nil for other keys.
  static func percentile(_ name: String) -> Double? {
    guard name.first == "p", name.dropFirst().allSatisfy({ $0.isASCII && ($0.isNumber || $0 == ".") }),
      let percent = Double(name.dropFirst()), percent <= 100
    else { return nil }
    return percent / 100
  }

  // MARK: Laws of many parameters

  private func mixture() throws(InputFault) -> Distribution {
    let form = "a list of laws with weights: [{weight: 9, constant: 20ms}, {weight: 1, exponential: 2s}]"
    var parts: [Distribution.Component] = []
    for part in try list(form) {
      var weight = 1.0
      if part.isMapping {
        let fields = try Fields<MixtureKey>(part, form, others: LawKey.names)
        if let entry = fields[.weight] { weight = try entry.number("a weight") }
      }
      guard weight > 0 else { throw part.fault("a weight of zero", expected: "a weight above zero") }
      parts.append(.init(weight: weight, distribution: try part.distribution(others: MixtureKey.names)))
    }
    guard !parts.isEmpty else { throw fault("an empty list", expected: form) }
    return .mixture(parts)
  }

  private func quantiles() throws(InputFault) -> QuantileFunction {
    let form = "a list of durations, or percentiles such as {p0: 10ms, p50: 30ms, p100: 2s}"
    if isList {
      var sample: [Double] = []
      for value in try list(form) { sample.append(try value.duration().seconds) }
      guard let quantiles = QuantileFunction(sample: sample) else { throw fault("an empty list", expected: form) }
      return quantiles
    }
    var points: [(p: Double, value: Double)] = []
    for (name, value) in try pairs(form) {
      guard let p = Self.percentile(name) else {
        throw value.fault("an unknown key", expected: "a percentile, p0 to p100")
      }
      points.append((p, try value.duration().seconds))
    }
    points.sort { $0.p < $1.p }
    guard let quantiles = QuantileFunction(probabilities: points.map(\.p), values: points.map(\.value)) else {
      throw fault(points.isEmpty ? nil : "percentiles that fall", expected: "percentiles that rise from p0 to p100")
    }
    return quantiles
  }
}
