import MicroVM
import Units

/// Runs a plan on this host's /dev/kvm, on the calling thread: the one that a quota is put on.
public struct MachineBench {
  private let plan: MeasurePlan
  private var profile: MeasuredProfile
  private var schedule = Schedule()
  private let onProgress: (Double) -> Void
  private let shouldStop: () -> Bool

  /// Probes the host, which takes about a tenth of a second.
  ///
  /// - Parameters:
  ///   - onProgress: called after each sample with the share of the work that is done.
  ///   - shouldStop: asked before each sample.
  public init(
    _ plan: MeasurePlan, onProgress: @escaping (Double) -> Void = { _ in },
    shouldStop: @escaping () -> Bool = { false }
  ) throws(MeasuringFault) {
    self.plan = plan
    self.onProgress = onProgress
    self.shouldStop = shouldStop
    do throws(MachineFault) {
      let probe = try HostProbe.run()
      profile = MeasuredProfile(
        engine: .init(name: "microvm", accelerator: "kvm", flavour: probe.flavour), host: .read(), unitCosts: probe,
        seed: plan.seed)
    } catch {
      throw .machine(function: "this host", error)
    }
  }

  /// Measures everything, or what comes before a fault or a stop; the profile's ending says which.
  public mutating func run() -> MeasuredProfile {
    for _ in 0..<plan.functions.count * plan.memories.count {
      for (kind, count) in [
        (Schedule.Kind.hostCold, plan.hostCold), (.cold, plan.cold), (.warm, plan.warm),
        (.restore, plan.restore * plan.restorations.count),
      ] { schedule.expect(kind, count) }
    }
    schedule.expect(.alive, plan.alive)
    do throws(MeasuringFault) {
      for function in plan.functions where !shouldStop() { try measure(function) }
      if plan.alive > 0, !shouldStop(), let first = plan.functions.first { try crowd(first) }
      if shouldStop() { profile.ending = .interrupted }
    } catch {
      profile.ending = .failed(error)
    }
    return profile
  }

  private mutating func measure(_ function: Subject) throws(MeasuringFault) {
    profile.functions.append(
      MeasuredProfile.Function(
        name: function.name, kind: function.kind, path: function.path,
        requestBytes: function.request.count, conditions: []))
    for memory in plan.memories where !shouldStop() {
      var run = try FunctionRun(function, memory, plan)
      let place = (profile.functions.count - 1, profile.functions[profile.functions.count - 1].conditions.count)
      profile.functions[place.0].conditions.append(
        MeasuredProfile.Condition(
          memory: memory, quota: run.condition.quota, throttlesInit: plan.throttlesInit, series: []))
      try measure(&run, place)
    }
  }

  // MARK: series

  private mutating func measure(_ run: inout FunctionRun, _ place: (Int, Int)) throws(MeasuringFault) {
    // What only the first machine of a process pays (opening the device, reading the program) is nobody's.
    _ = try run.coldStart()
    try series(.hostCold, plan.hostCold, .cold, nil, place) { () throws(MeasuringFault) in try run.coldStart() }

    // From here on another machine is always alive.
    let companion = try run.ready()
    try series(.cold, plan.cold, .warm, nil, place) { () throws(MeasuringFault) in try run.coldStart() }
    if plan.warm > 0 {
      _ = try run.call(companion)
      try run.hold(companion)
      try series(.warm, plan.warm, .warm, nil, place) { () throws(MeasuringFault) in try run.warmCall(companion) }
      try run.release(companion)
    }
    if plan.restore > 0 { try restore(companion, &run, place) }
    withExtendedLifetime(companion) {}
  }

  /// Machines from a snapshot of one that has answered requests already, as a platform would keep it.
  private mutating func restore(
    _ companion: Machine, _ run: inout FunctionRun, _ place: (Int, Int)
  ) throws(MeasuringFault) {
    let (snapshot, sample) = try run.snapshot(of: companion)
    file(sample, "snapshot", .warm, nil, place)
    let set = plan.restorations.contains(.workingSet) ? try run.workingSet(of: snapshot) : nil
    for restoration in plan.restorations where !shouldStop() {
      switch restoration {
      case .lazy, .copy, .workingSet:
        let method: RestoreMethod =
          switch (restoration, set) {
          case (.workingSet, let set?): .workingSet(set)
          case (.copy, _): .copy
          default: .lazyPrivate
          }
        try series(.restore, plan.restore, .warm, restoration, place) { () throws(MeasuringFault) in
          try run.restored(from: snapshot, method)
        }
      case .inPlace:
        let machine = try run.machine(restoredFrom: snapshot, .lazyPrivate)
        try series(.restore, plan.restore, .warm, restoration, place) { () throws(MeasuringFault) in
          try run.reset(machine, to: snapshot)
        }
      }
    }
  }

  /// Takes up to `count` samples, as many as fit into the plan's longest time, and files them by phase.
  private mutating func series(
    _ kind: Schedule.Kind, _ count: Int, _ host: Series.Host, _ restored: Restoration?, _ place: (Int, Int),
    _ sample: () throws(MeasuringFault) -> FunctionRun.Reading
  ) throws(MeasuringFault) {
    schedule.begin(kind)
    defer { schedule.end() }
    let end = Clock.now + plan.longestSeries
    var start = Clock.now
    for _ in 0..<count where !shouldStop() && start < end {
      let reading = try sample()
      for (phase, sample) in reading { file(sample, phase, host, restored, place) }
      let now = Clock.now
      schedule.advance((now - start).seconds)
      start = now
      onProgress(schedule.share)
    }
  }

  private mutating func file(
    _ sample: Sample, _ phase: String, _ host: Series.Host, _ restored: Restoration?, _ place: (Int, Int)
  ) {
    let series = profile.functions[place.0].conditions[place.1].series
    if let index = series.firstIndex(where: { $0.phase == phase && $0.host == host && $0.restored == restored }) {
      profile.functions[place.0].conditions[place.1].series[index].samples.append(sample)
    } else {
      profile.functions[place.0].conditions[place.1].series.append(
        Series(phase: phase, host: host, restored: restored, samples: [sample]))
    }
  }

  // MARK: many at once

  /// Makes the plan's number of live machines of one function and sees what each holds.
  private mutating func crowd(_ function: Subject) throws(MeasuringFault) {
    schedule.begin(.alive)
    defer { schedule.end() }
    let memory = plan.memories.max() ?? MemorySize(megabytes: 128)
    let configuration = MachineConfiguration(memory: memory.megabytes << 20)
    var machines: [Machine] = []
    machines.reserveCapacity(plan.alive)
    let before = (process: MemoryInUse.process, host: MemoryInUse.host)
    let start = Clock.now
    var last = start
    while machines.count < plan.alive, !shouldStop() {
      do throws(MachineFault) {
        let made = try Machine.create(function.image, configuration)
        try made.boot()
        machines.append(made)
      } catch {
        throw .machine(function: "\(function.name), machine \(machines.count + 1)", error)
      }
      let now = Clock.now
      schedule.advance((now - last).seconds)
      last = now
      onProgress(schedule.share)
    }
    guard !machines.isEmpty else { return }
    profile.density = Density(
      function: function.name, alive: machines.count, seconds: (Clock.now - start).seconds,
      residentBytesEach: Double(MemoryInUse.process - before.process) / Double(machines.count),
      hostBytesEach: Double(MemoryInUse.host - before.host) / Double(machines.count))
  }
}
