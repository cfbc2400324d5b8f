import Diagnostics
import Units
import Workloads

enum ProfileKey: String, EntryKey {
  case diurnal
  case weekly
  case sinusoid
  case steps
}

enum SinusoidKey: String, EntryKey {
  case amplitude
  case period
  case phase
}

enum StepsKey: String, EntryKey {
  case step
  case values
  case repeats = "repeat"
}

extension Entry {
  /// Factors of a rate over time; several multiply.
  func rateProfile() throws(InputFault) -> RateProfile {
    let fields = try Fields<ProfileKey>(self, "a mapping with diurnal:, weekly:, sinusoid: or steps:")
    var factors: [RateProfile.Factor] = []
    if let entry = fields[.diurnal] {
      factors.append(.diurnal(try entry.numbers("24 weights, one an hour", count: 24)))
    }
    if let entry = fields[.weekly] { factors.append(.weekly(try entry.numbers("7 weights, Monday first", count: 7))) }
    if let entry = fields[.sinusoid] {
      for wave in entry.isList ? try entry.list("waves") : [entry] { factors.append(try wave.sinusoid()) }
    }
    if let entry = fields[.steps] { factors.append(try entry.steps()) }
    guard !factors.isEmpty else { throw fault("no factors", expected: "one of diurnal, weekly, sinusoid, steps") }
    return RateProfile(factors)
  }

  private func sinusoid() throws(InputFault) -> RateProfile.Factor {
    let fields = try Fields<SinusoidKey>(self, "a wave such as {amplitude: 0.5, period: 1d, phase: 9h}")
    return .sinusoid(
      amplitude: try fields.require(.amplitude, "an amplitude, 0 to 1").number("an amplitude, 0 to 1"),
      period: try fields[.period]?.positiveDuration("a period") ?? .hours(24),
      phase: try fields[.phase]?.duration("a phase") ?? .zero)
  }

  private func steps() throws(InputFault) -> RateProfile.Factor {
    let fields = try Fields<StepsKey>(self, "steps such as {step: 1h, values: [1, 1, 5, 1]}")
    let repeats = fields[.repeats]
    if let repeats, !repeats.isWord("true"), !repeats.isWord("false") { throw repeats.fault(expected: "true or false") }
    return .steps(
      length: try fields.require(.step, "the length of a step").positiveDuration("a length"),
      values: try fields.require(.values, "a list of factors").numbers("a list of factors"),
      repeats: repeats?.isWord("false") != true)
  }

  /// A list of numbers that are not negative.
  func numbers(_ what: String, count: Int? = nil) throws(InputFault) -> [Double] {
    var numbers: [Double] = []
    for value in try list(what) { numbers.append(try value.number("a weight")) }
    if let count, numbers.count != count { throw fault("\(numbers.count) numbers", expected: what) }
    return numbers
  }
}
