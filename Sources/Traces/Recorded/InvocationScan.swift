import Units
import Workloads

/// Reads rows of the plain kind straight from the bytes, many a call: no quotes, no blanks around fields, every field
/// there and good. It stops before the first row of another kind and leaves that to those who take all kinds.
///
/// SAFETY: lines end with a line feed, the last one too, and every loop stops there at the latest; so no look goes past
/// the end of what was given.
struct InvocationScan {
  private enum Role: UInt8 {
    case function
    case application
    case first
    case second
    case unused
  }

  private let roles: [Role]
  private let times: InvocationLayout.Times
  private let first: Number
  private let second: Number
  private let hasApplication: Bool

  /// Nil when the application doesn't stand right before the function.
  init?(_ layout: InvocationLayout) {
    var roles = Array(repeating: Role.unused, count: layout.columnCount)
    if let application = layout.application {
      guard application + 1 == layout.function else { return nil }
      roles[application] = .application
    }
    roles[layout.function] = .function
    roles[layout.first.column] = .first
    roles[layout.second.column] = .second
    guard roles.filter({ $0 != .unused }).count == (layout.application == nil ? 3 : 4) else { return nil }
    self.roles = roles
    times = layout.times
    first = Number(layout.first)
    second = Number(layout.second)
    hasApplication = layout.application != nil
  }

  /// Adds at most `limit` rows from the beginning of `lines` and tells how many lines and bytes these were.
  func read(
    _ lines: UnsafeRawBufferPointer, limit: Int, zero: Int64, names: inout FunctionNames,
    into batch: inout InvocationBatch
  ) -> (lines: Int, bytes: Int) {
    guard let base = lines.baseAddress else { return (0, 0) }
    let start = base.assumingMemoryBound(to: UInt8.self)
    let end = start + lines.count
    var line = start
    var count = 0
    roles.withUnsafeBufferPointer { roles in
      while count < limit, line < end {
        guard let next = row(line, roles, zero, &names, &batch) else { break }
        line = next
        count += 1
      }
    }
    return (count, line - start)
  }

  /// Adds the row at `line`; where the next one begins, or nil for a row of another kind.
  @inline(__always)
  private func row(
    _ line: UnsafePointer<UInt8>, _ roles: UnsafeBufferPointer<Role>, _ zero: Int64, _ names: inout FunctionNames,
    _ batch: inout InvocationBatch
  ) -> UnsafePointer<UInt8>? {
    var at = line
    var a: Int64 = 0
    var b: Int64 = 0
    var function = UnsafeRawBufferPointer(start: nil, count: 0)
    var word: UInt64 = 0
    var application = line
    var index = 0
    while true {
      let field = at
      switch roles[index] {
      case .first:
        guard let value = first.read(&at) else { return nil }
        a = value
      case .second:
        guard let value = second.read(&at) else { return nil }
        b = value
      case .function:
        word = 0
        while at.pointee != 44, at.pointee != 10 {
          if at.pointee == 34 { return nil }
          word = word << 8 | UInt64(at.pointee)
          at += 1
        }
        function = UnsafeRawBufferPointer(start: field, count: at - field)
        if !Self.isPlain(function) { return nil }
      case .application:
        while at.pointee != 44, at.pointee != 10 {
          if at.pointee == 34 { return nil }
          at += 1
        }
        application = field
        if !Self.isPlain(UnsafeRawBufferPointer(start: field, count: at - field)) { return nil }
      case .unused:
        while at.pointee != 44, at.pointee != 10 {
          if at.pointee == 34 { return nil }
          at += 1
        }
      }
      index += 1
      if index == roles.count { break }
      guard at.pointee == 44 else { return nil }
      at += 1
    }
    if at.pointee == 13 { at += 1 }
    guard at.pointee == 10, let (arrival, duration) = InvocationRows.invocation(times, a, b, zero: zero), duration >= 0
    else { return nil }
    let functionIndex: Int32
    if hasApplication {
      let name = function.baseAddress ?? UnsafeRawPointer(line)
      let length = name - UnsafeRawPointer(application) - 1
      functionIndex = names.index(
        pair: UnsafeRawBufferPointer(start: application, count: length + 1 + function.count), applicationLength: length)
    } else if function.count <= 7 {
      functionIndex = names.index(word: word | UInt64(function.count) << 56, of: function)
    } else {
      functionIndex = names.index(function: function, application: nil)
    }
    batch.append(function: functionIndex, arrival: arrival, duration: duration)
    return at + 1
  }

  /// Whether a field is there and has no blanks at its ends, nor a carriage return, which may belong to the line's end.
  @inline(__always)
  private static func isPlain(_ field: UnsafeRawBufferPointer) -> Bool {
    guard let first = field.first, let last = field.last else { return false }
    return first > 32 && last > 32
  }
}

extension InvocationScan {
  /// Reads a number or a date of one column.
  struct Number {
    private let scale: ListedTime.Scale
    /// Nanoseconds in a unit of the last decimal, by the number of decimals; zero where it would not be whole.
    private let steps: [Int64]
    private let column: ListedTime

    init(_ column: ListedTime) {
      self.column = column
      scale = column.scale
      var steps = Array(repeating: Int64(0), count: 19)
      if case .relative(var step) = column.scale { Self.fill(&steps, &step) }
      if case .unix(var step) = column.scale { Self.fill(&steps, &step) }
      self.steps = steps
    }

    private static func fill(_ steps: inout [Int64], _ step: inout Int64) {
      for decimals in steps.indices {
        steps[decimals] = step
        guard step % 10 == 0 else { break }
        step /= 10
      }
    }

    /// The nanoseconds of the field at `at`, which moves to the field's end; nil when it isn't plain.
    @inline(__always)
    func read(_ at: inout UnsafePointer<UInt8>) -> Int64? {
      let start = at
      var value: UInt64 = 0
      while at.pointee &- 48 < 10 {
        value = value &* 10 &+ UInt64(at.pointee &- 48)
        at += 1
      }
      var digits = at - start
      var decimals = 0
      if at.pointee == 46 {
        at += 1
        let point = at
        while at.pointee &- 48 < 10 {
          value = value &* 10 &+ UInt64(at.pointee &- 48)
          at += 1
        }
        decimals = at - point
        digits += decimals
      }
      if at.pointee == 44 || at.pointee == 10 || at.pointee == 13, digits > 0, digits <= 18, steps[decimals] != 0 {
        let (product, overflow) = Int64(value).multipliedReportingOverflow(by: steps[decimals])
        return overflow ? nil : product
      }
      // Signs, exponents, dates, digits beyond the nanosecond: the slower way.
      while at.pointee != 44, at.pointee != 10, at.pointee != 13 { at += 1 }
      return column.nanoseconds(UnsafeRawBufferPointer(start: start, count: at - start))
    }
  }
}
