import Foundation
import Platforms
import Statistics

/// Which tenant a request is of.
struct TenantChoice {
  let count: Int
  /// Environments that there may be, active or idle.
  let mostEnvironments: Int
  /// Sums of the tenants' weights.
  private var sums: [Double] = []
  private var stream: RandomStream

  /// - Parameter concurrency: the function's; nil for no limit.
  init(_ policy: TenantIsolation, concurrency: Int?, stream: RandomStream) {
    count = policy.tenants
    mostEnvironments =
      concurrency.map { $0 * TenantIsolation.environmentsPerThousand / 1000 } ?? .max
    self.stream = stream
    guard policy.skew > 0 else { return }
    var sum = 0.0
    for rank in 1...policy.tenants {
      sum += pow(Double(rank), -policy.skew)
      sums.append(sum)
    }
  }

  mutating func next() -> Int {
    guard let total = sums.last else { return stream.index(below: count) }
    let chance = stream.uniform() * total
    var low = 0
    var high = sums.count - 1
    while low < high {
      let middle = (low + high) / 2
      if sums[middle] > chance { high = middle } else { low = middle + 1 }
    }
    return low
  }
}
