import Foundation
import Logs
import Measuring
import MicroVM
import Platforms
import Statistics
import Testing
import Units
import Workloads

@testable import LiveHost

/// Whether machines can be made here at all.
private let hasKVM = access("/dev/kvm", R_OK | W_OK) == 0

@Suite("Real machines serve", .serialized, .enabled(if: hasKVM, "needs /dev/kvm, readable and writable"))
struct LiveHostTests {
  private static let package = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()
  private static let subject = Result { () throws -> Subject in
    try Subject.find(
      "spin", request: Array("200".utf8),
      samples: SampleFunctions(directory: package.appending(path: "Guests").path))
  }

  private func plan(
    _ milliseconds: [Int64], limit: Int? = nil, memory: Int = 1769, snapStart: Bool = false
  ) throws -> ServicePlan {
    var settings = Platform().settings(for: "spin")
    settings.memory = MemorySize(megabytes: memory)
    if snapStart { settings.restoreDuration = .constant(0) }
    return ServicePlan(
      functions: [ServedFunction(subject: try Self.subject.get(), settings: settings)],
      requests: milliseconds.map { ServiceRequest(function: 0, arrival: .milliseconds($0)) },
      horizon: .milliseconds((milliseconds.last ?? 0) + 100),
      platform: Platform(accountConcurrency: limit, keepAlive: KeepAlive(.constant(0.3)), maximumLifetime: nil))
  }

  /// Threads of environments that are still there; one that has left may take a moment to be gone.
  private var threads: Int {
    var left = 0
    for _ in 0..<100 {
      let tasks = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/task")) ?? []
      left = tasks.count { task in
        (try? String(contentsOfFile: "/proc/self/task/\(task)/comm", encoding: .utf8))?.hasPrefix("environment")
          ?? false
      }
      if left == 0 { return 0 }
      Thread.sleep(forTimeInterval: 0.01)
    }
    return left
  }

  /// Control groups that this process left behind.
  private func groups() throws -> [String] {
    let base = try ControlGroups.find().base
    return try FileManager.default.contentsOfDirectory(atPath: base).filter { $0.hasPrefix("faascast-\(getpid())-") }
  }

  @Test("environments start cold, are kept, expire, and are gone when the run is over", arguments: [false, true])
  func keepAlive(_ snapStart: Bool) throws {
    let host = try LiveHost(plan([0, 150, 700, 850], snapStart: snapStart))
    let run = host.serve()
    #expect(run.ending == .complete)
    let records = run.records.sorted { $0.arrival < $1.arrival }
    #expect(records.map { $0.coldStart != nil } == [true, false, true, false])
    #expect(records.map(\.environment) == [0, 0, 1, 1])
    #expect(records.allSatisfy { $0.latency > .milliseconds(2) && $0.lateness >= .zero })
    #expect(threads == 0)
  }

  @Test("a limit on concurrency refuses; without one, a second environment is made")
  func concurrency() throws {
    let limited = try LiveHost(plan([0, 1, 2], limit: 1)).serve()
    #expect(limited.records.count { $0.isThrottled } == 2)
    let free = try LiveHost(plan([0, 1, 2])).serve()
    #expect(free.records.count { $0.coldStart != nil } == 3)
    #expect(ServiceFigures(free).peakConcurrency == 3)
  }

  @Test("a quota holds each environment by itself, and leaves no control group behind")
  func quota() async throws {
    let host = try LiveHost(plan([0, 2, 250, 315, 360, 425, 487, 553], memory: 256))
    let run = host.serve()
    #expect(run.ending == .complete)
    // Some 6 ms of work by a seventh of a processor. What falls on the turn of two periods is done by the allowance of
    // both; calls at all places of a period of 20 ms can't all fall there.
    let warm = run.records.filter { $0.coldStart == nil }
    #expect(
      !warm.isEmpty && warm.contains { $0.duration > .milliseconds(8) },
      "\(warm.map { ($0.environment, $0.arrival, $0.duration) })")
    // Tests of other rooms make groups in this process too, and take theirs away.
    let left = Set(try groups())
    var patience = 300
    while try !left.isDisjoint(with: groups()), patience > 0 {
      try await Task.sleep(for: .milliseconds(100))
      patience -= 1
    }
    #expect(try left.isDisjoint(with: groups()))
  }

  @Test("a stop ends machines and threads at once")
  func stop() throws {
    let host = try LiveHost(plan([0, 60_000]))
    let start = ContinuousClock.now
    let run = host.serve(shouldStop: { ContinuousClock.now - start > .milliseconds(200) })
    #expect(run.ending == .interrupted && run.records.count == 1)
    #expect(ContinuousClock.now - start < .seconds(10))
    #expect(threads == 0)
  }

  @Test("what was measured before predicts cold starts and refusals of a schedule that leaves no doubt")
  func prediction() throws {
    let plan = try plan([0, 150, 151, 700, 850, 1400, 1401, 1402], limit: 2)
    let host = try LiveHost(plan)
    let timings = try host.measure(.init(cold: 4, warm: 8))
    #expect(timings.count == 1 && timings[0].records.count == 12)
    let measured = ServiceFigures(host.serve())
    let predicted = try plan.predicted(from: timings, replication: 0)
    #expect(predicted.coldStarts == measured.coldStarts && measured.coldStarts == 5)
    #expect(predicted.throttles == measured.throttles && measured.throttles == 1)
    #expect(predicted.tenths.count == 10)
    // The profile is of the same machine and moment, but others may build here meanwhile.
    #expect(predicted.latency50 > measured.latency50 / 4 && predicted.latency50 < measured.latency50 * 4)
  }

  @Test("a plan takes arrivals of a workload, faster if asked, and refuses rules that it would not follow")
  func plans() throws {
    let workload = try Workload.synthetic(
      SyntheticWorkload(
        horizon: .seconds(10),
        functions: [SyntheticFunction(name: "f", arrivals: .poisson(rate: 2), duration: .constant(0.1))]),
      title: "test")
    let subject = try Self.subject.get()
    let plain = try ServicePlan(workload, platform: Platform()) { _ in subject }
    let fast = try ServicePlan(workload, platform: Platform(), speed: 10) { _ in subject }
    #expect(plain.horizon == .seconds(10) && fast.horizon == .seconds(1))
    #expect(fast.requests.count == plain.requests.count && plain.requests.count > 5)
    #expect(plain.functions[0].name == "f")
    #expect(fast.platform.keepAlive.sole.mean == plain.platform.keepAlive.sole.mean / 10)
    var rule = FunctionRule(pattern: "f")
    rule.provisionedConcurrency = 2
    #expect(throws: (any Error).self) {
      try ServicePlan(workload, platform: Platform(rules: [rule])) { _ in subject }
    }
  }
}
