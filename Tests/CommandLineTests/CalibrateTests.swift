import Foundation
import Testing

@Suite("faascast calibrate and validate")
struct CalibrateTests {
  /// Cold starts of one runtime: two clumps, as init times have them.
  private static let coldStarts: String = {
    var text = "day,runtime,arch,pkg,mem,init_ms\n"
    for index in 0..<200 {
      let clump = index % 5 == 0 ? 160.0 : 80.0
      text += "2026-06-\(10 + index / 20),python3.1\(2 + index / 2 % 2),arm64,zip,\(index % 2 == 0 ? 128 : 1024),"
      text += "\(clump * (1 + 0.01 * Double((index * 37) % 11 - 5)))\n"
    }
    return text
  }()

  @Test("a profile that it writes is one that a scenario takes")
  func roundTrip() throws {
    let program = try Program()
    defer { program.remove() }
    try program.file("cold.csv", Self.coldStarts)
    try program.file(
      "sizes.csv",
      "function,memory_mb,duration_ms\nf,128,1000\nf,256,500\nf,512,250\nf,1024,125\nf,2048,75\nf,3008,75\n")
    let calibrated = try program.run(
      "calibrate", "cold.csv", "sizes.csv", "--output", "Profiles/p.json", "--bootstrap", "19")
    #expect(calibrated.status == 0, "\(calibrated.error)")
    #expect(calibrated.output.contains("python3.12, arm64, zip"))
    #expect(calibrated.output.contains("effect of memory"))
    try program.file(
      "s.yaml",
      """
      workload: {synthetic: {horizon: 1h, functions: {f: {memory: 128, arrivals: {timer: 1m}, duration: 1s}}}}
      functions:
        "*": {profile: Profiles/p.json, runtime: python3.12, architecture: arm64}
        f: {profile: Profiles/p.json, memory: 1024, init: 10ms}
      """)
    let simulated = try program.run("simulate", "s.yaml", "--json", "--quiet")
    #expect(simulated.status == 0, "\(simulated.error)")
    // An eighth of a second instead of a second.
    #expect(simulated.output.contains("by the memory model"))
    let summary = try #require(
      try JSONSerialization.jsonObject(with: Data(simulated.output.utf8)) as? [String: Any])
    let totals = try #require(summary["totals"] as? [String: Any])
    let duration = try #require((totals["durationMs"] as? [String: Any])?["p50"] as? Double)
    #expect((duration - 125).magnitude < 5)
  }

  @Test("validate compares a simulation with logs, and fails when asked to")
  func logs() throws {
    let program = try Program()
    defer { program.remove() }
    let logs = Program.package.appending(path: "Traces/lambda-logs").path
    let file = try #require(
      try FileManager.default.subpathsOfDirectory(atPath: logs).sorted().first { !$0.hasPrefix(".") })
    let path = logs + "/" + file
    let result = try program.run("validate", "--against", path, "--replications", "3")
    #expect(result.status == 0, "\(result.error)")
    for figure in ["cold starts", "mean concurrency", "billed seconds", "noise floor"] {
      #expect(result.output.contains(figure), "\(figure): \(result.output)")
    }
    // A profile says what its data reach over.
    let calibrated = try program.run("calibrate", path, "--json")
    #expect(calibrated.status == 0 && calibrated.output.contains("\"from\": \"20"), "\(calibrated.error)")
    // Under laws that the logs were not made with, cold starts are far off.
    let laws = Program.package.appending(path: "Profiles/lambda-2020.json").path
    let off = try program.run(
      "validate", "--against", path, "--profile", laws, "--replications", "1", "--at-most", "1")
    #expect(off.status == 1 && off.error.contains("cold starts are"), "\(off.error)")
  }

  @Test("what can't be calibrated from is refused in a line")
  func faults() throws {
    let program = try Program()
    defer { program.remove() }
    try program.file("empty.csv", "")
    try program.file("odd.csv", "a,b\n1,2\n")
    try program.file("bad.csv", "memory_mb,duration_ms\n128,fast\n")
    try program.file("small.csv", "memory_mb,duration_ms\n64,10\n")
    for (arguments, status, words) in [
      (["calibrate", "nowhere.csv"], 74, "no such file"), (["calibrate", "empty.csv"], 65, "an empty file"),
      (["calibrate", "odd.csv"], 65, "odd.csv"), (["calibrate", "bad.csv"], 65, "bad.csv:2: duration_ms"),
      (["calibrate", "small.csv"], 65, "128 to 10240"), (["calibrate"], 64, "Missing expected argument"),
      (["calibrate", "bad.csv", "--train", "128"], 64, "two sizes"),
      (["calibrate", "bad.csv", "--families", "lognormale"], 64, "did you mean 'lognormal'"),
      (["calibrate", "https://lambda-power-tuning.show/#zzz"], 65, "the whole link"),
      (["validate", "--against", "bad.csv"], 65, "duration_ms"),
    ] as [([String], Int32, String)] {
      let result = try program.run(arguments)
      #expect(result.status == status, "\(arguments): \(result.error)")
      #expect(result.error.contains(words), "\(arguments): \(result.error)")
    }
  }
}
