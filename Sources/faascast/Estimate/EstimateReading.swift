import ArgumentParser
import Statistics
import Units

/// Quantities as people write them on the command line.
enum EstimateReading {
  /// Seconds from `200ms` or `1h30m`.
  static func time(_ text: String) throws -> Double {
    guard let span = TimeSpan(parsing: text), span >= .zero else {
      throw ValidationError("expected a time with its unit, such as 200ms, 1.5s or 10m, found '\(text)'")
    }
    return span.seconds
  }

  /// A rate per second from `0.9`, `0.9/s`, `30/m` or `5/h`.
  static func rate(_ text: String) throws -> Double {
    let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
    let unit = parts.count == 2 ? TimeUnit(rawValue: String(parts[1])) : .seconds
    guard let unit, let number = Double(parts[0]), number >= 0, number.isFinite else {
      throw ValidationError("expected a rate per second, or such as 30/m or 5/h, found '\(text)'")
    }
    return number / (Double(unit.nanoseconds) / 1e9)
  }

  /// A share strictly between zero and one, from `0.01` or `1%`.
  static func share(_ text: String) throws -> Double {
    let isPercent = text.hasSuffix("%")
    let number = Double(text.dropLast(isPercent ? 1 : 0)).map { isPercent ? $0 / 100 : $0 }
    guard let number, number > 0, number < 1 else {
      throw ValidationError("expected a share between 0 and 1, such as 0.01 or 1%, found '\(text)'")
    }
    return number
  }

  /// Numbers between commas.
  static func numbers(_ text: String) throws -> [Double] {
    try text.split(separator: ",", omittingEmptySubsequences: false).map { part in
      guard let number = Double(part.filter { $0 != " " }) else {
        throw ValidationError("expected numbers between commas, such as 5,3,1, found '\(part)'")
      }
      return number
    }
  }

  /// A law of times: `600s` (exponential with that mean), `constant:10m`, `exponential:10m`, `uniform:9m..11m`, or a
  /// family with two parameters, `gamma:mean=10m,cv=2`.
  static func law(_ text: String) throws -> Distribution {
    guard let colon = text.firstIndex(of: ":") else { return .exponential(mean: try time(text)) }
    let name = String(text[..<colon])
    let rest = String(text[text.index(after: colon)...])
    switch name {
    case "constant": return .constant(try time(rest))
    case "exponential": return .exponential(mean: try time(rest))
    case "uniform":
      guard let dots = rest.firstRange(of: "..") else {
        throw ValidationError("expected a range such as uniform:9m..11m, found '\(text)'")
      }
      let (lower, upper) = (try time(String(rest[..<dots.lowerBound])), try time(String(rest[dots.upperBound...])))
      guard lower <= upper else { throw ValidationError("expected the smaller end first, found '\(text)'") }
      return .uniform(lower: lower, upper: upper)
    default: break
    }
    guard let family = ScaleFamily(rawValue: name) else {
      let known = ["constant", "exponential", "uniform"] + ScaleFamily.allCases.map(\.rawValue)
      throw ValidationError("expected a law, one of \(known.joined(separator: ", ")), found '\(name)'")
    }
    let parameters = try rest.split(separator: ",").map(parameter)
    guard parameters.count == 2 else { throw ValidationError("\(name) needs \(family.pairs), found '\(rest)'") }
    do {
      return try family.law(parameters[0], parameters[1])
    } catch {
      throw ValidationError("\(name) needs \(error.expected), found '\(rest)'")
    }
  }

  /// `mean=10m`, `median=10m`, `p99=1h`, `scale=300s`, `cv=2`, `shape=0.5` or, for the lognormal, `sigma=1`.
  private static func parameter(_ text: Substring) throws -> KnownParameter {
    let parts = text.split(separator: "=", maxSplits: 1).map { String($0.filter { $0 != " " }) }
    guard parts.count == 2 else {
      throw ValidationError("expected a parameter such as mean=10m or cv=2, found '\(text)'")
    }
    func number() throws -> Double {
      guard let number = Double(parts[1]) else {
        throw ValidationError("expected a number for \(parts[0]), found '\(parts[1])'")
      }
      return number
    }
    switch parts[0] {
    case "mean": return .mean(try time(parts[1]))
    case "median": return .median(try time(parts[1]))
    case "scale": return .scale(try time(parts[1]))
    case "cv": return .cv(try number())
    case "shape", "sigma": return .shape(try number())
    default:
      guard parts[0].hasPrefix("p"), let percent = Double(parts[0].dropFirst()), percent > 0, percent < 100 else {
        throw ValidationError(
          "expected mean, median, a percentile such as p99, scale, cv, shape or sigma, found '\(parts[0])'")
      }
      return .quantile(p: percent / 100, value: try time(parts[1]))
    }
  }
}
