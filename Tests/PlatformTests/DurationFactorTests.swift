import Testing
import Units

@testable import Platform

@Suite("Memory changes durations measured at another size")
struct DurationFactorTests {
  private func factor(memory: Int, _ change: (inout FunctionRule) -> Void = { _ in }) -> (Double, [String]) {
    var rule = FunctionRule(pattern: "*")
    rule.memory = MemorySize(megabytes: memory)
    rule.measuredMemory = MemorySize(megabytes: 1024)
    change(&rule)
    let settings = Platform(rules: [rule]).settings(for: "f")
    return (settings.durationFactor, settings.assumptions.filter { $0.contains("memory-scaling") })
  }

  private func isNear(_ a: Double, _ b: Double) -> Bool { (a - b).magnitude < 1e-12 }

  @Test("processor time goes with memory up to one vCPU at 1,769 MB, and no further on one thread")
  func processorTime() {
    #expect(factor(memory: 512).0 == 2)
    #expect(factor(memory: 128).0 == 8)
    #expect(factor(memory: 1024).0 == 1)
    #expect(isNear(factor(memory: 1769).0, 1024.0 / 1769))
    #expect(factor(memory: 3008).0 == factor(memory: 1769).0)
    #expect(factor(memory: 512).1.count == 1 && factor(memory: 1024).1.isEmpty)
  }

  @Test("what does not scale stays, two threads use two vCPUs, and a factor of another processor multiplies")
  func parts() {
    // 40 % waits: 0.4 + 0.6 × 2.
    let waits = MemoryScaling(fixedShare: 0.4, measuredAt: MemorySize(megabytes: 1024))
    #expect(isNear(factor(memory: 512) { $0.memoryScaling = waits }.0, 1.6))
    #expect(factor(memory: 512) { $0.memoryScaling = waits }.1.isEmpty)
    let two = MemoryScaling(fixedShare: 0, parallelism: 2, measuredAt: MemorySize(megabytes: 1024))
    #expect(isNear(factor(memory: 3008) { $0.memoryScaling = two }.0, 1024.0 / 3008))
    #expect(factor(memory: 512) { $0.durationFactor = 0.85 }.0 == 1.7)
  }

  @Test("without the measured size nothing changes")
  func unmeasured() {
    #expect(factor(memory: 128) { $0.measuredMemory = nil }.0 == 1)
  }
}
