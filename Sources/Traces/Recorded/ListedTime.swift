import Logs
import Units

/// A column of times: how its text becomes nanoseconds.
struct ListedTime {
  enum Scale: Equatable {
    /// No value was seen yet.
    case unsettled
    /// Numbers since some beginning, or of a duration: nanoseconds in one.
    case relative(Int64)
    /// Numbers since 1970: nanoseconds in one.
    case unix(Int64)
    /// Dates and times of day.
    case calendar
  }

  /// The column's name.
  let name: String
  /// Where the column stands.
  let column: Int
  private(set) var scale: Scale
  /// What was concluded from the first value, for people.
  private(set) var remark: String?
  private let unit: TimeUnit
  private let isUnitNamed: Bool

  /// Seconds above which a number is a moment since 1970, not a time since the trace's start: three years.
  private static let leastUnixSeconds = 1e8
  /// And seconds that no such moment reaches; above them the unit must be smaller: the year 5138.
  private static let mostUnixSeconds = 1e11

  /// A column of moments. A unit in the name wins over `unit`.
  init(moment name: String, column: Int, unit: TimeUnit) {
    let named = ColumnName(name).unit
    self.name = name
    self.column = column
    self.unit = named ?? unit
    isUnitNamed = named != nil
    scale = .unsettled
  }

  /// A column of durations.
  init(duration name: String, column: Int, unit: TimeUnit) {
    let named = ColumnName(name).unit
    self.name = name
    self.column = column
    self.unit = named ?? unit
    isUnitNamed = named != nil
    scale = .relative(self.unit.nanoseconds)
  }

  var isSettled: Bool { scale != .unsettled }

  /// Whether moments are dates that have a place in the calendar.
  var isDated: Bool {
    switch scale {
    case .unix, .calendar: true
    case .unsettled, .relative: false
    }
  }

  /// The field's nanoseconds, since 1970 where the column is dated; nil when it can't be read.
  func nanoseconds(_ field: UnsafeRawBufferPointer) -> Int64? {
    switch scale {
    case .relative(let factor), .unix(let factor): Decimal64.scaled(field, by: factor)
    case .calendar: CalendarTime.nanoseconds(field)
    case .unsettled: nil
    }
  }

  /// Settles the scale by the first field that makes sense.
  mutating func settle(by field: UnsafeRawBufferPointer) {
    guard !isSettled else { return }
    if CalendarTime.nanoseconds(field) != nil {
      scale = .calendar
      return
    }
    guard let whole = Decimal64.scaled(field, by: 1) else { return }
    func seconds(_ unit: TimeUnit) -> Double { Double(whole) * Double(unit.nanoseconds) / 1e9 }
    if seconds(unit) <= Self.leastUnixSeconds {
      scale = .relative(unit.nanoseconds)
      return
    }
    let candidates = isUnitNamed ? [unit] : [unit, .seconds, .milliseconds, .microseconds, .nanoseconds]
    let plausible = candidates.first { (Self.leastUnixSeconds...Self.mostUnixSeconds).contains(seconds($0)) }
    guard let plausible else {
      scale = .relative(unit.nanoseconds)
      return
    }
    scale = .unix(plausible.nanoseconds)
    remark = "column '\(name)' is taken as \(plausible) since 1970"
  }
}
