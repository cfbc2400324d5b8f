import Glibc

/// Room for some environments that many functions share: each request asks for a function independently, with fixed
/// popularity; the environment of the least recently used function is given up (LRU under the independent reference
/// model). Service times are negligible, all environments of one size.
public struct SharedRoom: Equatable, Sendable {
  /// The functions' shares of the requests; they add up to one.
  public let shares: [Double]
  /// How many environments have room; fewer than there are functions.
  public let capacity: Int

  /// `rates` are positive, in any unit.
  public init(rates: [Double], capacity: Int) throws(ParameterOutOfRange) {
    for rate in rates { try requirePositive(rate, "rate") }
    guard rates.count >= 2, rates.count <= 1_000_000 else {
      throw ParameterOutOfRange(
        parameter: "number of functions", found: "\(rates.count)", expected: "from 2 to 1000000")
    }
    try requireCount(capacity, "capacity", in: 1...rates.count - 1)
    let total = rates.reduce(0, +)
    try requirePositive(total, "sum of the rates")
    shares = rates.map { $0 / total }
    self.capacity = capacity
  }

  public struct Hits: Equatable, Sendable {
    /// For each function, the share of its requests that find its environment.
    public var perFunction: [Double]
    /// The share of all requests that find one.
    public var overall: Double

    fileprivate init(_ perFunction: [Double], _ shares: [Double]) {
      self.perFunction = perFunction
      overall = zip(perFunction, shares).reduce(0) { $0 + $1.0 * $1.1 }
    }
  }

  /// The exact shares, for at most 20 functions: nil for more. W. F. King, "Analysis of demand paging algorithms",
  /// IFIP Congress 1971, summed over sets instead of sequences: the chance that the last k different functions are the
  /// set A is the sum over its least recent member i of the chance of A without i, times p(i) / (1 - p(A without i)).
  public func exactHits() -> Hits? {
    guard shares.count <= 20 else { return nil }
    let sets = 1 << shares.count
    var chance = [Double](repeating: 0, count: sets)
    var weight = chance
    chance[0] = 1
    var hits = [Double](repeating: 0, count: shares.count)
    for set in 1..<sets {
      weight[set] = weight[set & (set - 1)] + shares[set.trailingZeroBitCount]
      guard set.nonzeroBitCount <= capacity else { continue }
      var members = set
      var sum = 0.0
      while members != 0 {
        let member = members.trailingZeroBitCount
        members &= members - 1
        let rest = set & ~(1 << member)
        sum += chance[rest] * shares[member] / (1 - weight[rest])
      }
      chance[set] = sum
      guard set.nonzeroBitCount == capacity else { continue }
      for function in shares.indices where set >> function & 1 == 1 { hits[function] += sum }
    }
    return Hits(hits, shares)
  }

  /// Che's approximation: each environment stays for the same time T after its last use, such that the mean number
  /// present is the capacity. Good to a few percent with few functions, better with many. `meanRequests` is T in units of
  /// the mean time between requests. H. Che, Y. Tung and Z. Wang, IEEE JSAC 20, 2002.
  public func cheHits() -> (hits: Hits, meanRequests: Double) {
    let smallest = shares.min() ?? 1
    let time = bisectLogarithm(from: 1e-12, to: 800 / smallest) { time in
      shares.reduce(0) { $0 - expm1(-$1 * time) } < Double(capacity)
    }
    return (Hits(shares.map { -expm1(-$0 * time) }, shares), time)
  }
}
