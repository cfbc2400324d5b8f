public import Diagnostics

/// Where a run goes on from, and what becomes of its checkpoints.
public struct Checkpointing {
  /// Tells the build of the program: see `Checkpoint`.
  public var producer: UInt64
  /// What to go on from; nil to begin with the trace.
  public var start: Checkpoint?
  /// Asked after each slice of time: whether a checkpoint is wanted. When the run is stopped one is made in any case.
  public var isDue: () -> Bool
  /// Takes a checkpoint; an error ends the run.
  public var keep: (Checkpoint) throws(InputFault) -> Void

  public init(
    producer: UInt64, start: Checkpoint? = nil, isDue: @escaping () -> Bool = { false },
    keep: @escaping (Checkpoint) throws(InputFault) -> Void = { _ in }
  ) {
    self.producer = producer
    self.start = start
    self.isDue = isDue
    self.keep = keep
  }
}
