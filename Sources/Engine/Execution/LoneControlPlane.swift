import Platforms
import Units
import Workloads

/// A function under rules of the control plane, replayed alone: retries, queues, failures, versions and limits of its own
/// feed back on it and on no other function.
final class LoneControlPlane: LoneRun {
  let function: WorkloadFunction
  let settings: FunctionSettings
  private let plane: ControlPlane

  /// - Parameter sharedLimit: what reservations and provisioned concurrency of all leave; that nobody else uses it is proved
  ///   by the joint peak, and that nobody else's requests count by the shared rate.
  init(
    _ function: WorkloadFunction, _ simulation: Simulation, sharedLimit: Int?, tellsShared: Bool, epoch: Double?,
    horizon: Int64
  ) {
    self.function = function
    settings = simulation.settings(of: function)
    plane = ControlPlane(
      simulation, functions: [ServedFunction(function, settings: settings, simulation: simulation)],
      sharedLimit: sharedLimit, epoch: epoch, horizon: horizon)
    plane.moments = Moments(tellsShared: tellsShared)
    plane.account.counts = RequestCounts()
  }

  var tally: Tally { plane.functions[0].tally }
  var sources: [SourceOutcome] { plane.books.sources.filter { $0.tally.offered > 0 } }

  /// A run under rules is not resumed from checkpoints.
  func save(to state: inout StateWriter) {}
  func restore(from state: inout StateReader) throws(StateEndsEarly) {}

  func replay(
    _ arrivals: UnsafeBufferPointer<Int64>, _ durations: UnsafeBufferPointer<Int64>, until end: Int64, _ worker: Worker
  ) {
    for (time, duration) in zip(arrivals, durations) {
      _ = plane.advance(to: time)
      plane.arrive(0, duration: duration)
    }
    _ = plane.advance(to: end)
    hand(to: worker)
  }

  func close(at horizon: Int64, _ worker: Worker) {
    _ = plane.advance(to: horizon)
    hand(to: worker)
    plane.close(at: horizon)
    worker.meter.merge(plane.meter)
  }

  private func hand(to worker: Worker) {
    if let counts = plane.account.counts { worker.requests.append(counts) }
    plane.account.counts?.removeAll()
    guard let moments = plane.moments else { return }
    worker.moments.append(moments)
    plane.moments?.removeAll()
  }
}

extension Platform {
  /// Whether rules couple functions in other ways than by the concurrency and the rate that they share: by other limits of
  /// the account, or because one function invokes another.
  var couplesFunctions: Bool {
    if case .account? = limits.scaling { return true }
    return rules.contains { rule in
      let behaviour = rule.behaviour
      let destinations = [
        behaviour.asynchronous?.onSuccess, behaviour.asynchronous?.onFailure, behaviour.eventSource?.onFailure,
      ]
      let sendsOn = destinations.contains { if case .function? = $0 { true } else { false } }
      return sendsOn || behaviour.caller?.door.isGateway == true || behaviour.calls?.isEmpty == false
        || behaviour.stateMachine != nil || behaviour.users != nil
    }
  }
}
