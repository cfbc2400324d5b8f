import Diagnostics
import Logs
import Statistics
import Units
import Workloads

enum ArrivalsKey: String, EntryKey {
  case poisson
  case mmpp
  case renewal
  case batch
  case timer
  case onOff = "on-off"
  case sum
  case profile
}

enum MarkovStateKey: String, EntryKey {
  case rate
  case stay
  case next
}

enum RenewalKey: String, EntryKey {
  case gap
  case rate
  case cv
  case law
  case start
}

enum BatchKey: String, EntryKey {
  case rate
  case arrivals
  case size
}

enum BatchSizeKey: String, EntryKey {
  case geometric
  case uniform
  case weights
}

enum TimerKey: String, EntryKey {
  case schedule
  case offset
  case jitter
}

enum OnOffKey: String, EntryKey {
  case on
  case off
  case arrivals
}

extension Entry {
  /// An arrival process: a mapping with one of the processes, and a profile that bends its rate.
  func arrivals() throws(InputFault) -> ArrivalProcess {
    let form = "arrivals such as {poisson: 0.9}"
    let fields = try Fields<ArrivalsKey>(self, form)
    let processes = fields.present.filter { $0 != .profile }
    guard processes.count == 1, let key = processes.first, let value = fields[key] else {
      let known = ArrivalsKey.names.filter { $0 != ArrivalsKey.profile.rawValue }.joined(separator: ", ")
      throw fault(
        processes.isEmpty ? "no arrival process" : processes.map(\.rawValue).joined(separator: " and "),
        expected: "exactly one of \(known)")
    }
    let process = try value.process(key)
    guard let profile = fields[.profile] else { return process }
    return .modulated(process, by: try profile.rateProfile())
  }

  private func process(_ key: ArrivalsKey) throws(InputFault) -> ArrivalProcess {
    switch key {
    case .poisson: return .poisson(rate: try rate())
    case .mmpp:
      var states: [MarkovState] = []
      for state in try list("a list of states: [{rate: 10, stay: 10s}, {rate: 1, stay: 50s}]") {
        states.append(try state.markovState())
      }
      return .markovModulated(states)
    case .renewal: return try renewal()
    case .batch: return try batch()
    case .timer: return try timer()
    case .onOff:
      let fields = try Fields<OnOffKey>(self, "a mapping with on:, off: and arrivals:")
      return .onOff(
        on: try fields.require(.on, "a law of the time on").distribution(),
        off: try fields.require(.off, "a law of the time off").distribution(),
        during: try fields.require(.arrivals, "the arrivals while on").arrivals())
    case .sum:
      var parts: [ArrivalProcess] = []
      for part in try list("a list of arrivals: [{poisson: 0.2}, {timer: 5m}]") { parts.append(try part.arrivals()) }
      return .sum(parts)
    case .profile: throw fault(expected: "arrivals")
    }
  }

  /// Arrivals per second.
  private func rate() throws(InputFault) -> Double {
    guard let text, let rate = ArrivalRate.perSecond(parsing: text), rate >= 0 else {
      throw fault(expected: "a rate: a number per second, or one with its unit such as 50/m")
    }
    return rate
  }

  private func markovState() throws(InputFault) -> MarkovState {
    let fields = try Fields<MarkovStateKey>(self, "a state such as {rate: 10, stay: 10s}")
    return MarkovState(
      rate: try fields.require(.rate, "the rate in this state").rate(),
      stay: try fields.require(.stay, "the mean time in this state").duration(),
      next: try fields[.next]?.numbers("a weight for each state"))
  }

  private func renewal() throws(InputFault) -> ArrivalProcess {
    let fields = try Fields<RenewalKey>(self, "a mapping with gap:, or with rate:, cv: and law:")
    let start: RenewalStart = try fields[.start]?.choice("a start") ?? .equilibrium
    let byRate = [RenewalKey.rate, .cv, .law].filter { fields[$0] != nil }
    if let gap = fields[.gap] {
      guard byRate.isEmpty else { throw fault("gap and \(byRate[0].rawValue)", expected: "gap, or rate, cv and law") }
      return .renewal(gap: try gap.distribution(), start: start)
    }
    let rate = try fields.require(.rate, "gap:, or rate:, cv: and law:").rate()
    let cv = try fields.require(.cv, "the gaps' coefficient of variation").number("a coefficient of variation")
    let law: GapLaw = try fields.require(.law, "a law of gaps").choice("a law of gaps")
    return .renewal(gap: try placed { () throws(InputFault) in try .gap(law: law, rate: rate, cv: cv) }, start: start)
  }

  private func batch() throws(InputFault) -> ArrivalProcess {
    let fields = try Fields<BatchKey>(self, "a mapping with rate: or arrivals:, and size:")
    let process: ArrivalProcess
    switch (fields[.rate], fields[.arrivals]) {
    case (let entry?, nil): process = .poisson(rate: try entry.rate())
    case (nil, let entry?): process = try entry.arrivals()
    case (_?, _?): throw fault("rate and arrivals", expected: "one of the two")
    case (nil, nil): throw fault("neither rate nor arrivals", expected: "one of the two")
    }
    return .batch(of: process, size: try fields.require(.size, "a size such as 20 or {geometric: 4}").batchSize())
  }

  private func batchSize() throws(InputFault) -> BatchSize {
    let form = "a whole number, {geometric: MEAN}, {uniform: [LOW, HIGH]} or {weights: {SIZE: WEIGHT}}"
    let sizes = 1...Int(Int32.max)
    guard isMapping else { return .constant(try integer(in: sizes, "a size")) }
    let fields = try Fields<BatchSizeKey>(self, form)
    guard fields.present.count == 1, let key = fields.present.first, let value = fields[key] else {
      throw fault(expected: form)
    }
    switch key {
    case .geometric: return .geometric(mean: try value.number("a mean"))
    case .uniform:
      let bounds = try value.list("two whole numbers, the lower one first")
      guard bounds.count == 2 else { throw value.fault(expected: "two whole numbers, the lower one first") }
      return .uniform(try bounds[0].integer(in: sizes, "a size"), try bounds[1].integer(in: sizes, "a size"))
    case .weights:
      var weights: [BatchSize.Weight] = []
      for (name, weight) in try value.pairs("a mapping from sizes to weights, as in {1: 0.7, 10: 0.3}") {
        guard let size = Int(name), sizes.contains(size) else {
          throw weight.fault("\(excerpt(name)) as a size", expected: "a whole number from 1")
        }
        weights.append(.init(size: size, weight: try weight.number("a weight")))
      }
      return .weighted(weights)
    }
  }

  private func timer() throws(InputFault) -> ArrivalProcess {
    guard isMapping else { return .timer(try schedule(), offset: .fixed(.zero), jitter: nil) }
    let fields = try Fields<TimerKey>(self, "a schedule such as 5m, or a mapping with schedule:")
    let offset: TimerOffset
    if let entry = fields[.offset] {
      offset = entry.isWord("random") ? .random : .fixed(try entry.duration("a duration or random,"))
    } else {
      offset = .fixed(.zero)
    }
    return .timer(
      try fields.require(.schedule, "a schedule such as 5m or \"*/15 8-18 * * MON-FRI\"").schedule(), offset: offset,
      jitter: try fields[.jitter]?.distribution())
  }

  private func schedule() throws(InputFault) -> Schedule {
    let text = try string("a schedule such as 5m or \"*/15 8-18 * * MON-FRI\"")
    return try placed { () throws(InputFault) in try Schedule(parsing: text) }
  }

  /// Gives a fault that knows no file this value's place.
  private func placed<Value>(_ body: () throws(InputFault) -> Value) throws(InputFault) -> Value {
    do {
      return try body()
    } catch {
      throw InputFault(at: place, found: error.found, expected: error.expected, advice: error.advice)
    }
  }
}
