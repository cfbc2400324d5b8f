public import Units

extension MemoryScaling {
  /// The law of durations of which a share, as measured at a size, is no processor time: in units of the duration there.
  public init(fixedShare: Double, parallelism: Double = 1, measuredAt memory: MemorySize) {
    let share = min(Double(memory.megabytes) / Self.megabytesPerProcessor, parallelism)
    self.init(fixed: fixedShare, work: (1 - fixedShare) * share, parallelism: parallelism)
  }
}

extension FunctionRule {
  /// What durations as measured are multiplied with to be those at `memory`.
  ///
  /// They were measured at the memory that the rule names, else at that of the record where a model of the function's
  /// memory is known (a profile has one).
  func durationFactor(at memory: MemorySize, recordedAt recorded: MemorySize?, _ assumptions: inout [String]) -> Double
  {
    let given = durationFactor ?? 1
    guard let measuredMemory = measuredMemory ?? (memoryScaling == nil ? nil : recorded), measuredMemory != memory
    else {
      return given
    }
    if memoryScaling != nil {
      assumptions.append(
        "durations: scaled from \(measuredMemory.megabytes) to \(memory.megabytes) MB by the memory model")
    } else {
      assumptions.append("durations by memory: all of it processor time of one thread (no memory-scaling given)")
    }
    let scaling = memoryScaling ?? MemoryScaling(fixedShare: 0, measuredAt: measuredMemory)
    return given * scaling.ratio(from: measuredMemory, to: memory)
  }
}
