import Foundation
import Platforms
import Statistics
import TestSupport
import Testing
import Traces

@testable import Engine

/// Traces made by a seeded generator that gives the same bytes everywhere, and what an independent exact reference (a
/// C++ program of one pool, unlimited capacity, cold = init + duration) says of them: cold starts, running and idle
/// environment-seconds, keep-alive 600 s, init 0.5 s.
@Suite(
  "Exact agreement with an independent reference",
  .enabled(if: RealData.has("../bench/generate_trace.py"), "needs ../bench/generate_trace.py beside FAASCAST_DATA"))
struct ReferencePoolTests {
  enum Trace: String, Sendable {
    case balanced1 = "balanced 1 24 1"
    case balanced10 = "balanced 10 24 1"
    case skewed10 = "skewed 10 24 1"
    case zipf20 = "zipf:1000 20 24 1"
  }

  struct Reference: Sendable, CustomTestStringConvertible {
    var trace: Trace
    var order: ReuseOrder
    var cold: Int
    var running: Double
    var idle: Double

    init(_ trace: Trace, _ order: ReuseOrder, cold: Int, running: Double, idle: Double) {
      (self.trace, self.order, self.cold, self.running, self.idle) = (trace, order, cold, running, idle)
    }

    var testDescription: String { "\(trace), \(order.rawValue)" }
  }

  static let references: [Reference] = [
    .init(.balanced1, .mostRecentlyUsed, cold: 2_164, running: 768_454.136, idle: 5_052_102.480),
    .init(.balanced1, .leastRecentlyUsed, cold: 131, running: 767_437.636, idle: 9_716_945.404),
    .init(.balanced1, .newestCreated, cold: 2_138, running: 768_441.136, idle: 5_080_817.872),
    .init(.balanced1, .oldestCreated, cold: 2_154, running: 768_449.136, idle: 5_059_605.682),
    .init(.balanced10, .mostRecentlyUsed, cold: 5_083, running: 7_649_761.603, idle: 13_392_707.538),
    .init(.balanced10, .leastRecentlyUsed, cold: 386, running: 7_647_413.103, idle: 23_696_153.652),
    .init(.balanced10, .newestCreated, cold: 4_925, running: 7_649_682.603, idle: 13_469_095.399),
    .init(.balanced10, .oldestCreated, cold: 5_004, running: 7_649_722.103, idle: 13_424_097.259),
    .init(.skewed10, .mostRecentlyUsed, cold: 2_950, running: 7_648_289.117, idle: 7_128_173.671),
    .init(.skewed10, .leastRecentlyUsed, cold: 259, running: 7_646_943.617, idle: 13_676_331.909),
    .init(.skewed10, .newestCreated, cold: 2_888, running: 7_648_258.117, idle: 7_172_204.129),
    .init(.skewed10, .oldestCreated, cold: 2_919, running: 7_648_273.617, idle: 7_142_669.742),
    .init(.zipf20, .mostRecentlyUsed, cold: 47_718, running: 15_366_355.009, idle: 107_670_017.929),
    .init(.zipf20, .leastRecentlyUsed, cold: 28_396, running: 15_356_694.009, idle: 152_173_749.228),
    .init(.zipf20, .newestCreated, cold: 47_325, running: 15_366_158.509, idle: 108_223_257.492),
    .init(.zipf20, .oldestCreated, cold: 47_573, running: 15_366_282.509, idle: 107_781_106.265),
  ]

  @Test("cold starts exactly, running and idle time to the millisecond", arguments: references)
  func agrees(reference: Reference) throws {
    let file = try TraceFiles.shared.path(of: reference.trace)
    let platform = barePlatform(
      keepAlive: KeepAlive(.constant(600)), reuse: reference.order, initDuration: .constant(0.5))
    let totals = try Simulation(workload: try .invocations(file: file), platform: platform).run().totals
    #expect(totals.coldStarts == reference.cold)
    #expect(abs(Double(totals.busyTime) / 1e9 - reference.running) < 0.001)
    #expect(abs(Double(totals.idleTimeInHorizon) / 1e9 - reference.idle) < 0.001)
  }

  /// Makes each trace once, for all tests of it.
  private final class TraceFiles: Sendable {
    static let shared = TraceFiles()
    private let directory = FileManager.default.temporaryDirectory.appending(path: "faascast-reference-traces")
    private let lock = NSLock()

    func path(of trace: Trace) throws -> String {
      lock.lock()
      defer { lock.unlock() }
      let folder = directory.appending(path: trace.rawValue.replacing(" ", with: "-"))
      let requests = folder.appending(path: "requests.csv").path
      if FileManager.default.fileExists(atPath: requests) { return requests }
      try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
      let fresh = directory.appending(path: UUID().uuidString)
      let generator = Process()
      generator.executableURL = URL(filePath: "/usr/bin/env")
      generator.arguments =
        ["python3", RealData.path("../bench/generate_trace.py"), fresh.path]
        + trace.rawValue.split(separator: " ").map(String.init)
      generator.standardOutput = FileHandle.nullDevice
      try generator.run()
      generator.waitUntilExit()
      try FileManager.default.moveItem(at: fresh, to: folder)
      return requests
    }
  }
}
