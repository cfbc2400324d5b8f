public import Diagnostics
import Dispatch
public import Engine
import Synchronization
public import Units

/// The same simulation over and over, each time with other random numbers.
///
/// Streams are keyed by seed and replication, so that the n-th replications of two scenarios with one seed share their
/// arrivals and durations: common random numbers.
public struct Replications: Sendable {
  public var simulation: Simulation
  /// Threads to use in all, at least 1. Answers do not depend on it.
  public var jobs: Int

  /// What each replication leaves out at its beginning.
  public var warmUp: TimeSpan

  public init(_ simulation: Simulation, jobs: Int, warmUp: TimeSpan = .zero) {
    self.simulation = simulation
    self.jobs = jobs
    self.warmUp = warmUp
  }

  /// Runs replications and reduces each outcome to what is wanted of it as soon as it is there.
  ///
  /// Several run side by side, each on a thread of its own; only where threads are left over do they share in one.
  ///
  /// - Parameters:
  ///   - digest: what to keep of a replication (its number, its outcome); called on any thread.
  ///   - onProgress: the invocations so far and the share done; called now and then, one call at a time.
  ///   - shouldStop: asked now and then, on any thread.
  ///   - checkpointing: what a single replication goes on from, and what becomes of its checkpoints; several have none.
  /// - Returns: in order, as many as were complete from the first on; all of them unless it was stopped. When not even
  ///   the first was complete, that one as far as it came.
  public func run<Digest: Sendable>(
    _ range: Range<Int>, digest: @Sendable (Int, Outcome) throws(InputFault) -> Digest,
    onProgress: @escaping (Simulation.Progress) -> Void = { _ in }, shouldStop: @escaping () -> Bool = { false },
    checkpointing: Checkpointing? = nil
  ) throws(InputFault) -> [Digest] {
    guard !range.isEmpty else { return [] }
    let workers = min(jobs, range.count)
    let next = Atomic(range.lowerBound)
    let finished = Mutex<[Int: Result<Finished<Digest>, InputFault>]>([:])
    let progress = Mutex<[Simulation.Progress?]>(Array(repeating: nil, count: range.count))
    // SAFETY: `onProgress` is called under the lock of `progress`; what `shouldStop` reads it must be able to read from
    // any thread, as its description says. All calls end before this function returns.
    nonisolated(unsafe) let (onProgress, shouldStop) = (onProgress, shouldStop)
    nonisolated(unsafe) let checkpointing = range.count == 1 ? checkpointing : nil

    DispatchQueue.concurrentPerform(iterations: workers) { worker in
      while !shouldStop() {
        let replication = next.add(1, ordering: .relaxed).oldValue
        guard replication < range.upperBound else { return }
        var simulation = simulation
        simulation.replication = UInt64(replication)
        simulation.jobs = max(1, jobs / workers)
        let result = Result { () throws(InputFault) in
          let outcome = try simulation.run(
            leavingOut: warmUp,
            onProgress: { step in
              progress.withLock { steps in
                steps[replication - range.lowerBound] = step
                onProgress(Self.sum(steps))
              }
            }, shouldStop: shouldStop, checkpointing: checkpointing)
          return Finished(digest: try digest(replication, outcome), isComplete: outcome.isComplete)
        }
        finished.withLock { $0[replication] = result }
      }
    }

    var digests: [Digest] = []
    for replication in range {
      guard let result = finished.withLock({ $0[replication] }) else { break }
      let one = try result.get()
      guard one.isComplete || replication == 0 else { break }
      digests.append(one.digest)
      guard one.isComplete else { break }
    }
    return digests
  }

  private struct Finished<Digest: Sendable>: Sendable {
    var digest: Digest
    var isComplete: Bool
  }

  private static func sum(_ steps: [Simulation.Progress?]) -> Simulation.Progress {
    var invocations = 0
    var share = 0.0
    var isKnown = true
    for step in steps {
      guard let step else { continue }
      invocations += step.invocations
      if let one = step.share { share += one } else { isKnown = false }
    }
    return Simulation.Progress(invocations: invocations, share: isKnown ? share / Double(steps.count) : nil)
  }
}
