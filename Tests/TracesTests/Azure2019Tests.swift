import Diagnostics
import Foundation
import Statistics
import TestSupport
import Testing
import Units

@testable import Logs
@testable import Reading
@testable import Traces
@testable import Workloads

/// Names of the trace's files and heads of its tables.
private enum Tables {
  static let invocations = "invocations_per_function_md.anon.d01.csv"
  static let durations = "function_durations_percentiles.anon.d01.csv"
  static let memory = "app_memory_percentiles.anon.d01.csv"
  static let durationsHeader =
    "HashOwner,HashApp,HashFunction,Average,Count,Minimum,Maximum,"
    + [0, 1, 25, 50, 75, 99, 100].map { "percentile_Average_\($0)" }.joined(separator: ",") + "\n"
  static let memoryHeader = "HashOwner,HashApp,SampleCount,AverageAllocatedMb,AverageAllocatedMb_pct1\n"
}

@Suite("The Azure Functions 2019 trace")
struct Azure2019Tests {
  private let directory: TemporaryDirectory

  init() throws { directory = try TemporaryDirectory() }

  private func load(_ files: [String: String]) throws -> GeneratedWorkload {
    let directory = try TemporaryDirectory()
    for (name, text) in files { try directory.write(name, text) }
    return try Workload.azure2019(directory: directory.path).recipe
  }

  private func counts(_ workload: GeneratedWorkload, _ function: Int) -> [Int] {
    var result = Array(repeating: 0, count: Int(workload.horizon.nanoseconds / 60_000_000_000))
    for arrival in workload.invocations(of: function).arrivals { result[Int(arrival / 60_000_000_000)] += 1 }
    return result
  }

  /// Two functions of one application and one of another, with all that belongs to them.
  private var small: [String: String] {
    [
      Tables.invocations:
        "HashOwner,HashApp,HashFunction,Trigger,1,2,3\no,a1,f1,http,1,0,2\no,a1,f2,timer,0,5,0\np,a2,f3,queue,0,0,1\n",
      Tables.durations: Tables.durationsHeader + "o,a1,f1,100,3,1,900,10,20,50,80,120,500,800\n"
        + "o,a1,f2,7,5,7,7,7,7,7,7,7,7,7\np,a2,f3,30,1,30,30,30,30,30,30,30,30,30\n",
      Tables.memory: Tables.memoryHeader + "o,a1,10,128.5,100\np,a2,20,64,50\n",
    ]
  }

  @Test("functions, triggers, applications, memory and counts come out as they stand")
  func joined() throws {
    let workload = try load(small)
    #expect(workload.functions.map(\.name) == ["f1", "f2", "f3"])
    #expect(workload.functions.map(\.application) == ["a1", "a1", "a2"])
    #expect(workload.functions.map(\.trigger) == ["http", "timer", "queue"])
    #expect(workload.functions.map(\.memoryUsed) == [128.5, 128.5, 64])
    #expect(workload.functions.map(\.memory) == [nil, nil, nil])
    #expect(workload.expectedInvocations == 9)
    #expect((0..<3).map { counts(workload, $0) } == [[1, 0, 2], [0, 5, 0], [0, 0, 1]])
    #expect(workload.invocations(of: 1).durations == Array(repeating: 7_000_000, count: 5))
    #expect(workload.ledger.read == 8)
    #expect(workload.ledger.repaired == [:])
    #expect(workload.ledger.dropped == [:])
    #expect(
      workload.ledger.synthesised == [
        "durations: drawn from 7 percentiles a function, mean kept", "arrivals inside a minute: uniform",
      ])
    #expect(workload.ledger.remarks.contains("instant zero is the start of minute 1 of day 1"))
    #expect(workload.ledger.remarks.contains("columns ignored in durations: \"Minimum\", \"Maximum\""))
    #expect(workload.ledger.remarks.contains("memory is that of a function's whole application"))
  }

  @Test("tables are known by their columns, whatever their names, order of columns and packing")
  func recognised() throws {
    let expected = try load(small)
    let directory = try TemporaryDirectory()
    try directory.write("x.csv", try #require(small[Tables.durations]))
    try directory.write("y.csv.gz", Fuzzing.gzip(Array(try #require(small[Tables.invocations]).utf8)))
    try directory.write(
      "Z.CSV", try #require(small[Tables.memory]).replacing("HashOwner,HashApp", with: "HASHOWNER,hashapp"))
    try directory.write("notes.csv", "a,b\n1,2\n")
    try directory.write("README.md", "no table")
    try directory.write(".hidden.csv", "")
    let workload = try Workload.azure2019(directory: directory.path + "/").recipe
    #expect(workload.functions == expected.functions)
    for function in 0..<3 {
      #expect(workload.invocations(of: function).arrivals == expected.invocations(of: function).arrivals)
      #expect(workload.invocations(of: function).durations == expected.invocations(of: function).durations)
    }
    #expect(workload.ledger.remarks.contains("file ignored: \"notes.csv\" is none of the trace's tables"))
    #expect(workload.ledger.remarks.contains("instant zero is the start of minute 1 of the day"))
  }

  @Test("a function's invocations depend on no other row: shuffled rows give the same")
  func rowOrder() throws {
    var files = small
    files[Tables.invocations] =
      "3,HashFunction,1,HashApp,Trigger,2,HashOwner\n1,f3,0,a2,queue,0,p\n0,f2,0,a1,timer,5,o\n2,f1,1,a1,http,0,o\n"
    let (one, other) = (try load(small), try load(files))
    #expect(Set(one.functions) == Set(other.functions))
    for (index, function) in other.functions.enumerated() {
      let same = try #require(one.functions.firstIndex(of: function))
      #expect(one.invocations(of: same).arrivals == other.invocations(of: index).arrivals)
      #expect(one.invocations(of: same).durations == other.invocations(of: index).durations)
    }
  }

  @Test("days follow each other; a day that is missing, or a function missing in one, is empty")
  func days() throws {
    let header = "HashOwner,HashApp,HashFunction,Trigger," + (1...1440).map(String.init).joined(separator: ",") + "\n"
    func row(_ name: String, _ minute: Int, _ count: Int) -> String {
      "o,a,\(name),http," + (1...1440).map { $0 == minute ? "\(count)" : "0" }.joined(separator: ",") + "\n"
    }
    let workload = try load([
      "invocations_per_function_md.anon.d02.csv": header + row("f", 1, 2) + row("g", 1440, 1),
      "invocations_per_function_md.anon.d04.csv": header + row("h", 3, 4) + row("f", 1440, 3) + row("f", 1440, 1),
      "function_durations_percentiles.anon.d02.csv": Tables.durationsHeader + "o,a,f,10,1,10,10,10,10,10,10,10,10,10\n",
      "function_durations_percentiles.anon.d03.csv": Tables.durationsHeader + "o,a,f,40,2,40,40,40,40,40,40,40,40,40\n",
    ])
    #expect(workload.horizon.nanoseconds == 3 * 86_400_000_000_000)
    #expect(workload.functions.map(\.name) == ["f", "g", "h"])
    let busy = (0..<3).map { function in
      counts(workload, function).enumerated().filter { $0.element > 0 }.map { [$0.offset, $0.element] }
    }
    #expect(busy == [[[0, 2], [4319, 4]], [[1439, 1]], [[2882, 4]]])
    #expect(workload.ledger.repaired["second invocations row of a function and day: counts added up"] == 1)
    #expect(workload.ledger.remarks.contains("instant zero is the start of minute 1 of day 2"))
    // (1 * 10 ms + 2 * 40 ms) / 3
    #expect(workload.invocations(of: 0).durations == Array(repeating: 30_000_000, count: 6))
  }

  @Test("a table twice for a day, days without names, and days that overlap are faults")
  func confusedDays() throws {
    let table = try #require(small[Tables.invocations])
    #expect(throws: InputFault.self) { _ = try load(["a.d01.csv": table, "b.d01.csv": table]) }
    #expect(throws: InputFault.self) { _ = try load(["a.csv": table, "b.csv": table]) }
    #expect(throws: InputFault.self) { _ = try load(["a.csv": table, "b.d01.csv": table]) }
    let long = "HashOwner,HashApp,HashFunction," + (1...1500).map(String.init).joined(separator: ",") + "\n"
    #expect(throws: InputFault.self) { _ = try load(["a.d01.csv": long, "b.d02.csv": table]) }
    let far = "HashOwner,HashApp,HashFunction,999999999\n"
    #expect(throws: InputFault.self) { _ = try load(["a.d01.csv": table, "b.d02.csv": far]) }
    #expect(try load(["a.d01.csv": far]).horizon.nanoseconds == 60_000_000_000)
    #expect(Azure2019Files.day(in: "invocations_per_function_md.anon.d07.csv") == 7)
    #expect(Azure2019Files.day(in: "D14.csv.gz") == 14)
    #expect(Azure2019Files.day(in: "md.d123.dx.2d.csv") == nil)
  }

  @Test("a directory without invocations, a file, or nothing at all is a fault that says what to name")
  func notThere() throws {
    let empty = try #require(throws: InputFault.self) { _ = try load([:]) }
    #expect(empty.found == "no CSV files")
    let other = try #require(throws: InputFault.self) { _ = try load(["x.csv": "a,b\n"]) }
    #expect(other.found == "only \"x.csv\"")
    let onlyDurations = try #require(throws: InputFault.self) { _ = try load(["d.csv": Tables.durationsHeader]) }
    #expect(onlyDurations.found == "only \"d.csv\"")
    let file = try directory.write("x.csv", "a,b\n")
    #expect(throws: InputFault.self) { _ = try Workload.azure2019(directory: file) }
    let missing = try #require(throws: InputFault.self) {
      _ = try Workload.azure2019(directory: directory.path + "/no")
    }
    #expect(missing.kind == .system)
  }

  @Test("every percentile and the mean are kept; what can't be is counted")
  func durations() throws {
    var files = small
    files[Tables.durations] =
      Tables.durationsHeader
      + "o,a1,f1,100,3,1,900,10,20,50,80,120,500,800\n"  // kept
      + "o,a1,f2,0,5,0,7,0,0,0,0,0,0,7\n"  // Average 0
      + "p,a2,f3,900,1,30,40,30,31,32,33,34,35,40\n"  // beyond what bending reaches
    let workload = try load(files)
    #expect(
      workload.ledger.repaired == [
        "durations with Average 0: percentiles as they are": 1,
        "durations' Average beyond what their percentiles allow: percentiles as they are": 1,
      ])
    var durations = Azure2019Durations(functions: 1)
    var ledger = ImportLedger()
    let path = try directory.write("d.csv", Tables.durationsHeader + "o,a,f,100,3,1,900,10,20,50,80,120,500,800\n")
    try durations.read(path, into: &ledger) { _, _ in 0 }
    guard case .empirical(let law) = durations.law(of: 0, &ledger) else {
      Issue.record("no law of percentiles")
      return
    }
    #expect((law.mean - 0.1).magnitude < 1e-12)
    #expect(law.probabilities == [0, 0.01, 0.25, 0.5, 0.75, 0.99, 1])
    for (value, milliseconds) in zip(law.values, [10.0, 20, 50, 80, 120, 500, 800]) {
      #expect((value - milliseconds / 1000).magnitude < 1e-12)
    }
  }

  @Test("durations out of order, negative, empty, twice, or of nobody are repaired or dropped, and counted")
  func repairs() throws {
    var files = small
    files[Tables.durations] =
      Tables.durationsHeader
      + "o,a1,f1,100,3,1,900,20,10,50,80,120,500,800\n"
      + "o,a1,f2,6.95,5,7,7,-1,7,7,7,7,7,7\n"
      + "p,a2,f3,30,1,30,30,30,30,NaN,30,30,30,30\n"
      + "p,a2,f9,30,1,30,30,30,30,30,30,30,30,30\n"
      + "o,a1,f1,100,3,1,900,10,20,50,80,120,500,800\n"
    files[Tables.memory] = Tables.memoryHeader + "o,a1,10,,1\nq,a9,1,1,1\n"
    let workload = try load(files)
    #expect(
      workload.ledger.repaired == [
        "durations' percentiles not ascending: sorted": 1, "negative duration taken as 0": 1,
        "second durations row of a function: averaged by Count": 1,
      ])
    #expect(
      workload.ledger.dropped == [
        "durations with an empty or NaN field": 1, "durations of a function without invocations": 1,
        "memory empty or NaN": 1, "memory of an application without invocations": 1,
      ])
    #expect(workload.ledger.remarks.contains("3 of 3 functions have no memory in the trace"))
    #expect(workload.ledger.read == 3 + 5 + 2)
  }

  @Test(
    "durations, counts and memory that are no such numbers are faults with a place",
    arguments: [
      (Tables.durations, "o,a1,f1,x,3,1,900,10,20,50,80,120,500,800\n", "Average"),
      (Tables.durations, "o,a1,f1,1,3,1,900,10,20,1e300,80,120,500,800\n", "percentile_Average_25"),
      (Tables.durations, "o,a1,f1,1,3,1,900,10,20,99999999999999,80,120,500,800\n", "percentile_Average_25"),
      (Tables.durations, "o,a1,f1,1,many,1,900,10,20,50,80,120,500,800\n", "Count"),
      (Tables.memory, "o,a1,10,big,1\n", "AverageAllocatedMb"), (Tables.memory, "o,a1,10,-1,1\n", "AverageAllocatedMb"),
      (Tables.memory, "o,a1,10,1e99,1\n", "AverageAllocatedMb"),
    ])
  func badFields(_ file: String, _ row: String, _ column: String) throws {
    var files = small
    files[file] = (file == Tables.memory ? Tables.memoryHeader : Tables.durationsHeader) + row
    let fault = try #require(throws: InputFault.self) { _ = try load(files) }
    #expect(fault.place.line == 2)
    #expect(fault.place.key == column)
  }

  @Test("a function without durations borrows its application's, else everybody's, else the published law")
  func borrowed() throws {
    var files = small
    // f2 has none; its application has f1's. f3's application has none at all.
    files[Tables.durations] = Tables.durationsHeader + "o,a1,f1,50,3,50,50,50,50,50,50,50,50,50\n"
    let workload = try load(files)
    #expect(workload.invocations(of: 1).durations == Array(repeating: 50_000_000, count: 5))
    #expect(workload.invocations(of: 2).durations == [50_000_000])
    #expect(
      workload.ledger.synthesised.prefix(3) == [
        "durations: drawn from 7 percentiles a function, mean kept",
        "durations of 1 functions without their own: pooled of their application",
        "durations of 1 functions without their own: pooled of all functions",
      ])
    files[Tables.durations] = nil
    #expect(
      try load(files).ledger.synthesised.first
        == "durations of 3 functions without their own: lognormal(-0.38, 2.36) in seconds, as published for the whole trace"
    )
  }

  @Test("a pooled law has the mixture's percentiles and mean")
  func pooled() throws {
    var durations = Azure2019Durations(functions: 2)
    var ledger = ImportLedger()
    let path = try directory.write(
      "d.csv",
      Tables.durationsHeader
        + "o,a,f,100,3,1,900,10,20,50,80,120,500,800\no,a,g,2000,1,1,1,1000,1100,1500,1900,2100,5000,9000\n")
    try durations.read(path, into: &ledger) { reader, columns in reader.text(columns[2]) == "f" ? 0 : 1 }
    guard case .empirical(let pool) = durations.pooledLaw(of: 0..<2) else {
      Issue.record("no law of percentiles")
      return
    }
    let parts = (0..<2).compactMap { function -> QuantileFunction? in
      guard case .empirical(let law) = durations.law(of: function, &ledger) else { return nil }
      return law
    }
    #expect((pool.mean - (3 * 0.1 + 2) / 4).magnitude < 1e-9)
    for (p, value) in zip(pool.probabilities, pool.values) where p > 0 && p < 1 {
      let mixture = (3 * parts[0].probability(ofAtMost: value) + parts[1].probability(ofAtMost: value)) / 4
      #expect((mixture - p).magnitude < 1e-6, "at \(p)")
    }
    #expect(durations.pooledLaw(of: []) == nil)
  }

  @Test("names are short, unique and independent of company, where hashes allow")
  func names() {
    typealias Identity = ShortNames.Identity
    let identities = [
      Identity(owner: "o", application: "aaaaaaaaaaaa", function: "0123456789abcdef"),
      Identity(owner: "o", application: "aaaaaaaaaaaa", function: "0123456799abcdef"),
      Identity(owner: "o", application: "aaaaaaaaaaaa", function: "ffffffffffffffff"),
      Identity(owner: "o", application: "bbbbbbbbbbbb", function: "ffffffffffffffff"),
      Identity(owner: "o", application: "cccccccccccc", function: "eeeeeeeeeeeeeeee"),
      Identity(owner: "p", application: "cccccccccccc", function: "eeeeeeeeeeeeeeee"),
      Identity(owner: "p", application: "c", function: "short"),
      Identity(owner: "p", application: "c", function: "given-by-people"),
    ]
    let names = ShortNames.names(of: identities)
    #expect(
      names == [
        "012345678", "012345679", "aaaaaaaa/ffffffff", "bbbbbbbb/ffffffff", "o/cccccccc/eeeeeeee",
        "p/cccccccc/eeeeeeee",
        "short", "given-by-people",
      ])
    #expect(Array(ShortNames.names(of: identities.reversed()).reversed()) == names)
    let odd = [
      Identity(owner: "", application: "a", function: "b"), Identity(owner: "", application: "c", function: "b"),
      Identity(owner: "", application: "", function: "a/b"), Identity(owner: "", application: "", function: "é"),
      Identity(owner: "", application: "", function: "e\u{301}"),
      Identity(owner: "", application: "", function: "ééééééééé"),
      Identity(owner: "", application: "", function: "ééééééééè"),
    ]
    let oddNames = ShortNames.names(of: odd)
    #expect(Set(oddNames).count == odd.count)
    #expect(Array(ShortNames.names(of: odd.reversed()).reversed()) == oddNames)
  }

  @Test("memory by function is that function's; several days are averaged by their samples")
  func memory() throws {
    var files = small
    files[Tables.memory] =
      "HashFunction,HashOwner,HashApp,SampleCount,AverageAllocatedMb\nf1,o,a1,10,9.416666666\nf2,o,a1,1,20\n"
    files["app_memory_percentiles.anon.d02.csv"] =
      "HashFunction,HashOwner,HashApp,SampleCount,AverageAllocatedMb\nf2,o,a1,3,40\nf7,o,a1,3,40\n"
    let workload = try load(files)
    #expect(workload.functions.map(\.memoryUsed) == [9.416666666, 35, nil])
    #expect(workload.ledger.dropped == ["memory of a function without invocations": 1])
  }

  @Test("more invocations than a function's Count says is remarked; functions never invoked stay")
  func oddities() throws {
    var files = small
    files[Tables.invocations] =
      "HashOwner,HashApp,HashFunction,Trigger,7,8\no,a1,f1,http,3,1\no,a1,f2,,0,0\np,a2,,queue,1,1\n"
    let workload = try load(files)
    #expect(workload.functions.map(\.name) == ["f1", "f2"])
    #expect(workload.functions[1].trigger == nil)
    #expect(
      workload.ledger.remarks.contains("1 functions have more invocations here than the Count of their durations"))
    #expect(workload.ledger.remarks.contains("1 of 2 functions are never invoked"))
    #expect(workload.ledger.remarks.contains("instant zero is the start of minute 7 of day 1"))
    #expect(workload.ledger.dropped["invocations without a HashFunction"] == 1)
  }

  @Test("a random triple is read to the end or refused with a fault, and what was read can be drawn")
  func fuzz() throws {
    let good = small.mapValues { Array($0.utf8) }
    var days = good
    days["invocations_per_function_md.anon.d02.csv"] = days[Tables.invocations]
    days["function_durations_percentiles.anon.d02.csv"] = days[Tables.durations]
    var packed = good.mapValues { Fuzzing.gzip($0) }
    packed[Tables.memory] = Array("HashFunction,HashOwner,HashApp,AverageAllocatedMb\nf1,o,a1,3.5\n".utf8)
    for (number, corpus) in [good, days, packed].enumerated() {
      var fuzzing = Fuzzing(name: "azure2019-\(number)", seed: UInt64(number + 1))
      fuzzing.inputs /= 3
      try fuzzing.run([corpus]) { directory in
        let workload = try Workload.azure2019(directory: directory).recipe
        guard Set(workload.functions.map(\.name)).count == workload.functions.count else {
          Issue.record("names that are not unique: \(workload.functions.map(\.name))")
          return
        }
        try workload.drawBounded(most: 200)
      }
    }
  }
}
