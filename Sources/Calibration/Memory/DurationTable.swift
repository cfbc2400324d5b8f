public import Diagnostics
import Logs
import Reading
public import Units

/// Durations of functions by memory size: what memory does to speed.
public struct DurationTable: Hashable, Sendable {
  /// One function's durations.
  public struct Function: Hashable, Sendable {
    public var name: String
    /// Smallest first.
    public var sizes: [Size]

    public init(name: String, sizes: [Size]) {
      self.name = name
      self.sizes = sizes.sorted { $0.memory < $1.memory }
    }
  }

  /// What was measured at one size.
  public struct Size: Hashable, Sendable {
    public var memory: MemorySize
    /// Seconds, at least one.
    public var durations: [Double]

    public init(_ memory: MemorySize, _ durations: [Double]) {
      self.memory = memory
      self.durations = durations
    }
  }

  /// In the order of the table.
  public var functions: [Function]
  public var rows: Int

  public init(functions: [Function], rows: Int) {
    self.functions = functions
    self.rows = rows
  }

  static let memoryNames = ["memory_mb", "memory", "mem", "memorysize", "memory_size"]
  static let durationNames = ["duration_ms", "duration", "mean_ms", "mean", "first_invoke_ms_mean"]

  /// Reads comma-separated values with columns for memory in MB and duration in milliseconds, and one for the function
  /// where there are several.
  public init(path: String) throws(InputFault) {
    let csv = try CSVReader(path: path)
    let memory = try csv.required(Self.memoryNames)
    let duration = try csv.required(Self.durationNames)
    let function = csv.column("function", "name", "function_name")
    var names: [String] = []
    var durations: [String: [Int: [Double]]] = [:]
    rows = 0
    while try csv.next() {
      rows += 1
      let name = function.map { csv.text($0) } ?? ""
      let size = try csv.memory(memory)
      let seconds = try csv.positive(duration, "a duration in milliseconds above zero") / 1000
      if durations[name] == nil { names.append(name) }
      durations[name, default: [:]][size.megabytes, default: []].append(seconds)
    }
    guard rows > 0 else { throw InputFault(at: .init(file: path), found: "no rows", expected: "durations by memory") }
    functions = names.map { name in
      Function(name: name, sizes: (durations[name] ?? [:]).map { Size(MemorySize(megabytes: $0.key), $0.value) })
    }
  }
}

extension CSVReader {
  /// As `requiredColumn`, for names in an array.
  func required(_ names: [String]) throws(InputFault) -> Int {
    for name in names { if let index = column(name) { return index } }
    throw InputFault(
      at: .init(file: path, line: 1), found: "columns " + excerpt(columns.joined(separator: ","), limit: 120),
      expected: "a column named " + names.prefix(3).map { "'\($0)'" }.joined(separator: " or "))
  }

  /// Whether one of the names is there.
  func has(_ names: [String]) -> Bool { names.contains { column($0) != nil } }

  /// A field as a finite number.
  func number(_ index: Int, _ expected: String) throws(InputFault) -> Double {
    guard let value = Double(text(index)), value.isFinite else { throw fault(index, expected: expected) }
    return value
  }

  /// A field as a number above zero and below 1e12.
  func positive(_ index: Int, _ expected: String) throws(InputFault) -> Double {
    let value = try number(index, expected)
    guard value > 0, value < 1e12 else { throw fault(index, expected: expected) }
    return value
  }

  func memory(_ index: Int) throws(InputFault) -> MemorySize {
    guard let memory = MemorySize(parsing: text(index)), MemorySize.lambdaRange.contains(memory.megabytes) else {
      throw fault(
        index, expected: "memory in MB, \(MemorySize.lambdaRange.lowerBound) to \(MemorySize.lambdaRange.upperBound)")
    }
    return memory
  }
}
