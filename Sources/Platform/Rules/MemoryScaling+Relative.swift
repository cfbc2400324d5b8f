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
  func durationFactor(at memory: MemorySize, _ assumptions: inout [String]) -> Double {
    let given = durationFactor ?? 1
    guard let measuredMemory, measuredMemory != memory else { return given }
    if memoryScaling == nil {
      assumptions.append("durations by memory: all of it processor time of one thread (no memory-scaling given)")
    }
    let scaling = memoryScaling ?? MemoryScaling(fixedShare: 0, measuredAt: measuredMemory)
    return given * scaling.ratio(from: measuredMemory, to: memory)
  }
}
