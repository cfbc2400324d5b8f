import Diagnostics
import Foundation
import Statistics
import TestSupport
import Testing
import Units

@testable import Documents
@testable import Logs
@testable import Reading
@testable import Traces
@testable import Workloads

@Suite("Traces written and read again")
struct SyntheticWriterTests {
  /// A directory that goes away with the test.
  final class Scratch {
    let path: String

    init() throws {
      path = NSTemporaryDirectory() + "faascast-writer-\(UUID().uuidString)"
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func file(_ name: String) -> String { path + "/" + name }
    var contents: [String] { ((try? FileManager.default.subpathsOfDirectory(atPath: path)) ?? []).sorted() }
  }

  static let start: Int64 = 1_772_323_200  // Sunday, 1 March 2026

  /// Names that need quotes, functions of one application, rare and busy ones.
  static func workload(hours: Int64 = 30) throws -> Workload {
    try .synthetic(
      SyntheticWorkload(
        horizon: .hours(hours), start: start,
        functions: [
          .init(
            name: "check,out \"api\"", arrivals: .poisson(rate: 0.05), duration: .lognormal(mu: -2, sigma: 1),
            memory: MemorySize(megabytes: 1024), memoryUsed: 300, trigger: "http", application: "shop"),
          .init(
            name: "cart", arrivals: .poisson(rate: 0.01), duration: .exponential(mean: 0.2), memoryUsed: 120,
            trigger: "http", application: "shop"),
          .init(
            name: "nightly", arrivals: .timer(try Schedule(parsing: "30 2 * * *"), offset: .fixed(.zero), jitter: nil),
            duration: .constant(61.5), memory: MemorySize(megabytes: 2048), trigger: "timer"),
          .init(name: "never", arrivals: .poisson(rate: 0), duration: .constant(1)),
        ]), title: "test")
  }

  /// Everything a workload holds, in order, with functions by name.
  static func rows(_ workload: Workload, seed: UInt64 = 5) throws -> [(name: String, arrival: Int64, duration: Int64)] {
    let ordered = try OrderedInvocations(workload, seed: seed, replication: 0)
    var rows: [(String, Int64, Int64)] = []
    var batch = InvocationBatch()
    while try ordered.next(into: &batch) {
      for index in 0..<batch.count {
        rows.append(
          (ordered.functions[Int(batch.functions[index])].name, batch.arrivals[index], batch.durations[index]))
      }
    }
    return rows
  }

  @Test(
    "lists of invocations come back to the nanosecond",
    arguments: [
      (TraceFormat.invocationsCSV, "a.csv"), (.invocationsCSV, "a.csv.gz"), (.invocationsNDJSON, "a.ndjson"),
      (.invocationsNDJSON, "a.ndjson.gz"),
    ])
  func lists(format: TraceFormat, name: String) throws {
    let scratch = try Scratch()
    let receipt = try TraceWriter(format, seed: 5).write(try Self.workload(), to: scratch.file(name))
    let expected = try Self.rows(try Self.workload())
    let found = try Self.rows(try .invocations(file: scratch.file(name)))
    #expect(receipt.invocations == expected.count && expected.count > 5000)
    #expect(receipt.files == [scratch.file(name)])
    #expect(scratch.contents == [name], "nothing partial is left")
    #expect(found.map(\.name) == expected.map(\.name))
    #expect(found.map(\.arrival) == expected.map(\.arrival))
    #expect(found.map(\.duration) == expected.map(\.duration))
  }

  @Test("numbers are written exactly and without idle zeros")
  func numbers() {
    func seconds(_ nanoseconds: Int64) -> String {
      var text = OutputText()
      text.append(seconds: nanoseconds)
      return String(decoding: text.bytes, as: UTF8.self)
    }
    let cases: [(Int64, String)] = [
      (0, "0"), (1, "0.000000001"), (1_500_000_000, "1.5"), (120_000_000_000, "120"), (-20_000_000, "-0.02"),
      (.max, "9223372036.854775807"), (100_000_000_010, "100.00000001"),
    ]
    for (value, text) in cases { #expect(seconds(value) == text) }
    var text = OutputText()
    text.append(json: "a\"\\\n\t\r\u{1}é/")
    text.append(field: "x")
    text.append(field: " x")
    text.append(field: "")
    text.append(Int64(7), width: 3)
    #expect(String(decoding: text.bytes, as: UTF8.self) == #""a\"\\\n\t\r\u0001é/"x" x"007"#)
  }

  @Test("the Azure 2021 form comes back, by application and function")
  func azure2021() throws {
    let scratch = try Scratch()
    try TraceWriter(.azure2021, seed: 5).write(try Self.workload(), to: scratch.file("a.csv"))
    let expected = try Self.rows(try Self.workload())
    let found = try Self.rows(try .azure2021(file: scratch.file("a.csv")))
    #expect(found.map(\.arrival) == expected.map(\.arrival) && found.map(\.duration) == expected.map(\.duration))
    let text = try String(contentsOfFile: scratch.file("a.csv"), encoding: .utf8)
    #expect(text.hasPrefix("app,func,end_timestamp,duration\nshop,"))
  }

  /// A table's rows under their columns' names.
  private func table(_ path: String) throws -> [[String: String]] {
    let reader = try CSVReader(path: path)
    var rows: [[String: String]] = []
    while try reader.next() {
      rows.append(
        Dictionary(uniqueKeysWithValues: reader.columns.indices.map { (reader.columns[$0], reader.text($0)) }))
    }
    return rows
  }

  @Test("the Azure 2019 form: counts per minute, durations and memory of each day", arguments: [true, false])
  func azure2019(isGenerated: Bool) throws {
    let scratch = try Scratch()
    var workload = try Self.workload()
    if !isGenerated {
      // The same rows as a record go the other way through the writer.
      try TraceWriter(.invocationsCSV, seed: 5).write(workload, to: scratch.file("list.csv"))
      workload = try .invocations(file: scratch.file("list.csv"))
    }
    let directory = scratch.file("trace")
    let writer = TraceWriter(.azure2019, seed: 5, compressesDirectory: isGenerated)
    let receipt = try writer.write(workload, to: directory)
    let end = isGenerated ? ".csv.gz" : ".csv"
    #expect(receipt.files.count == (isGenerated ? 6 : 4))

    let expected = try Self.rows(workload)
    #expect(receipt.invocations == expected.count)
    for day in 0..<2 {
      let counts = try table("\(directory)/invocations_per_function_md.anon.d0\(day + 1)\(end)")
      let durations = try table("\(directory)/function_durations_percentiles.anon.d0\(day + 1)\(end)")
      #expect(counts.map(\.["HashFunction"]) == durations.map(\.["HashFunction"]))
      #expect(!counts.contains { $0["HashFunction"] == "never" })
      for (count, duration) in zip(counts, durations) {
        let rows = expected.filter {
          $0.name == count["HashFunction"] && $0.arrival / 86_400_000_000_000 == Int64(day)
        }
        for minute in 0..<1440 {
          let found = rows.count { $0.arrival % 86_400_000_000_000 / 60_000_000_000 == Int64(minute) }
          #expect(count["\(minute + 1)"] == "\(found)")
        }
        let sorted = rows.map { Double($0.duration) / 1e6 }.sorted()
        func figure(_ name: String) throws -> Double { try #require(Double(duration[name] ?? "")) }
        #expect(duration["Count"] == "\(sorted.count)")
        let mean = sorted.reduce(0, +) / Double(sorted.count)
        #expect(near(try figure("Average"), mean, 0.002))
        #expect(near(try figure("Minimum"), sorted[0], 0.002))
        #expect(near(try figure("percentile_Average_0"), sorted[0], 0.002))
        #expect(near(try figure("Maximum"), sorted[sorted.count - 1], 0.002))
        #expect(near(try figure("percentile_Average_100"), sorted[sorted.count - 1], 0.002))
        for percentile in [1, 25, 50, 75, 99] {
          let exact = sorted[max(0, Int((Double(percentile) / 100 * Double(sorted.count)).rounded(.up)) - 1)]
          #expect(near(try figure("percentile_Average_\(percentile)"), exact, 0.009 * exact + 0.002))
        }
      }
    }
    if isGenerated {
      let memory = try table("\(directory)/app_memory_percentiles.anon.d01\(end)")
      #expect(memory.map(\.["HashApp"]) == ["shop", "nightly"])
      #expect(memory.map(\.["AverageAllocatedMb"]) == ["300", "2048"])
    }
  }

  @Test("a trace written in the Azure 2019 form reads as one with the same totals")
  func azure2019Totals() throws {
    let scratch = try Scratch()
    let receipt = try TraceWriter(.azure2019, seed: 5).write(try Self.workload(), to: scratch.file("trace"))
    let again = try Workload.azure2019(directory: scratch.file("trace"))
    guard case .generated(let generated) = again.feed else {
      Issue.record("not generated")
      return
    }
    #expect(generated.expectedInvocations == receipt.invocations)
    #expect(generated.ledger.droppedTotal == 0 && generated.ledger.repairedTotal == 0)
    #expect(generated.functions.map(\.application) == ["shop", "shop", "nightly"])
    #expect(generated.functions.map(\.memoryUsed) == [300, 300, 2048])
  }

  @Test("text logs: environments, billing since August 2025, and the reader finds every invocation again")
  func lambdaText() throws {
    let scratch = try Scratch()
    let workload = try Self.workload()
    let receipt = try TraceWriter(.lambdaLogsText, seed: 5, compressesDirectory: false)
      .write(workload, to: scratch.file("logs"))
    #expect(scratch.contents == ["logs", "logs/cart.json", "logs/check_out__api_.json", "logs/nightly.json"])
    #expect(receipt.ledger.synthesised.contains { $0.contains("execution environments") })
    let document =
      try JSONSerialization.jsonObject(
        with: Data(contentsOf: URL(fileURLWithPath: scratch.file("logs/cart.json")))) as? [String: Any]
    let events = try #require(document?["events"] as? [[String: Any]])
    let stamps = events.compactMap { $0["timestamp"] as? Int }
    #expect(stamps == stamps.sorted())
    #expect(Set(events.compactMap { $0["eventId"] as? String }).count == events.count)
    let messages = events.compactMap { $0["message"] as? String }
    #expect(messages.first?.hasPrefix("INIT_START Runtime Version: ") == true)
    let report =
      #/REPORT RequestId: [0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}\tDuration: (\d+)\.(\d\d) ms\tBilled Duration: (\d+) ms\tMemory Size: 128 MB\tMax Memory Used: \d+ MB\t(?:Init Duration: (\d+)\.(\d\d) ms\t)?\n/#
    var cold = 0
    for message in messages where message.hasPrefix("REPORT") {
      let match = try #require(try report.wholeMatch(in: message), "\(message)").output
      func hundredths(_ whole: Substring?, _ part: Substring?) -> Int {
        Int((whole ?? "0") + (part ?? "00")) ?? -1
      }
      if match.4 != nil { cold += 1 }
      let sum = hundredths(match.1, match.2) + hundredths(match.4, match.5)
      #expect(Int(match.3) == max(1, (sum + 99) / 100))
    }
    #expect(messages.count { $0.hasPrefix("INIT_START") } == cold)
    #expect(cold > 1 && cold < messages.count / 4)

    let again = try Self.rows(try .lambdaLogs(files: ["cart", "nightly"].map { scratch.file("logs/\($0).json") }))
    let expected = try Self.rows(workload).filter { $0.name == "cart" || $0.name == "nightly" }
    #expect(again.map(\.name) == expected.map(\.name))
    // Instant zero is the minute of the first event; timestamps are whole milliseconds.
    let shift = (expected.first?.arrival ?? 0) / 60_000_000_000 * 60_000_000_000
    for (found, wanted) in zip(again, expected) {
      #expect(abs(found.arrival + shift - wanted.arrival) <= 2_000_000)
      #expect(abs(found.duration - wanted.duration) <= 5000)
    }
  }

  @Test("platform events as JSON: in order of time, and the reader finds the same cold starts and environments")
  func lambdaJSON() throws {
    let scratch = try Scratch()
    let workload = try Self.workload(hours: 8)
    try TraceWriter(.lambdaLogsJSON, seed: 5).write(workload, to: scratch.file("events.ndjson"))
    let lines = try String(contentsOfFile: scratch.file("events.ndjson"), encoding: .utf8).split(separator: "\n")
    var stamps: [Int] = []
    var inits = 0
    var streams: Set<String> = []
    for line in lines {
      let event = try #require(JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
      let message = try #require(event["message"] as? [String: Any])
      stamps.append(try #require(event["timestamp"] as? Int))
      streams.insert(try #require(event["logGroup"] as? String) + (try #require(event["logStream"] as? String)))
      let time = try #require(message["time"] as? String)
      let formatter = ISO8601DateFormatter()
      formatter.formatOptions = [.withInternetDateTime, .withFractionalSeconds]
      let date = try #require(formatter.date(from: time))
      #expect(Int((date.timeIntervalSince1970 * 1000).rounded()) == stamps.last)
      if message["type"] as? String == "platform.initStart" { inits += 1 }
    }
    #expect(stamps == stamps.sorted())

    let ordered = try OrderedInvocations(
      try .lambdaLogs(files: [scratch.file("events.ndjson")]), seed: 0, replication: 0)
    var batch = InvocationBatch()
    var count = 0
    while try ordered.next(into: &batch) { count += batch.count }
    let expected = try Self.rows(workload)
    #expect(count == expected.count)
    #expect(ordered.observations?.coldStarts == inits)
    #expect(ordered.observations?.environments == streams.count && streams.count == inits)
    #expect(Set(ordered.functions.map(\.name)) == Set(expected.map(\.name)))
    #expect(ordered.functions.first { $0.name == "nightly" }?.memory == MemorySize(megabytes: 2048))
    #expect(ordered.ledger.droppedTotal == 0)
  }

  @Test("environments: most recently used first, gone after ten minutes, never used beyond two hours")
  func environments() {
    var pool = LambdaEnvironments(WorkloadFunction(name: "f"), seed: 1, replication: 0)
    func at(_ seconds: Int64, _ duration: Int64 = 1) -> (String, Bool) {
      let run = pool.run(arrival: seconds * 1_000_000_000, duration: duration * 1_000_000_000)
      return (run.environment.id, run.initDuration != nil)
    }
    let a = at(0, 10)
    let b = at(1, 20)
    #expect(a.1 && b.1 && a.0 != b.0)
    #expect(at(15) == (a.0, false))
    #expect(at(30) == (b.0, false), "b came back last")
    #expect(at(632).1, "ten minutes idle are too many")
    var moment: Int64 = 700
    var cold: [Int64] = []
    while moment < 700 + 8 * 3600 {
      if at(moment).1 { cold.append(moment) }
      moment += 300
    }
    #expect(zip(cold.dropFirst(), cold).allSatisfy { $0 - $1 > 7000 && $0 - $1 <= 7500 })
    #expect(cold.count == 3)
  }

  @Test("the same workload and seed give the same bytes; another seed others", arguments: TraceFormat.allCases)
  func reproducible(format: TraceFormat) throws {
    let scratch = try Scratch()
    let workload = try Self.workload(hours: 3)
    func bytes(_ name: String, seed: UInt64) throws -> [Data] {
      let place = scratch.file(name) + (format.isDirectory ? "" : "/x.gz")
      if !format.isDirectory {
        try FileManager.default.createDirectory(atPath: scratch.file(name), withIntermediateDirectories: true)
      }
      let receipt = try TraceWriter(format, seed: seed).write(workload, to: place)
      return try receipt.files.map { try Data(contentsOf: URL(fileURLWithPath: $0)) }
    }
    let first = try bytes("a", seed: 1)
    #expect(try bytes("b", seed: 1) == first)
    #expect(try bytes("c", seed: 2) != first)
    // A gzip header: magic, deflate, no flags, no date.
    #expect(first.allSatisfy { $0.prefix(8) == Data([0x1f, 0x8b, 8, 0, 0, 0, 0, 0]) })
  }

  @Test("what cannot be written is a fault of the system, and nothing is left behind")
  func unwritable() throws {
    let scratch = try Scratch()
    let workload = try Self.workload(hours: 3)
    func refused(_ format: TraceFormat, _ path: String) -> InputFault? {
      do throws(InputFault) {
        try TraceWriter(format).write(workload, to: path)
        return nil
      } catch {
        return error
      }
    }
    let full = refused(.invocationsCSV, "/dev/full")
    #expect(full?.kind == .system && full?.found == "no space left on device")
    #expect(refused(.invocationsCSV, scratch.file("no/such/x.csv"))?.advice == "make the directory first")
    #expect(refused(.azure2019, scratch.file("no/such"))?.kind == .system)
    try "x".write(toFile: scratch.file("file"), atomically: true, encoding: .utf8)
    #expect(refused(.azure2019, scratch.file("file"))?.kind == .system)
    try FileManager.default.createDirectory(atPath: scratch.file("directory"), withIntermediateDirectories: true)
    #expect(refused(.invocationsCSV, scratch.file("directory"))?.kind == .system)
    let long = try Workload.synthetic(
      .init(
        horizon: .hours(24 * 200), functions: [.init(name: "f", arrivals: .poisson(rate: 0), duration: .constant(1))]),
      title: "x")
    #expect(throws: InputFault.self) { try TraceWriter(.azure2019).write(long, to: scratch.file("long")) }
    #expect(scratch.contents == ["directory", "file", "long"])
  }

  @Test("a record that turns out to be unordered late is written in order all the same")
  func restart() throws {
    let scratch = try Scratch()
    var text = "func,time_s,duration_s\n"
    for row in 0..<300_000 { text += "f,\(row),1\n" }
    text += "g,7,2\n"
    try text.write(toFile: scratch.file("in.csv"), atomically: true, encoding: .utf8)
    try TraceWriter(.invocationsCSV).write(try .invocations(file: scratch.file("in.csv")), to: scratch.file("out.csv"))
    let lines = try String(contentsOfFile: scratch.file("out.csv"), encoding: .utf8).split(separator: "\n")
    #expect(lines.count == 300_002)
    #expect(lines[8...9] == ["f,7,1", "g,7,2"])
    #expect(scratch.contents == ["in.csv", "out.csv"])
  }

  @Test(
    "a file's name tells its form",
    arguments: [
      ("a.csv", TraceFormat.invocationsCSV), ("b.CSV.gz", .invocationsCSV), ("c.jsonl", .invocationsNDJSON),
      ("d.ndjson.gz", .invocationsNDJSON), ("e.txt", nil), ("gz", nil),
    ] as [(String, TraceFormat?)])
  func formats(name: String, format: TraceFormat?) {
    #expect(TraceFormat(fileName: name) == format)
  }
}
