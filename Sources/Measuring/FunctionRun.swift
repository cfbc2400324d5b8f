import Glibc
import MicroVM
import Units

/// One function under one condition: makes its machines and calls them, a sample at a time.
struct FunctionRun: ~Copyable {
  /// Samples of one machine's start or of one call, by phase.
  typealias Reading = [(phase: String, sample: Sample)]

  static let total = "start_to_first_result"
  static let restoreTotal = "restore_to_first_result"

  let function: Subject
  var condition: Condition
  private let configuration: MachineConfiguration
  private let throttlesInit: Bool

  init(_ function: Subject, _ memory: MemorySize, _ plan: MeasurePlan) throws(MeasuringFault) {
    self.function = function
    throttlesInit = plan.throttlesInit
    do throws(QuotaFault) {
      condition = try Condition(
        memory: memory, period: plan.quotaPeriod, seed: plan.seed, subject: function.name)
    } catch {
      throw .quota(error)
    }
    // A quota stretches everything; what takes half a minute at full speed is hopeless anyway.
    let stretch = min(100, max(1, 1 / (condition.quota?.share ?? 1)))
    configuration = MachineConfiguration(
      memory: memory.megabytes << 20, deadline: TimeSpan(nanoseconds: Int64(30e9 * stretch)), counters: .all)
  }

  // MARK: parts

  private func machine<T>(_ body: () throws(MachineFault) -> T) throws(MeasuringFault) -> T {
    do throws(MachineFault) { return try body() } catch { throw .machine(function: function.name, error) }
  }

  private func quota<T>(_ body: () throws(QuotaFault) -> T) throws(MeasuringFault) -> T {
    do throws(QuotaFault) { return try body() } catch { throw .quota(error) }
  }

  /// A machine that is ready for its first request; it and the thread are not under the quota.
  func ready() throws(MeasuringFault) -> Machine {
    try machine { () throws(MachineFault) in
      let made = try Machine.create(function.image, configuration)
      try made.boot()
      return made
    }
  }

  // MARK: samples

  /// From nothing to the first result, and the end of the machine.
  mutating func coldStart() throws(MeasuringFault) -> Reading {
    var made: Machine?
    var reading = try start(&made)
    // Apart from the sum: nobody waits for it.
    let end = try machine { () throws(MachineFault) in try Machine.destroy(&made) }
    reading.append((Phase.destroy.rawValue, Sample(end)))
    return reading
  }

  /// From nothing to the first result of a new machine, which is left to the caller alone.
  private mutating func start(_ place: inout Machine?) throws(MeasuringFault) -> Reading {
    let made = try machine { () throws(MachineFault) in try Machine.create(function.image, configuration) }
    place = made
    if throttlesInit { try quota { () throws(QuotaFault) in try condition.hold(made.thread) } }
    defer { try? condition.release(made.thread) }
    let before = try quota { () throws(QuotaFault) in try condition.throttled() }
    try machine { () throws(MachineFault) in try made.boot() }
    let after = try quota { () throws(QuotaFault) in try condition.throttled() }
    var reading = phases(made.samples, throttled: after - before)
    if !throttlesInit { try quota { () throws(QuotaFault) in try condition.hold(made.thread) } }
    if !throttlesInit { condition.awaitArrival() }
    reading.append(("first_invoke", try call(made)))
    reading.append((Self.total, Sample(sumOf: reading.map(\.sample))))
    try quota { () throws(QuotaFault) in try condition.release(made.thread) }
    return reading
  }

  /// Phases of a start; throttling can only have happened while the guest ran, and as long as the thread stood ready.
  private func phases(_ samples: [PhaseSample], throttled: TimeSpan) -> Reading {
    var left = throttled
    return samples.map { phase in
      let part = [.boot, .runtimeInit].contains(phase.phase) ? min(left, phase.runDelay ?? .zero) : .zero
      left = left - part
      return (phase.phase.rawValue, Sample(phase, throttled: part))
    }
  }

  /// A call of a machine that stands ready, whose thread may be under the quota.
  func call(_ made: Machine) throws(MeasuringFault) -> Sample {
    let before = try quota { () throws(QuotaFault) in try condition.throttled() }
    let phase = try machine { () throws(MachineFault) in try made.invoke(function.request).sample }
    let after = try quota { () throws(QuotaFault) in try condition.throttled() }
    return Sample(phase, throttled: after - before)
  }

  /// The next call at a random arrival.
  mutating func warmCall(_ made: Machine) throws(MeasuringFault) -> Reading {
    condition.awaitArrival()
    return [("warm_invoke", try call(made))]
  }

  func hold(_ made: Machine) throws(MeasuringFault) {
    try quota { () throws(QuotaFault) in try condition.hold(made.thread) }
  }

  func release(_ made: Machine) throws(MeasuringFault) {
    try quota { () throws(QuotaFault) in try condition.release(made.thread) }
  }

  // MARK: restoring

  func snapshot(of made: Machine) throws(MeasuringFault) -> (Snapshot, Sample) {
    try machine { () throws(MachineFault) in
      let snapshot = try made.snapshot()
      return (snapshot, made.samples.last.map { Sample($0) } ?? Sample(wall: .zero))
    }
  }

  func machine(restoredFrom snapshot: Snapshot, _ method: RestoreMethod) throws(MeasuringFault) -> Machine {
    try machine { () throws(MachineFault) in try Machine.restore(from: snapshot, method) }
  }

  /// What an invocation writes to.
  func workingSet(of snapshot: Snapshot) throws(MeasuringFault) -> WorkingSet {
    let made = try machine(restoredFrom: snapshot, .lazyPrivate)
    return try machine { () throws(MachineFault) in
      _ = try made.invoke(function.request)
      return try made.workingSet()
    }
  }

  /// From a snapshot to the first result, and the end of the machine.
  mutating func restored(from snapshot: Snapshot, _ method: RestoreMethod) throws(MeasuringFault) -> Reading {
    try firstCall(try machine(restoredFrom: snapshot, method))
  }

  /// From a machine that was used, over the state of the snapshot, to its first result.
  mutating func reset(_ made: Machine, to snapshot: Snapshot) throws(MeasuringFault) -> Reading {
    try machine { () throws(MachineFault) in try made.reset(to: snapshot) }
    return try firstCall(made)
  }

  private mutating func firstCall(_ made: Machine) throws(MeasuringFault) -> Reading {
    guard let last = made.samples.last else { return [] }
    let restore = Sample(last)
    try hold(made)
    defer { try? condition.release(made.thread) }
    condition.awaitArrival()
    let call = try call(made)
    return [
      ("restore", restore), ("first_invoke", call), (Self.restoreTotal, Sample(sumOf: [restore, call])),
    ]
  }
}
