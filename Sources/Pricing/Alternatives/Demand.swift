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
    }
    let memory = time > 0 ? Double(memoryTime) / Double(time) : 128
    need = .init(processors: memory / Self.megabytesOfProcessor * 1000, memory: memory)
  }

  var span: TimeSpan { TimeSpan(nanoseconds: outcome.horizon.nanoseconds) }

  /// MB·ms when each invocation's time is rounded up to steps of `step` ms and its memory to steps of `megabytes` up to
  /// `most`; init aside. Within the histograms' relative error, 0.8 %, for steps near the durations.
  func memoryTime(step: Int64, megabytes: Int, most: Int = .max) -> Int128 {
    outcome.functions.reduce(0) { sum, function in
      let memory = min(most, (function.settings.memory.megabytes + megabytes - 1) / megabytes * megabytes)
      return sum + Self.roundedTime(function.tally.duration, step: step) * Int128(memory)
    }
  }

  /// vCPU/1000·ms under the same rounding, at the share of a processor that Lambda gives with memory.
  func processorTime(step: Int64) -> Int128 {
    outcome.functions.reduce(0) { sum, function in
      let share = Double(function.settings.memory.megabytes) / Self.megabytesOfProcessor * 1000
      return sum + Int128((Double(Self.roundedTime(function.tally.duration, step: step)) * share).rounded(.up))
    }
  }

  /// ms of all values, each rounded up to steps of `step` ms, one step at least.
  static func roundedTime(_ durations: LogLinearHistogram, step: Int64) -> Int128 {
    let width = Int128(step) * 1_000_000
    return durations.buckets.reduce(0) { sum, bucket in
      let middle = (Int128(bucket.lower) + Int128(bucket.upper - 1)) / 2
      return sum + max(1, (middle + width - 1) / width) * Int128(step) * Int128(bucket.count)
    }
  }
}
