/// What single looks at many subjects tell of how long they live: each was looked at once, at some age, and was alive or
/// dead. Nobody saw a death itself.
public struct CurrentStatus: Hashable, Sendable {
  /// One look.
  public struct Look: Hashable, Sendable {
    public var age: Double
    public var isAlive: Bool

    public init(age: Double, isAlive: Bool) {
      self.age = age
      self.isAlive = isAlive
    }
  }

  /// A stretch of ages in which the share alive is estimated as the same.
  public struct Step: Hashable, Sendable {
    public var ages: ClosedRange<Double>
    /// The estimated share alive, 0 to 1.
    public var alive: Double
    /// Looks in the stretch.
    public var looks: Int
  }

  /// The survival function that makes the looks likeliest, without assuming a family: isotonic regression of alive on
  /// age, by pooling neighbours that violate the order (M. Ayer and others, Annals of Mathematical Statistics 26, 1955).
  public let steps: [Step]
  /// The greatest age at which a subject was seen alive; nil where none was.
  public let oldestAlive: Double?
  /// The least age from which on none was seen alive; nil where the oldest was alive.
  public let dead: Double?

  public init(_ looks: [Look]) {
    let sorted = looks.sorted { ($0.age, $0.isAlive ? 0 : 1) < ($1.age, $1.isAlive ? 0 : 1) }
    var blocks: [(ages: ClosedRange<Double>, alive: Int, looks: Int)] = []
    for look in sorted {
      blocks.append((look.age...look.age, look.isAlive ? 1 : 0, 1))
      while blocks.count > 1 {
        let last = blocks[blocks.count - 1]
        let before = blocks[blocks.count - 2]
        guard before.alive * last.looks <= last.alive * before.looks else { break }
        blocks.removeLast(2)
        blocks.append(
          (before.ages.lowerBound...last.ages.upperBound, before.alive + last.alive, before.looks + last.looks))
      }
    }
    steps = blocks.map { Step(ages: $0.ages, alive: Double($0.alive) / Double($0.looks), looks: $0.looks) }
    let oldest = sorted.last { $0.isAlive }?.age
    oldestAlive = oldest
    dead = sorted.first { $0.age > oldest ?? -.infinity }?.age
  }
}
