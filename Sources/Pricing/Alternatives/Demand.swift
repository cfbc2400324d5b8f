import Engine
import Platforms
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
  private(set) var functions: [Function] = []

  /// What one function asks for, its init aside.
  struct Function {
    /// The setting, MB.
    var memory: Int
    /// ms of its invocations by the ways in which providers round.
    var rounded: RoundedTime
  }

  /// ms of some invocations, each rounded up. Within the histograms' relative error, 0.8 %, for steps near the durations.
  struct RoundedTime {
    /// To whole ones.
    var toOne: Int128 = 0
    /// To whole ones, and 100 at least.
    var atLeastHundred: Int128 = 0
    /// To whole hundreds.
    var toHundred: Int128 = 0

    init(_ durations: LogLinearHistogram) {
      for bucket in durations.buckets {
        let middle = bucket.lower + (bucket.upper - 1 - bucket.lower) / 2
        let (whole, rest) = middle.quotientAndRemainder(dividingBy: 1_000_000)
        let milliseconds = max(1, whole + (rest > 0 ? 1 : 0))
        let count = Int128(bucket.count)
        toOne += Int128(milliseconds) * count
        atLeastHundred += Int128(max(100, milliseconds)) * count
        toHundred += Int128((milliseconds + 99) / 100 * 100) * count
      }
    }
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
      functions.append(Function(memory: function.settings.memory.megabytes, rounded: RoundedTime(tally.duration)))
    }
    let memory = time > 0 ? Double(memoryTime) / Double(time) : 128
    need = .init(processors: memory / Self.megabytesOfProcessor * 1000, memory: memory)
  }

  var span: TimeSpan { TimeSpan(nanoseconds: outcome.horizon.nanoseconds) }

  /// MB·ms when each invocation's time is rounded up to 100 ms; init aside.
  var memoryTimeByHundreds: Int128 {
    functions.reduce(0) { $0 + $1.rounded.toHundred * Int128($1.memory) }
  }

  /// vCPU/1000·ms under the same rounding, at the share of a processor that Lambda gives with memory.
  var processorTimeByHundreds: Int128 {
    functions.reduce(0) { sum, function in
      let share = Double(function.memory) / Self.megabytesOfProcessor * 1000
      return sum + Int128((Double(function.rounded.toHundred) * share).rounded(.up))
    }
  }
}
