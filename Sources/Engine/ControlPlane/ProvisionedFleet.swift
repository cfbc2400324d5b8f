/// A function's provisioned environments: asked for, ready, busy.
struct ProvisionedFleet {
  /// What is asked for: it counts against limits and is billed from then on.
  private(set) var requested: Int
  /// Environments that serve; all of a request become ready together.
  private(set) var ready: Int
  private(set) var busy = 0
  /// Of those ready and free, how many were reset.
  private var freeReset = 0
  /// Counts requests for more, so that one overtaken by another is told.
  private(set) var request = 0
  private(set) var isAllocating = false
  /// Requested environments times nanoseconds, up to `since`.
  private var allocatedTime: Int128 = 0
  private var since: Int64 = 0

  /// Initialised before the start.
  init(ready: Int) {
    requested = ready
    self.ready = ready
  }

  private var free: Int { max(0, ready - busy) }
  var hasFree: Bool { busy < ready }

  /// Takes a free environment, one that was not reset where there is one.
  mutating func take() -> Environment.Condition {
    let isReset = freeReset == free
    if isReset { freeReset -= 1 }
    busy += 1
    return isReset ? .reset : .initialised
  }

  /// Gives an environment back; false when it is one too many and ends.
  mutating func giveBack(_ condition: Environment.Condition) -> Bool {
    busy -= 1
    guard busy < ready else { return false }
    if condition == .reset { freeReset += 1 }
    return true
  }

  /// Changes what is asked for. A fall takes effect at once, busy environments as they become free; of a rise nothing
  /// serves until `allocationCompleted`.
  mutating func ask(for level: Int, at time: Int64) {
    allocatedTime += Int128(requested) * Int128(time - since)
    since = time
    requested = level
    request += 1
    isAllocating = level > ready
    if level < ready {
      ready = level
      freeReset = min(freeReset, free)
    }
  }

  /// All environments of the request are ready; how many are new. Zero when another request overtook it.
  mutating func allocationCompleted(_ request: Int) -> Int {
    guard request == self.request, isAllocating else { return 0 }
    let new = requested - ready
    ready = requested
    isAllocating = false
    return new
  }

  /// Requested environments times nanoseconds, up to `time`.
  func allocatedTime(until time: Int64) -> Int128 { allocatedTime + Int128(requested) * Int128(time - since) }
}
