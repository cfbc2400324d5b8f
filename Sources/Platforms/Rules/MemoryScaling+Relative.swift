public import Units

extension MemoryScaling {
  /// The law of durations of which a share, as measured at a size, is no processor time: in units of the duration there.
  public init(
    fixedShare: Double, parallelism: Double = 1, pressure: MemoryPressure? = nil, measuredAt memory: MemorySize
  ) {
    let share = min(Double(memory.megabytes) / Self.megabytesPerProcessor, parallelism)
    let slowed = pressure?.factor(megabytes: Double(memory.megabytes)) ?? 1
    self.init(fixed: fixedShare, work: (1 - fixedShare) * share / slowed, parallelism: parallelism)
    self.pressure = pressure
  }
}

extension Architecture {
  /// How long work takes on the other architecture, as a share of the time on x86_64.
  ///
  /// AWS publishes none but "up to 19 % better performance" of arm64 (2021). The geometric mean over 69 pairs of runtime,
  /// package and memory size whose first invocation takes more than 20 ms on x86_64 is 0.95, from 0.3 to 4.7 with the
  /// runtime (github.com/maxday/lambda-perf, June to August 2026): an average, and no forecast for one function.
  var workTime: Double {
    switch self {
    case .x86: 1
    case .arm: 0.95
    }
  }
}

extension FunctionRule {
  /// What durations as measured are multiplied with to be those at `memory` on `architecture`.
  ///
  /// They were measured at the memory that the rule names, else at that of the record where a model of the function's
  /// memory is known (a profile has one).
  func durationFactor(
    at memory: MemorySize, on architecture: Architecture, recordedAt recorded: MemorySize?,
    _ assumptions: inout [String]
  ) -> Double {
    let given = durationFactor ?? 1
    let slowness = workFactor(on: architecture)
    if slowness != 1 {
      assumptions.append(
        "durations on \(architecture.rawValue): an average over runtimes (lambda-perf, June-August 2026), work takes "
          + "0.95 of the time on x86_64")
    }
    let known = measuredMemory ?? (memoryScaling == nil ? nil : recorded)
    guard let measuredMemory = known, measuredMemory != memory || slowness != 1 else { return given * slowness }
    guard measuredMemory != memory || memoryScaling != nil else { return given * slowness }
    if memoryScaling == nil {
      assumptions.append("durations by memory: all of it processor time of one thread (no memory-scaling given)")
    } else if measuredMemory != memory {
      assumptions.append(
        "durations: scaled from \(measuredMemory.megabytes) to \(memory.megabytes) MB by the memory model")
    }
    let before = memoryScaling ?? MemoryScaling(fixedShare: 0, measuredAt: measuredMemory)
    var after = before
    after.work *= slowness
    return given * after.duration(at: memory) / before.duration(at: measuredMemory)
  }

  /// How single durations change where the quota's periods are to show; nil where they aren't.
  func shortWork(at memory: MemorySize, on architecture: Architecture) -> ShortWork? {
    guard let quota = shortWorkQuota, let measuredMemory, let memoryScaling else { return nil }
    let (before, after) = (Double(measuredMemory.megabytes), Double(memory.megabytes))
    let pressure = memoryScaling.pressure
    return ShortWork(
      quota: quota, fixedShare: memoryScaling.fixed,
      measuredShare: min(1, before / MemoryScaling.megabytesPerProcessor),
      share: min(1, after / MemoryScaling.megabytesPerProcessor),
      workFactor: workFactor(on: architecture) * (pressure?.factor(megabytes: after) ?? 1)
        / (pressure?.factor(megabytes: before) ?? 1),
      factor: durationFactor ?? 1)
  }

  private func workFactor(on architecture: Architecture) -> Double {
    architecture.workTime / (measuredArchitecture ?? architecture).workTime
  }
}
