import Diagnostics

/// How a run is watched and stopped from outside.
struct RunWatch {
  var onProgress: (Simulation.Progress) -> Void = { _ in }
  var shouldStop: () -> Bool = { false }
  var checkpointing: Checkpointing?

  func report(invocations: Int, share: Double?) {
    onProgress(Simulation.Progress(invocations: invocations, share: share))
  }

  /// Keeps a checkpoint of the state, if one is due or the run stops here.
  func offer(
    isLast: Bool, of simulation: Simulation, _ state: () -> ReplayState
  ) throws(InputFault) {
    guard let checkpointing, isLast || checkpointing.isDue() else { return }
    try checkpointing.keep(Checkpoint(state(), of: simulation, producer: checkpointing.producer))
  }
}
