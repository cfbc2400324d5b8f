import Diagnostics
import Foundation
import Logs
import Units
import Workloads

enum SyntheticKey: String, EntryKey {
  case horizon
  case start
  case functions
  case population
}

enum SyntheticFunctionKey: String, EntryKey {
  case arrivals
  case duration
  case memory
  case memoryUsed = "memory-used"
  case trigger
  case application
}

enum PopulationKey: String, EntryKey {
  case like
  case functions
  case applications
  case seed
  case invocationsPerDay = "invocations-per-day"
  case scale
  case triggers
  case correlation = "rate-duration-correlation"
}

/// Shapes only: whether the numbers make sense is for `Workload.synthetic` to say, in the same key paths.
extension Entry {
  func syntheticWorkload() throws(InputFault) -> SyntheticWorkload {
    let fields = try Fields<SyntheticKey>(self, "a mapping with horizon: and functions:")
    let horizon = try fields.require(.horizon, "a duration such as 7d").positiveDuration("a horizon")
    var functions: [SyntheticFunction] = []
    if let entry = fields[.functions] {
      for (name, value) in try entry.pairs("a mapping from names to arrivals and durations") {
        functions.append(try value.syntheticFunction(name))
      }
    }
    let population = try fields[.population]?.population()
    if functions.isEmpty, population == nil {
      throw fault("neither functions nor a population", expected: "at least one function")
    }
    return SyntheticWorkload(
      horizon: horizon, start: try fields[.start]?.moment(), functions: functions, population: population)
  }

  private func syntheticFunction(_ name: String) throws(InputFault) -> SyntheticFunction {
    let form = "a mapping with arrivals: and duration:, as in {arrivals: {poisson: 0.9}, duration: 200ms}"
    let fields = try Fields<SyntheticFunctionKey>(self, form)
    return SyntheticFunction(
      name: name, arrivals: try fields.require(.arrivals, "arrivals such as {poisson: 0.9}").arrivals(),
      duration: try fields.require(.duration, "a duration or a law").distribution(),
      memory: try fields[.memory]?.memory(), memoryUsed: try fields[.memoryUsed]?.number("memory in MB"),
      trigger: try fields[.trigger]?.string("a name"), application: try fields[.application]?.string("a name"))
  }

  /// A wall-clock moment in whole seconds since 1970, UTC: a date, or a date and a time.
  private func moment() throws(InputFault) -> Int64 {
    let form = "a date and time in UTC, such as 2026-03-02T00:00:00Z, or a date"
    guard let text else { throw fault(expected: form) }
    let style: Date.ISO8601FormatStyle = text.contains("T") ? .iso8601 : .iso8601.year().month().day()
    // A moment that does not print as it was read had a day that its month does not have.
    guard let date = try? Date(text, strategy: style), date.formatted(style) == text else {
      throw fault(expected: form)
    }
    return Int64(date.timeIntervalSince1970)
  }

  private func population() throws(InputFault) -> Population {
    let fields = try Fields<PopulationKey>(self, "a mapping as in {like: azure-2019, functions: 20000}")
    let model: Population.Model = try fields.require(.like, "a model: azure-2019").choice("a model")
    let several = 1...Int(Int32.max)
    let size: Population.Size
    switch (fields[.functions], fields[.applications]) {
    case (let entry?, nil): size = .functions(try entry.integer(in: several, "a number of functions"))
    case (nil, let entry?): size = .applications(try entry.integer(in: several, "a number of applications"))
    case (_?, _?): throw fault("functions and applications", expected: "one of the two")
    case (nil, nil): throw fault("no size", expected: "functions: or applications:, a number")
    }
    let volume: Population.Volume?
    switch (fields[.invocationsPerDay], fields[.scale]) {
    case (let entry?, nil): volume = .invocationsPerDay(try entry.number("a number of invocations"))
    case (nil, let entry?): volume = .scale(try entry.number("a factor"))
    case (_?, _?): throw fault("invocations-per-day and scale", expected: "one of the two")
    case (nil, nil): volume = nil
    }
    return Population(
      like: model, size: size, seed: try fields[.seed]?.seed() ?? 0, volume: volume,
      triggers: try fields[.triggers]?.triggers(),
      rateDurationCorrelation: try fields[.correlation]?.signedNumber("a rank correlation, -1 to 1") ?? 0)
  }

  private func triggers() throws(InputFault) -> [Population.Trigger: Double] {
    var weights: [Population.Trigger: Double] = [:]
    let names = Population.Trigger.allCases.map(\.rawValue)
    for (name, value) in try pairs("a mapping from triggers to weights, as in {http: 55, timer: 45}") {
      guard let trigger = Population.Trigger(rawValue: name) else {
        throw value.fault("an unknown trigger", expected: "a known one", advice: didYouMean(name, among: names))
      }
      weights[trigger] = try value.number("a weight")
    }
    return weights
  }
}
