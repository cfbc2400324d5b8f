import Diagnostics
import Workload

/// How a run is watched from outside, and what it refuses to go on with.
struct RunWatch {
  var onProgress: (Simulation.Progress) -> Void
  var shouldStop: () -> Bool

  func report(invocations: Int, share: Double?) {
    onProgress(Simulation.Progress(invocations: invocations, share: share))
  }

  /// The latest arrival that sums of times can hold: 100 years.
  private static let latestArrival: Int64 = 100 * 365 * 86_400_000_000_000

  /// - Throws: when an arrival or a duration lies outside what integer nanoseconds can add up.
  static func checkRange(_ batch: InvocationBatch) throws(InputFault) {
    for (time, duration) in zip(batch.arrivals, batch.durations)
    where time < 0 || time > latestArrival || duration < 0 || duration > TimeLaw.longest {
      throw InputFault(
        at: .init(file: "the trace"), found: "an invocation at \(time) ns that runs \(duration) ns",
        expected: "arrivals within 100 years of the trace's start and durations of at most 30 years",
        advice: "check the unit of the trace's times")
    }
  }
}
