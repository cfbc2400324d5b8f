import Platforms
import Units

extension StreamMapping {
  func startScaling(_ plane: ControlPlane) {
    guard !isScaling else { return }
    isScaling = true
    finishedSinceScaling = 0
    plane.schedule(.scales, of: context.function, at: plane.now + TimeSpan.minutes(1).nanoseconds)
  }

  /// A look at the lag: see `KafkaPollers`.
  func scale(_ plane: ControlPlane) {
    guard let policy = stream.pollers else { return }
    isScaling = false
    let most = min(policy.bounds.maximum, partitions.count)
    let least = min(policy.bounds.minimum, most)
    var wanted = pollers
    if backlog > finishedSinceScaling {
      wanted = min(most, 2 * pollers)
    } else if backlog == 0 || 2 * running <= limit {
      wanted = max(least, pollers / 2)
    }
    if wanted != pollers {
      plane.schedule(.pollersChange(to: wanted), of: context.function, at: plane.now + policy.delay.nanoseconds)
    }
    if backlog > 0 || pollers > least { startScaling(plane) }
  }

  /// Partitions are shared out among so many pollers.
  func change(to count: Int, _ plane: ControlPlane) {
    takeUnits(until: plane.now)
    pollers = count
    setLanes()
    for lane in 0..<limit { wake(lane, plane) }
  }

  /// Provisioned pollers are billed in units of ten, or of what their throughput needs.
  func takeUnits(until now: Int64) {
    guard stream.pollers?.isProvisioned == true else { return }
    let units = (pollers + KafkaPollers.pollersPerUnit - 1) / KafkaPollers.pollersPerUnit
    tally.pollerUnitTime += Int128(units) * Int128(now - unitsSince)
    unitsSince = now
  }
}
