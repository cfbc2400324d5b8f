import Foundation

/// How fast this host is beside the quiet machine for which thresholds in seconds were set, told by a program that was
/// measured there: `reference_pool`, an exact pool in C++ that lies beside the public data sets.
///
/// A shared host's speed changes by half within minutes. So it is asked again whenever seconds are held against a
/// threshold.
struct ReferencePace {
  /// Invocations a second of its loop on bal10 on that machine.
  static let there = 15.2e6

  private let program: String
  private let trace: String

  /// Nil where its source or a compiler is missing.
  ///
  /// - Parameters:
  ///   - data: the directory of the public data sets.
  ///   - bal10: a trace of that kind, in `function,arrival,duration`.
  ///   - directory: where to build.
  init?(beside data: String, bal10: String, in directory: URL) throws {
    let source = data + "/../bench/reference_pool.cpp"
    guard FileManager.default.fileExists(atPath: source) else { return nil }
    program = directory.appending(path: "reference_pool").path
    trace = directory.appending(path: "reference").path
    guard let built = try? Self.output(of: ["c++", "-O3", "-w", "-o", program, source]), built.status == 0 else {
      return nil
    }
    try FileManager.default.createDirectory(atPath: trace, withIntermediateDirectories: true)
    let requests = trace + "/requests.csv"
    if !FileManager.default.fileExists(atPath: requests) {
      try FileManager.default.copyItem(atPath: bal10, toPath: requests)
    }
    let applications = "app,memory,cold\n" + (0..<30).map { "\($0),128,0.5\n" }.joined()
    try Data(applications.utf8).write(to: URL(filePath: trace + "/apps.csv"))
  }

  /// Invocations a second here and now, the best of three runs.
  func here() throws -> Double {
    var best = 0.0
    for _ in 0..<3 {
      let run = try Self.output(of: [program, trace, "600", "0.5", "mru"])
      let told = try JSONDecoder().decode([String: Figure].self, from: Data(run.text.utf8))
      best = max(best, told["inv_per_s"]?.value ?? 0)
    }
    return best
  }

  /// A member of what it prints; texts count as zero.
  private struct Figure: Decodable {
    let value: Double

    init(from decoder: any Decoder) throws {
      value = (try? decoder.singleValueContainer().decode(Double.self)) ?? 0
    }
  }

  private static func output(of words: [String]) throws -> (text: String, status: Int32) {
    let process = Process()
    let pipe = Pipe()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = words
    process.standardOutput = pipe
    try process.run()
    let text = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    return (text, process.terminationStatus)
  }
}
