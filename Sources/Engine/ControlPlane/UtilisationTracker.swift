import Platforms
import Units

/// Target tracking of provisioned concurrency: samples become one-minute data points, data points move two alarms, alarms
/// move the level.
struct UtilisationTracker {
  let policy: TargetTracking
  /// The bounds in force; scheduled actions change them.
  var minimum: Int
  var maximum: Int

  private var sum = 0.0
  private var count = 0
  private var largest = 0.0
  /// Data points in a row beyond each alarm's threshold.
  private var pointsAbove = 0
  private var pointsBelow = 0
  private var quietOutUntil: Int64 = .min
  private var quietInUntil: Int64 = .min

  init(_ policy: TargetTracking) {
    self.policy = policy
    minimum = policy.minimum
    maximum = policy.maximum
  }

  /// An invocation began, in a provisioned environment, which `busy` counts, or beside them.
  mutating func sample(busy: Int, of ready: Int) {
    guard ready > 0 else { return }
    let utilisation = Double(busy) / Double(ready)
    sum += utilisation
    count += 1
    largest = max(largest, utilisation)
  }

  /// The minute before `now` is complete. The level that the alarms ask for; nil to leave it.
  mutating func closeMinute(at now: Int64, level: Int, isAllocating: Bool) -> Int? {
    defer { (sum, count, largest) = (0, 0, 0) }
    guard count > 0 else {
      // No data point: neither alarm knows anything, and a row of them begins anew.
      (pointsAbove, pointsBelow) = (0, 0)
      return nil
    }
    let value = policy.statistic == .average ? sum / Double(count) : largest
    pointsAbove = value > policy.target ? pointsAbove + 1 : 0
    pointsBelow = value < TargetTracking.lowShare * policy.target ? pointsBelow + 1 : 0
    // A request for provisioned concurrency cannot be changed while it is being fulfilled.
    guard !isAllocating else { return nil }
    let wanted = Int((Double(level) * value / policy.target).rounded(.up))
    if pointsAbove >= policy.pointsOut, now >= quietOutUntil {
      let next = min(maximum, max(level + 1, wanted))
      guard next > level else { return nil }
      quietOutUntil = now + policy.cooldownOut.nanoseconds
      return next
    }
    if pointsBelow >= policy.pointsIn, now >= quietInUntil {
      let step = max(1, Int(Double(level) * policy.largestFall))
      let next = max(minimum, wanted, level - step)
      guard next < level else { return nil }
      quietInUntil = now + policy.cooldownIn.nanoseconds
      return next
    }
    return nil
  }
}
