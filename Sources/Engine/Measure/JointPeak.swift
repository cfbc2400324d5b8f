/// The concurrency of all functions together, followed behind the replay: while one slice of time is replayed, the
/// moments of the slice before it are swept.
final class JointPeak {
  private var all = PeakSweep()
  /// Those that take from the concurrency that functions share, where that is not all of them.
  private var shared: PeakSweep?
  /// What was taken from each thread, and until when; the end is nil when all is swept.
  private var moments: [Moments]
  private var end: Int64?

  init(threads: Int, tellsShared: Bool) {
    shared = tellsShared ? PeakSweep() : nil
    moments = Array(repeating: Moments(tellsShared: tellsShared), count: threads)
  }

  /// Takes what threads collected before `end`, all of it; the slice taken before must have been settled.
  func take(_ workers: [Worker], before end: Int64) {
    // The threads get the memory of the slice before to fill again.
    for (thread, worker) in workers.enumerated() { swap(&worker.moments, &moments[thread]) }
    self.end = end
  }

  /// Sweeps the slice taken last.
  func settle() {
    guard let end else { return }
    self.end = nil
    all.sweep(before: end, moments.map(\.all))
    shared?.sweep(before: end, moments.map(\.shared))
    for thread in moments.indices { moments[thread].removeAll() }
  }

  /// All functions' concurrency, as far as settled.
  var peaks: PeakSeries { all.peaks }

  /// Whether invocations that take from `limit` never came above it, as far as settled.
  func isWithin(_ limit: Int?) -> Bool { limit.map { (shared ?? all).peaks.overall <= $0 } ?? true }
}

extension JointPeak {
  /// Saves what is settled; all that was taken must be.
  func save(to state: inout StateWriter) {
    all.save(to: &state)
    shared?.save(to: &state)
  }

  func restore(from state: inout StateReader) throws(StateEndsEarly) {
    try all.restore(from: &state)
    try shared?.restore(from: &state)
  }
}
