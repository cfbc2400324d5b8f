/// A parameter for which a formula has no answer: what it is, what was given, what would do.
public struct ParameterOutOfRange: Error, Equatable, Sendable, CustomStringConvertible {
  /// The parameter in words, such as `keep-alive`.
  public var parameter: String
  public var found: String
  public var expected: String

  public init(parameter: String, found: String, expected: String) {
    self.parameter = parameter
    self.found = found
    self.expected = expected
  }

  public var description: String { "\(parameter): found \(found), expected \(expected)" }
}

/// The largest load that the formulas take, in Erlang: recursions over levels stay in the range of seconds.
public let largestOfferedLoad = 1e6

func requirePositive(_ value: Double, _ parameter: String) throws(ParameterOutOfRange) {
  guard value > 0, value.isFinite else {
    throw ParameterOutOfRange(parameter: parameter, found: "\(value)", expected: "a number above zero")
  }
}

func requireNotNegative(_ value: Double, _ parameter: String) throws(ParameterOutOfRange) {
  guard value >= 0, value.isFinite else {
    throw ParameterOutOfRange(parameter: parameter, found: "\(value)", expected: "zero or more")
  }
}

/// A length of time in seconds: from a picosecond to thirty million years, so that no transform over- or underflows.
func requireTime(_ value: Double, _ parameter: String) throws(ParameterOutOfRange) {
  guard value >= 1e-12, value <= 1e15 else {
    throw ParameterOutOfRange(parameter: parameter, found: "\(value) s", expected: "a time above zero")
  }
}

/// A rate per second, within the inverse of the range of times.
func requireRate(_ value: Double, _ parameter: String) throws(ParameterOutOfRange) {
  guard value >= 1e-15, value <= 1e12 else {
    throw ParameterOutOfRange(parameter: parameter, found: "\(value)/s", expected: "a rate above zero")
  }
}

/// A probability strictly between 0 and 1.
func requireProbability(_ value: Double, _ parameter: String) throws(ParameterOutOfRange) {
  guard value > 0, value < 1 else {
    throw ParameterOutOfRange(parameter: parameter, found: "\(value)", expected: "a share between 0 and 1")
  }
}

/// A count of environments or servers; the bound keeps recursions over them in the range of seconds.
func requireCount(
  _ value: Int, _ parameter: String, in range: ClosedRange<Int> = 1...10_000_000
) throws(ParameterOutOfRange) {
  guard range.contains(value) else {
    throw ParameterOutOfRange(
      parameter: parameter, found: "\(value)", expected: "from \(range.lowerBound) to \(range.upperBound)")
  }
}

/// A rate and a mean service time whose product, the offered load in Erlang, is within `largestOfferedLoad`.
func requireLoad(rate: Double, service: Double) throws(ParameterOutOfRange) {
  try requireRate(rate, "rate")
  try requireTime(service, "service time")
  try requireLoad(rate * service)
}

/// An offered load in Erlang.
func requireLoad(_ offered: Double, atMost most: Double = largestOfferedLoad) throws(ParameterOutOfRange) {
  guard offered > 0, offered <= most else {
    throw ParameterOutOfRange(
      parameter: "offered load", found: "\(offered) Erlang", expected: "above zero and at most \(Int(most)) Erlang")
  }
}
