public import Diagnostics
public import Engine

extension Replications {
  /// How many replications to run.
  public enum Goal: Hashable, Sendable {
    case count(Int)
    case precision(PrecisionTarget)
  }

  /// What a number of replications gave.
  public struct Findings: Sendable {
    /// The first replication's outcome, whole.
    public var first: Outcome
    /// All complete replications together; empty when not even the first was.
    public var study: Study
    /// Whether as many were run as the goal asks for (nothing stopped them).
    public var isComplete: Bool
  }

  /// Runs replications until the goal is reached.
  ///
  /// For a precision, replications are looked at in order and the first number that suffices is taken, so that the answer
  /// does not depend on how many ran side by side. Whether it was reached, the study tells (`PrecisionTarget.missed`).
  ///
  /// - Parameters:
  ///   - read: what an outcome says; called on any thread.
  ///   - checkpointing: what a single replication goes on from, and what becomes of its checkpoints.
  public func run(
    _ goal: Goal, read: @Sendable (Outcome) throws(InputFault) -> Readings,
    onProgress: @escaping (Simulation.Progress) -> Void = { _ in }, shouldStop: @escaping () -> Bool = { false },
    checkpointing: Checkpointing? = nil
  ) throws(InputFault) -> Findings {
    var first: Outcome?
    var study = Study()
    var next: Int
    switch goal {
    case .count(let count): next = max(1, count)
    case .precision(let target): next = min(target.most, max(PrecisionTarget.fewest, jobs))
    }
    while true {
      let digests = try run(
        study.replications..<next,
        digest: { (index, outcome) throws(InputFault) in
          Digest(
            outcome: index == 0 ? outcome : nil, readings: outcome.isComplete ? try read(outcome) : nil)
        }, onProgress: onProgress, shouldStop: shouldStop, checkpointing: goal == .count(1) ? checkpointing : nil)
      for digest in digests {
        first = first ?? digest.outcome
        if let readings = digest.readings { study.add(readings) }
        if case .precision(let target) = goal, study.replications >= min(PrecisionTarget.fewest, target.most),
          target.missed(by: study).isEmpty
        {
          break
        }
      }
      guard let first else {
        // Stopped before the first began: it says what little there is.
        let outcome = try simulation.run(onProgress: onProgress, shouldStop: shouldStop)
        return Findings(first: outcome, study: study, isComplete: false)
      }
      guard study.replications == next else {
        guard case .precision(let target) = goal else { return Findings(first: first, study: study, isComplete: false) }
        return Findings(first: first, study: study, isComplete: target.missed(by: study).isEmpty)
      }
      guard case .precision(let target) = goal, next < target.most, !target.missed(by: study).isEmpty else {
        return Findings(first: first, study: study, isComplete: true)
      }
      let needed = target.replicationsNeeded(after: study)
      next = min(target.most, max(next + jobs, min(needed, 2 * next)))
    }
  }

  private struct Digest: Sendable {
    var outcome: Outcome?
    var readings: Readings?
  }
}
