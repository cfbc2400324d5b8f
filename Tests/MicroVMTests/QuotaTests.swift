import Diagnostics
import Foundation
import Glibc
import Testing
import Units

@testable import MicroVM

@Suite("Processor quotas", .serialized)
struct QuotaTests {
  private static let host = Result { try ControlGroups.find() }

  /// Whether groups can be made here: found out by making one.
  static let isPermitted: Bool = {
    guard let groups = try? host.get(),
      let quota = try? ProcessorQuota(memory: MemorySize(megabytes: 512), period: .milliseconds(20)),
      let group = try? QuotaGroup.make(quota, in: groups)
    else { return false }
    return (try? group.verify()) != nil
  }()

  private func quota(_ megabytes: Int, _ period: TimeSpan = .milliseconds(20)) throws -> ProcessorQuota {
    try ProcessorQuota(memory: MemorySize(megabytes: megabytes), period: period)
  }

  // MARK: values

  @Test("1,769 MB are one processor, and half of that half a one")
  func share() throws {
    #expect(try quota(1769).quota == .milliseconds(20))
    #expect(try quota(1769).limitsOneProcessor == false)
    #expect(try quota(128).quota == TimeSpan(nanoseconds: 1_447_000))
    #expect(abs(try quota(512).share - 0.2894) < 1e-4)
  }

  @Test("what the kernel would refuse is refused first, with a period that works")
  func refused() throws {
    #expect(throws: QuotaFault.period(.milliseconds(2000))) { try quota(128, .milliseconds(2000)) }
    let fault = #expect(throws: QuotaFault.self) { try quota(128, .milliseconds(10)) }
    guard case .tooSmall(_, _, let least)? = fault else { throw try #require(fault) }
    #expect(try quota(128, least).quota >= ProcessorQuota.least)
  }

  // Counted by hand: 50 ms at 5.788 ms in each 20 ms: the first quota at arrival, the second after 10 ms on average, the
  // ninth seven periods later, when 3.696 ms are left to do.
  @Test("long work waits for refills, short work for none")
  func law() throws {
    let quota = try quota(512)
    #expect(quota.meanDuration(ofWork: .milliseconds(5)) == .milliseconds(5))
    #expect(quota.meanDuration(ofWork: .milliseconds(50)) == TimeSpan(nanoseconds: 153_696_000))
    #expect(try self.quota(1769).meanDuration(ofWork: .milliseconds(200)) == .milliseconds(200))
  }

  // MARK: hierarchies, from the texts of other hosts

  private func host(mounts: String, groups: String, controllers: String? = nil) throws -> URL {
    let directory = FileManager.default.temporaryDirectory.appending(path: "quota-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    let text = mounts.replacing("MOUNT", with: directory.path)
    try Data(text.utf8).write(to: directory.appending(path: "mountinfo"))
    try Data(groups.utf8).write(to: directory.appending(path: "cgroup"))
    if let controllers { try Data(controllers.utf8).write(to: directory.appending(path: "cgroup.controllers")) }
    return directory
  }

  @Test("version 1 is found where cpu is mounted with cpuacct")
  func versionOne() throws {
    let place = try host(
      mounts: "31 25 0:27 / MOUNT rw,nosuid - cgroup cgroup rw,cpu,cpuacct\n", groups: "4:cpu,cpuacct:/\n0::/\n")
    defer { try? FileManager.default.removeItem(at: place) }
    #expect(try ControlGroups.find(proc: place.path) == ControlGroups(version: .one, base: place.path))
  }

  @Test("version 2 must have the cpu controller")
  func versionTwo() throws {
    let mounts = "31 25 0:27 / MOUNT rw,nosuid shared:9 - cgroup2 cgroup2 rw\n"
    let with = try host(mounts: mounts, groups: "0::/\n", controllers: "cpuset cpu io memory\n")
    let without = try host(mounts: mounts, groups: "0::/\n", controllers: "memory pids\n")
    defer { for place in [with, without] { try? FileManager.default.removeItem(at: place) } }
    #expect(try ControlGroups.find(proc: with.path) == ControlGroups(version: .two, base: with.path))
    let fault = #expect(throws: QuotaFault.self) { try ControlGroups.find(proc: without.path) }
    #expect(fault?.exitStatus == .unavailable)
  }

  @Test("without cgroups the fault says so")
  func none() throws {
    let place = try host(mounts: "22 1 0:21 / /proc rw - proc proc rw\n", groups: "")
    defer { try? FileManager.default.removeItem(at: place) }
    let fault = #expect(throws: QuotaFault.self) { try ControlGroups.find(proc: place.path) }
    #expect(fault?.description.contains("neither cgroup v1's cpu controller nor cgroup v2 is mounted") == true)
  }

  // MARK: real groups

  /// Wall time of so much CPU time of this thread, and how much of it others of this host are to blame for at most, ms.
  ///
  /// The kernel's run delay holds throttling and contention; the group counts throttling alone.
  private func duration(
    ofWork work: TimeSpan, in group: borrowing QuotaGroup
  ) throws -> (wall: Double, contention: Double) {
    let throttled = try group.account().throttledTime.nanoseconds
    let delay = try Self.runDelay()
    let start = Kernel.now()
    let end = Kernel.now(CLOCK_THREAD_CPUTIME_ID) + work.nanoseconds
    while Kernel.now(CLOCK_THREAD_CPUTIME_ID) < end {}
    let wall = Kernel.now() - start
    let contention = try Self.runDelay() - delay - (group.account().throttledTime.nanoseconds - throttled)
    return (Double(wall) / 1e6, Double(max(0, contention)) / 1e6)
  }

  private static func runDelay() throws -> Int64 {
    let text = try String(contentsOfFile: "/proc/thread-self/schedstat", encoding: .utf8)
    return try #require(Int64(text.split(separator: " ")[1]))
  }

  @Test(
    "50 and 200 ms of work take as long as the law says, within 8 %",
    .enabled(if: isPermitted, "needs cgroups with the cpu controller that this user may write"),
    arguments: [128, 256, 512, 1024, 1769])
  func sweep(megabytes: Int) throws {
    let quota = try quota(megabytes)
    let group = try QuotaGroup.make(quota, in: Self.host.get())
    let thread = Kernel.threadIdentifier()
    try group.add(thread: thread)
    defer { try? group.release(thread: thread) }
    for (work, times) in [(TimeSpan.milliseconds(50), 5), (.milliseconds(200), 1)] {
      // Arrivals at phases spread evenly over the period, after a pause in which the quota becomes whole.
      let durations = try (0..<times).map { index in
        usleep(UInt32(40_000 + index * 20_000 / times))
        return try duration(ofWork: work, in: group)
      }
      let mean = durations.reduce(0) { $0 + $1.wall } / Double(times)
      let contention = durations.reduce(0) { $0 + $1.contention } / Double(times)
      let law = quota.meanDuration(ofWork: work).milliseconds
      // Others can only make it longer, by no more than they kept the thread waiting; on a quiet host by nothing.
      let isWithin = mean >= 0.92 * law && mean - contention <= 1.08 * law
      #expect(isWithin, "\(megabytes) MB, \(work): \(durations) ms, by the law \(law) ms")
    }
  }

  @Test(
    "a busy thread is stopped by its quota, and runs free again when it is released",
    .enabled(if: isPermitted, "needs cgroups with the cpu controller that this user may write"))
  func effect() throws {
    let group = try QuotaGroup.make(try quota(256), in: Self.host.get())
    try group.verify()
    // The kernel counts the time of a stop when it is over: at the next period.
    usleep(3 * 20_000)
    let stopped = try group.account()
    #expect(stopped.throttledPeriods > 0 && stopped.throttledPeriods <= stopped.periods)
    #expect(stopped.throttledTime > .zero)
    let end = Kernel.now(CLOCK_THREAD_CPUTIME_ID) + 30_000_000
    while Kernel.now(CLOCK_THREAD_CPUTIME_ID) < end {}
    #expect(try group.account().throttledPeriods == stopped.throttledPeriods)
  }

  @Test(
    "a group leaves nothing behind and its threads where they were",
    .enabled(if: isPermitted, "needs cgroups with the cpu controller that this user may write"))
  func removal() throws {
    let groups = try Self.host.get()
    func mine() throws -> [String] {
      try FileManager.default.contentsOfDirectory(atPath: groups.base).filter { $0.hasPrefix("faascast-\(getpid())-") }
    }
    func use() throws {
      let group = try QuotaGroup.make(try quota(512), in: groups)
      try group.add(thread: Kernel.threadIdentifier())
      #expect(try mine().count == 1)
    }
    try use()
    #expect(try mine().isEmpty)
    // What a process leaves that was killed is removed by the next one. Process numbers end below 2^22.
    let orphan = "\(groups.base)/faascast-4194304-0"
    mkdir(orphan, 0o755)
    try use()
    #expect(access(orphan, F_OK) != 0)
  }
}
