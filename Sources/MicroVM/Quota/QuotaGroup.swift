import Glibc
import Synchronization
public import Units

/// A control group that holds its threads to a processor quota; removed, with its threads back where they came from,
/// when its owner lets it go.
public struct QuotaGroup: ~Copyable {
  public let quota: ProcessorQuota
  private let groups: ControlGroups
  private let directory: String
  private let takesThreads: Bool

  /// Whether it holds single threads of the process, each where `add` puts it; all of them are in it otherwise.
  public var holdsSingleThreads: Bool { takesThreads }

  private static let created = Atomic<Int>(0)

  /// Makes a group and sets its quota. On cgroup v2 a threaded group is tried first; where the kernel or the hierarchy
  /// refuses it, the group takes the whole process.
  public static func make(_ quota: ProcessorQuota, in groups: ControlGroups) throws(QuotaFault) -> QuotaGroup {
    removeLeftovers(in: groups)
    let number = created.wrappingAdd(1, ordering: .relaxed).oldValue
    let directory = "\(groups.base)/\(prefix)\(getpid())-\(number)"
    guard mkdir(directory, 0o755) == 0 else { throw .refused(path: directory, code: errno) }
    do throws(QuotaFault) {
      let takesThreads = try prepare(directory, in: groups)
      try set(quota, directory, groups.version)
      return QuotaGroup(quota: quota, groups: groups, directory: directory, takesThreads: takesThreads)
    } catch {
      empty(directory, into: groups)
      rmdir(directory)
      throw error
    }
  }

  private init(quota: ProcessorQuota, groups: ControlGroups, directory: String, takesThreads: Bool) {
    self.quota = quota
    self.groups = groups
    self.directory = directory
    self.takesThreads = takesThreads
    LiveGroup.enter(directory, base: groups.base)
  }

  deinit {
    LiveGroup.leave(directory)
    Self.empty(directory, into: groups)
    rmdir(directory)
  }

  // MARK: making

  private static let prefix = "faascast-"

  /// Gives whether the group takes single threads.
  private static func prepare(_ directory: String, in groups: ControlGroups) throws(QuotaFault) -> Bool {
    guard groups.version == .two else { return true }
    let enable = groups.base + "/cgroup.subtree_control"
    do throws(QuotaFault) {
      try ControlFile.write("threaded", to: directory + "/cgroup.type")
      try ControlFile.write("+cpu", to: enable)
      return true
    } catch {
      // A group with processes of its own may not share out controllers among groups that are not threaded (cgroup-v2,
      // "no internal process constraint"): this process moves into the new group first, which is then one machine's.
      rmdir(directory)
      guard mkdir(directory, 0o755) == 0 else { throw .refused(path: directory, code: errno) }
      try ControlFile.write(String(getpid()), to: directory + "/cgroup.procs")
      do throws(QuotaFault) {
        try ControlFile.write("+cpu", to: enable)
      } catch {
        empty(directory, into: groups)
        throw error
      }
      return false
    }
  }

  private static func set(
    _ quota: ProcessorQuota, _ directory: String, _ version: ControlGroups.Version
  ) throws(QuotaFault) {
    let (limit, period) = (quota.quota.nanoseconds / 1000, quota.period.nanoseconds / 1000)
    switch version {
    case .one:
      try ControlFile.write(String(period), to: directory + "/cpu.cfs_period_us")
      try ControlFile.write(String(limit), to: directory + "/cpu.cfs_quota_us")
    case .two:
      try ControlFile.write("\(limit) \(period)", to: directory + "/cpu.max")
    }
  }

  // MARK: threads

  /// Holds a thread of this process to the quota from now on.
  public func add(thread: Int32) throws(QuotaFault) {
    guard takesThreads else { return }
    try ControlFile.write(String(thread), to: directory + Self.threads(groups.version))
  }

  /// Lets a thread run free again.
  public func release(thread: Int32) throws(QuotaFault) {
    guard takesThreads else { return }
    try ControlFile.write(String(thread), to: groups.base + Self.threads(groups.version))
  }

  private static func threads(_ version: ControlGroups.Version) -> String {
    version == .one ? "/tasks" : "/cgroup.threads"
  }

  private static func empty(_ directory: String, into groups: ControlGroups) {
    for line in ((try? ControlFile.read(directory + threads(groups.version))) ?? "").split(separator: "\n") {
      try? ControlFile.write(String(line), to: groups.base + threads(groups.version))
    }
    guard groups.version == .two else { return }
    // What remains is a process that the group took whole. Its old group takes it back only without controllers.
    let whole = ((try? ControlFile.read(directory + "/cgroup.procs")) ?? "").split(separator: "\n")
    guard !whole.isEmpty else { return }
    try? ControlFile.write("-cpu", to: groups.base + "/cgroup.subtree_control")
    for line in whole { try? ControlFile.write(String(line), to: groups.base + "/cgroup.procs") }
  }

  /// Removes groups of processes that were killed before they could.
  private static func removeLeftovers(in groups: ControlGroups) {
    guard let listing = opendir(groups.base) else { return }
    defer { closedir(listing) }
    while let entry = readdir(listing) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      guard name.hasPrefix(prefix), let owner = Int32(name.dropFirst(prefix.count).prefix { $0 != "-" }) else {
        continue
      }
      if kill(owner, 0) != 0, errno == ESRCH { rmdir(groups.base + "/" + name) }
    }
  }

  // MARK: effect

  /// What the kernel counted so far.
  public struct Account: Equatable, Sendable {
    /// Periods in which a thread wanted to run.
    public var periods: Int64
    /// Of these, those in which the quota ran out.
    public var throttledPeriods: Int64
    /// That threads stood still because of it.
    public var throttledTime: TimeSpan
  }

  public func account() throws(QuotaFault) -> Account {
    let path = directory + "/cpu.stat"
    let text = try ControlFile.read(path)
    let time =
      groups.version == .one
      ? ControlFile.number("throttled_time", in: text)
      : ControlFile.number("throttled_usec", in: text).map { $0 * 1000 }
    guard let periods = ControlFile.number("nr_periods", in: text),
      let throttled = ControlFile.number("nr_throttled", in: text), let time
    else { throw .noController(reason: "\(path) does not count periods") }
    return Account(periods: periods, throttledPeriods: throttled, throttledTime: TimeSpan(nanoseconds: time))
  }

  /// Keeps the calling thread busy inside the group until the quota has stopped it.
  ///
  /// Nothing stops a thread that others keep off the processor. So the quota is judged only where the thread got more than
  /// its due: more processor time in a stretch of periods than these and one more have of quota.
  ///
  /// - Throws: `QuotaFault.withoutEffect` when it did and was not stopped; the quota is then none. `QuotaFault.unverified` when
  ///   the host left the thread less than the quota for ten seconds.
  public func verify() throws(QuotaFault) {
    guard quota.limitsOneProcessor else { return }
    // Long enough that a whole processor is more than the quota of one period beyond the stretch.
    let spare = (quota.period - quota.quota).nanoseconds
    let periods = max(20, min(400, 2 * quota.quota.nanoseconds / max(1, spare)))
    let due = (periods + 1) * quota.quota.nanoseconds
    let thread = Kernel.threadIdentifier()
    try add(thread: thread)
    let before = try account()
    let patience = TimeSpan(nanoseconds: max(10_000_000_000, periods * quota.period.nanoseconds))
    let limit = Kernel.now() + patience.nanoseconds
    var throttled = false
    var exceeded = false
    while !throttled, !exceeded, Kernel.now() < limit {
      let end = Kernel.now() + periods * quota.period.nanoseconds
      let used = Kernel.now(CLOCK_THREAD_CPUTIME_ID)
      while !throttled, Kernel.now() < end {
        // Far shorter than any quota, so that the reading below is what costs.
        let pause = Kernel.now() + 200_000
        while Kernel.now() < pause {}
        throttled = try account().throttledPeriods > before.throttledPeriods
      }
      exceeded = Kernel.now(CLOCK_THREAD_CPUTIME_ID) - used > due
    }
    try release(thread: thread)
    guard !throttled else { return }
    throw exceeded
      ? .withoutEffect(quota: quota, periods: Int(periods)) : .unverified(quota: quota, patience: patience)
  }
}
