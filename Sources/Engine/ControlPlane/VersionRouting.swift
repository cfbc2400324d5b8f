import Platforms
import Statistics
import Units

/// Which version of a function serves a request: an alias of at most two versions, chosen by chance for each request.
struct VersionRouting {
  private let deployments: [Deployment]
  /// The newest version; 0 is the one before the first deployment.
  private var newest = 0
  /// The version that a new one replaces bit by bit.
  private var replaced = 0
  private var deployedAt: Int64 = 0
  private var stream: RandomStream

  init(deployments: [Deployment], stream: RandomStream) {
    self.deployments = deployments
    self.stream = stream
  }

  /// The deployment at an index goes live.
  mutating func deploy(_ index: Int, at now: Int64) {
    // Of an unfinished shift the newest version takes all: an alias points to two versions at most.
    replaced = newest
    newest = index + 1
    deployedAt = now
    if deployments[index].shift == .allAtOnce { replaced = newest }
  }

  mutating func choose(at now: Int64) -> Int {
    guard replaced < newest else { return newest }
    let share = deployments[newest - 1].shift.share(after: TimeSpan(nanoseconds: now - deployedAt))
    guard share < 1 else { return newest }
    return stream.uniform() < share ? newest : replaced
  }

  /// Whether a version's environments can serve no more requests.
  func isRetired(_ version: Int) -> Bool { version < replaced }
}
