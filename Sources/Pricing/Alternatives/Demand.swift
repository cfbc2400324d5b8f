import Platform
import Simulation
import Statistics
import Units

/// What a simulated workload asks of whatever runs it.
struct Demand {
  var requests: Int128 = 0
  /// MB·ms, as Lambda bills them.
  var memoryTime: Int128 = 0
  /// ms, as Lambda bills them.
  var time: Int128 = 0
  var need = Fleet.Need(processors: 0, memory: 0)
  let outcome: Outcome
  /// What each function does, once out of the histograms.
  private(set) var functions: [Function] = []

  struct Function {
    /// The setting, MB.
    var memory: Int
    var durations: [LogLinearHistogram.Bucket]
  }

  /// Memory at which Lambda gives one processor, MB (docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html,
  /// 2026-11).
  static let megabytesOfProcessor = 1769.0

  init(_ outcome: Outcome) {
    self.outcome = outcome
    for function in outcome.functions {
      let tally = function.tally
      requests += Int128(tally.starts)
      memoryTime += tally.billedMegabyteMilliseconds + tally.provisionedBilledMegabyteMilliseconds
      time += tally.billedMilliseconds + tally.provisionedBilledMilliseconds
      functions.append(Function(memory: function.settings.memory.megabytes, durations: tally.duration.buckets))
    }
    let memory = time > 0 ? Double(memoryTime) / Double(time) : 128
    need = .init(processors: memory / Self.megabytesOfProcessor * 1000, memory: memory)
  }

  var span: TimeSpan { TimeSpan(nanoseconds: outcome.horizon.nanoseconds) }

  /// MB·ms when each invocation's time is rounded up to steps of `step` ms; init aside. Within the histograms' relative
  /// error, 0.8 %, for steps near the durations.
  func memoryTime(step: Int64) -> Int128 {
    functions.reduce(0) { $0 + Self.roundedTime($1.durations, step: step) * Int128($1.memory) }
  }

  /// vCPU/1000·ms under the same rounding, at the share of a processor that Lambda gives with memory.
  func processorTime(step: Int64) -> Int128 {
    functions.reduce(0) { sum, function in
      let share = Double(function.memory) / Self.megabytesOfProcessor * 1000
      return sum + Int128((Double(Self.roundedTime(function.durations, step: step)) * share).rounded(.up))
    }
  }

  /// ms of all values, each rounded up to steps of `step` ms, one step at least.
  static func roundedTime(_ durations: [LogLinearHistogram.Bucket], step: Int64) -> Int128 {
    let width = step * 1_000_000
    return durations.reduce(0) { sum, bucket in
      let middle = bucket.lower + (bucket.upper - 1 - bucket.lower) / 2
      return sum + Int128(max(1, middle / width + (middle % width > 0 ? 1 : 0))) * Int128(step) * Int128(bucket.count)
    }
  }

  /// ms of a function's invocations, rounded up to whole ones, each `shortest` at least.
  func time(_ function: Function, atLeast shortest: Int64) -> Int128 {
    function.durations.reduce(0) { sum, bucket in
      let middle = bucket.lower + (bucket.upper - 1 - bucket.lower) / 2
      return sum + Int128(max(shortest, (middle + 999_999) / 1_000_000)) * Int128(bucket.count)
    }
  }
}
