import Diagnostics
import Glibc
import Logs
import Reading

/// The tables of an Azure Functions 2019 trace in a directory, told apart by their columns.
struct Azure2019Files {
  enum Kind: String {
    case invocations
    case durations
    case memory
  }

  struct Table {
    var path: String
    /// From a name such as `invocations_per_function_md.anon.d01.csv`; nil where the name has none.
    var day: Int?
  }

  /// Each kind's tables, by day.
  private(set) var invocations: [Table] = []
  private(set) var durations: [Table] = []
  private(set) var memory: [Table] = []
  /// Names of CSV files that are none of the trace's tables.
  private(set) var strangers: [String] = []

  /// - Throws: when the directory or a CSV file in it can't be read, when there are no invocations, and when two tables
  ///   of a kind are of the same day.
  init(directory: String) throws(InputFault) {
    let names = try Self.csvFiles(in: directory)
    for name in names {
      let path = directory + (directory.hasSuffix("/") ? "" : "/") + name
      let table = Table(path: path, day: Self.day(in: name))
      switch Self.kind(of: try CSVReader(path: path)) {
      case .invocations: invocations.append(table)
      case .durations: durations.append(table)
      case .memory: memory.append(table)
      case nil: strangers.append(name)
      }
    }
    guard !invocations.isEmpty else {
      throw InputFault(
        at: .init(file: directory),
        found: names.isEmpty ? "no CSV files" : "only " + names.prefix(8).map { excerpt($0) }.joined(separator: ", "),
        expected: "a CSV file (.csv or .csv.gz) with the column HashFunction and a column for each minute",
        advice: "name the directory that holds invocations_per_function_md.anon.d01.csv and its companions")
    }
    try Self.order(&invocations, .invocations)
    try Self.order(&durations, .durations)
    try Self.order(&memory, .memory)
  }

  /// What a table is by its columns.
  static func kind(of reader: CSVReader) -> Kind? {
    if reader.column("HashFunction") != nil {
      if reader.columns.contains(where: { MinuteTable.minute(named: $0) != nil }) { return .invocations }
      if reader.columns.contains(where: { Azure2019Durations.percentage(named: $0) != nil }) { return .durations }
    }
    return reader.column("HashApp") != nil && reader.column("AverageAllocatedMb") != nil ? .memory : nil
  }

  /// The day in a name: `d` and one or two digits, alone between other signs.
  static func day(in name: String) -> Int? {
    for part in name.lowercased().split(whereSeparator: { !$0.isLetter && !$0.isNumber }) {
      let digits = part.dropFirst()
      if part.first == "d", (1...2).contains(digits.utf8.count), digits.utf8.allSatisfy({ 48...57 ~= $0 }) {
        return Int(digits)
      }
    }
    return nil
  }

  /// Names of the CSV files in a directory, in order.
  private static func csvFiles(in directory: String) throws(InputFault) -> [String] {
    guard let stream = opendir(directory) else {
      let reason = String(cString: strerror(errno)).lowercased()
      throw InputFault(
        .system, at: .init(file: directory), found: reason, expected: "a directory with the trace's CSV files",
        advice: errno == ENOENT ? "check the path; relative paths start at the scenario file's directory" : nil)
    }
    defer { closedir(stream) }
    var names: [String] = []
    while let entry = readdir(stream) {
      let name = withUnsafeBytes(of: entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
      let lower = name.lowercased()
      if !name.hasPrefix("."), lower.hasSuffix(".csv") || lower.hasSuffix(".csv.gz") { names.append(name) }
    }
    return names.sorted()
  }

  private static func order(_ tables: inout [Table], _ kind: Kind) throws(InputFault) {
    tables.sort { ($0.day ?? 0, $0.path) < ($1.day ?? 0, $1.path) }
    for (a, b) in zip(tables, tables.dropFirst()) where a.day == b.day || a.day == nil {
      throw InputFault(
        at: .init(file: b.path),
        found: a.day == b.day && a.day != nil
          ? "a second table of \(kind.rawValue) for one day, besides \(excerpt(a.path, limit: 200))"
          : "several tables of \(kind.rawValue), not all with a day in their names",
        expected: "one table of \(kind.rawValue) a day, named by days d01, d02… where there are several",
        advice: "remove one of them, or rename it")
    }
  }
}
