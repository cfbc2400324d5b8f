/// The account that every import gives: what was read, repaired and dropped, and why; what was made up.
public struct ImportLedger: Hashable, Sendable {
  /// Rows (or events) read, whatever became of them.
  public var read = 0
  /// Rows kept after a repair, by the reason.
  public private(set) var repaired: [String: Int] = [:]
  /// Rows left out, by the reason.
  public private(set) var dropped: [String: Int] = [:]
  /// What was ignored or is odd without concerning single rows: unknown columns, a result that was cut off.
  public private(set) var remarks: [String] = []
  /// What stands in the workload although no record has it: `arrivals inside a minute: uniform`.
  public private(set) var synthesised: [String] = []

  public init() {}

  public mutating func repair(_ reason: String, count: Int = 1) {
    if count > 0 { repaired[reason, default: 0] += count }
  }

  public mutating func drop(_ reason: String, count: Int = 1) {
    if count > 0 { dropped[reason, default: 0] += count }
  }

  /// Notes a remark once.
  public mutating func remark(_ text: String) {
    if !remarks.contains(text) { remarks.append(text) }
  }

  /// Labels something as made up, once.
  public mutating func synthesise(_ text: String) {
    if !synthesised.contains(text) { synthesised.append(text) }
  }

  /// Adds another import's account to this one.
  public mutating func merge(_ other: ImportLedger) {
    read += other.read
    repaired.merge(other.repaired, uniquingKeysWith: +)
    dropped.merge(other.dropped, uniquingKeysWith: +)
    for text in other.remarks { remark(text) }
    for text in other.synthesised { synthesise(text) }
  }

  /// Rows repaired, of all reasons.
  public var repairedTotal: Int { repaired.values.reduce(0, +) }
  /// Rows dropped, of all reasons.
  public var droppedTotal: Int { dropped.values.reduce(0, +) }
}
