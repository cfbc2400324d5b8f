/// How a run is watched and stopped from outside.
struct RunWatch {
  var onProgress: (Simulation.Progress) -> Void
  var shouldStop: () -> Bool

  func report(invocations: Int, share: Double?) {
    onProgress(Simulation.Progress(invocations: invocations, share: share))
  }
}
