import Foundation

/// Whole processes, from the trace on the disk to the printed summary, against a program in C++ that reads the same
/// rows and replays them through one pool a function (PoolFromFile).
///
/// `faascast` and the traces are looked for beside this package: `make bench` builds the first and makes the second.
enum ProcessRace {
  /// Where this package lies.
  private static let package = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../..")
    .standardized

  private static var program: String { package.appending(path: "../../.build/release/faascast").path }
  private static var rival: String { package.appending(path: ".build/release/PoolFromFile").path }

  static func run(_ scoreboard: inout Scoreboard) throws {
    let directory = FileManager.default.temporaryDirectory.appending(path: "faascast-benchmark-traces")
    try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    for (name, rate) in [("bal10", 10.0), ("bal60", 60.0)] {
      let file = directory.appending(path: "\(name).csv").path
      if !FileManager.default.fileExists(atPath: file) { try TraceFile.balanced(rate: rate, hours: 24).write(to: file) }
      let scenario = try write(directory, name, "invocations: {file: \(file), unit: s}")
      try race(name, scenario, rival: ["invocations", file], &scoreboard)
    }
    let counts = directory.appending(path: "az2k.csv").path
    if !FileManager.default.fileExists(atPath: counts) {
      try TraceFile.minuteCounts(functions: 2000, invocations: 5_000_000).write(to: counts)
    }
    let law = "duration: {lognormal: {median: 200ms, mean: 800ms}}"
    let minutes = try write(directory, "az2k", "minute-counts: {file: \(counts), function: function, \(law)}")
    try race("az2k", minutes, rival: ["minutes", counts], &scoreboard)
    try scale(directory, law, &scoreboard)
    try day(directory, law, &scoreboard)
  }

  private static func race(
    _ name: String, _ scenario: String, rival arguments: [String], _ scoreboard: inout Scoreboard
  ) throws {
    var own = Usage.none
    var other = Usage.none
    for _ in 0..<3 {
      own = own.better(try Usage(of: program, simulate(scenario)))
      other = other.better(try Usage(of: rival, arguments))
    }
    scoreboard.add(
      "\(name) from CSV to summary", own: own.seconds, rival: other.seconds, figure: own.wall / other.wall)
    scoreboard.add("\(name), MB", own: own.megabytes, rival: other.megabytes, figure: own.memory, places: 0)
  }

  /// Six times the invocations; two threads, on a trace that takes one of them seconds.
  private static func scale(_ directory: URL, _ law: String, _ scoreboard: inout Scoreboard) throws {
    // In turn, so that both meet the same machine.
    func best(of runs: Int, _ one: (name: String, jobs: Int), _ other: (name: String, jobs: Int)) throws -> (
      Usage, Usage
    ) {
      var (first, second) = (Usage.none, Usage.none)
      for _ in 0..<runs {
        first = first.better(try usage(one))
        second = second.better(try usage(other))
      }
      return (first, second)
    }
    func usage(_ run: (name: String, jobs: Int)) throws -> Usage {
      try Usage(
        of: program, simulate(directory.appending(path: "\(run.name).yaml").path) + ["--jobs", "\(run.jobs)"])
    }
    let (small, large) = try best(of: 3, ("bal10", 1), ("bal60", 1))
    scoreboard.add(
      "six times the invocations, time an invocation", own: large.seconds, rival: small.seconds,
      figure: large.wall / small.wall / 6)
    guard ProcessInfo.processInfo.activeProcessorCount > 1 else {
      return scoreboard.skip("two jobs against one", because: "one processor")
    }
    let counts = directory.appending(path: "az2k-100m.csv").path
    if !FileManager.default.fileExists(atPath: counts) {
      try TraceFile.minuteCounts(functions: 2000, invocations: 100_000_000).write(to: counts)
    }
    _ = try write(directory, "az2k-100m", "minute-counts: {file: \(counts), function: function, \(law)}")
    let (one, two) = try best(of: 6, ("az2k-100m", 1), ("az2k-100m", 2))
    scoreboard.add("two jobs against one", own: two.seconds, rival: one.seconds, figure: one.wall / two.wall)
  }

  /// A day of a cloud: 8,605 functions, from the data set that FAASCAST_DATA names.
  ///
  /// Its seconds count as on the machine that the threshold is for, by the pace of `reference_pool` there and, before
  /// and after the run, here.
  private static func day(_ directory: URL, _ law: String, _ scoreboard: inout Scoreboard) throws {
    let data =
      ProcessInfo.processInfo.environment["FAASCAST_DATA"] ?? package.appending(path: "../../../shared/data").path
    let file = data + "/azure2019/fullday_minute_counts_8605.csv.gz"
    let race = "a day of 563 million invocations, s"
    guard FileManager.default.fileExists(atPath: file) else {
      return scoreboard.skip(race, because: "needs \(file)")
    }
    let scenario = try write(directory, "day", "minute-counts: {file: \(file), function: row, \(law)}")
    let reference = try ReferencePace(
      beside: data, bal10: directory.appending(path: "bal10.csv").path, in: directory)
    let before = try reference?.here()
    let usage = try Usage(of: program, simulate(scenario))
    let after = try reference?.here()
    if let before, let after {
      let here = (before + after) / 2
      scoreboard.add(
        race, own: usage.seconds,
        rival: String(
          format: "reference_pool %.1f M/s, %.1f there", here / 1e6, ReferencePace.there / 1e6),
        figure: usage.wall * here / ReferencePace.there, places: 1)
    } else {
      scoreboard.add(race, own: usage.seconds, rival: "no reference_pool", figure: usage.wall, places: 1)
    }
    scoreboard.add(
      "a day of 563 million invocations, MB", own: usage.megabytes, rival: "", figure: usage.memory, places: 0)
  }

  private static func simulate(_ scenario: String) -> [String] {
    ["simulate", scenario, "--quiet", "--json", "--output", scenario + ".report"]
  }

  private static func write(_ directory: URL, _ name: String, _ workload: String) throws -> String {
    let text = """
      name: \(name)
      workload:
        \(workload)
      platform: {account-concurrency: unlimited, keep-alive: 600s, maximum-lifetime: unlimited}
      functions: {"*": {memory: 128, init: 500ms, platform-overhead: 0ms}}

      """
    let file = directory.appending(path: "\(name).yaml")
    try Data(text.utf8).write(to: file)
    return file.path
  }
}

/// What a process took.
private struct Usage {
  var wall: Double
  /// MB (2^20 bytes) of resident memory at most.
  var memory: Double

  static let none = Usage(wall: .infinity, memory: .infinity)

  private init(wall: Double, memory: Double) {
    self.wall = wall
    self.memory = memory
  }

  /// Runs a program to its end; its output is thrown away.
  init(of program: String, _ arguments: [String]) throws {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0)
    let words = ([program] + arguments).map { strdup($0) }
    defer { for word in words { free(word) } }
    var process = pid_t()
    let start = ContinuousClock.now
    let status = posix_spawn(&process, program, &actions, nil, words + [nil], environ)
    guard status == 0 else { throw CocoaError(.fileNoSuchFile, userInfo: [NSFilePathErrorKey: program]) }
    var result: Int32 = 0
    var used = rusage()
    wait4(process, &result, 0, &used)
    wall = (ContinuousClock.now - start) / .seconds(1)
    memory = Double(used.ru_maxrss) / 1024
    precondition(result == 0, "\(program) \(arguments.joined(separator: " ")) failed: \(result)")
  }

  func better(_ other: Usage) -> Usage { Usage(wall: min(wall, other.wall), memory: min(memory, other.memory)) }

  var seconds: String { String(format: "%.3f s", wall) }
  var megabytes: String { String(format: "%.0f MB", memory) }
}
