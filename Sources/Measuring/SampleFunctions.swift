import Diagnostics
import Foundation

/// The functions of the directory Guests/, each built when it is first wanted.
public struct SampleFunctions: Sendable {
  public struct Entry: Equatable, Sendable {
    public var name: String
    /// `freestanding`, `embedded`, `linux` or `python`.
    public var kind: String
    public var summary: String
  }

  public let directory: String
  public let entries: [Entry]

  /// The directory that FAASCAST_GUESTS names; else Guests/ in the working directory or above the program; nil when it
  /// is nowhere.
  public static func find() -> SampleFunctions? {
    if let named = ProcessInfo.processInfo.environment["FAASCAST_GUESTS"] { return SampleFunctions(directory: named) }
    if let here = SampleFunctions(directory: "Guests") { return here }
    var place = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
    // .build/x86_64-unknown-linux-gnu/release/faascast lies four levels below the package.
    for _ in 0..<5 {
      if let found = SampleFunctions(directory: place.appending(path: "Guests").path) { return found }
      place = place.deletingLastPathComponent()
    }
    return nil
  }

  public init?(directory: String) {
    guard let list = try? String(contentsOfFile: directory + "/functions.txt", encoding: .utf8) else { return nil }
    self.directory = directory
    entries = list.split(separator: "\n").filter { !$0.hasPrefix("#") }.compactMap { line in
      let fields = line.split(separator: " ", omittingEmptySubsequences: true)
      guard fields.count > 3 else { return nil }
      return Entry(
        name: String(fields[0]), kind: String(fields[1]), summary: fields[3...].joined(separator: " "))
    }
  }

  /// The name under which a sample is a Linux program; nil for what is none, and for names that are not samples.
  public func linuxName(of name: String) -> String? {
    switch entries.first(where: { $0.name == name })?.kind {
    case "freestanding": name + "-linux"
    case "linux": name
    default: nil
    }
  }

  /// Builds a function where it is not built already, and gives the path of its program.
  ///
  /// `NAME-linux` is a freestanding function as a Linux program, `agent` the first program of whole Linux guests.
  public func build(_ name: String) throws(MeasuringFault) -> String {
    let known = ["agent"] + entries.flatMap { $0.kind == "freestanding" ? [$0.name, $0.name + "-linux"] : [$0.name] }
    guard known.contains(name) else {
      throw .input(
        InputFault(
          at: .init(file: "function"), found: "'\(name)'", expected: "a sample function or a path",
          advice: didYouMean(name, among: known)))
    }
    let result = Command(["\(directory)/build", name]).run()
    guard result.status == 0, let path = result.output.split(separator: "\n").last else {
      throw .unavailable(
        what: "the sample function '\(name)' could not be built", advice: String(result.error.suffix(2000)))
    }
    return String(path)
  }
}
