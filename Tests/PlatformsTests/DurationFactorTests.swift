import Foundation
import TestSupport
import Testing
import Units

@testable import Platforms

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

  private static let firstInvocations = "aws/lambda_perf_first_invocation_ms_by_memory.csv"

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

  @Test("where memory is nearly full, collecting makes work slower; durations as measured stay as they are")
  func pressure() {
    let scaling = MemoryScaling(
      fixedShare: 0.25, pressure: MemoryPressure(live: 64, weight: 0.5), measuredAt: MemorySize(megabytes: 1024))
    // 64 of 128 MB are free, 960 of 1,024: work takes 1.5 and 1.0333 times as long.
    let slower = 1.5 / (1 + 0.5 * 64 / 960)
    #expect(isNear(factor(memory: 128) { $0.memoryScaling = scaling }.0, 0.25 + 0.75 * 8 * slower))
    #expect(isNear(factor(memory: 1024) { $0.memoryScaling = scaling }.0, 1))
  }

  @Test("on the other architecture work takes longer or shorter, waiting doesn't")
  func architectures() {
    func factor(_ measured: Architecture?, _ now: Architecture, _ scaling: MemoryScaling? = nil) -> Double {
      self.factor(memory: 1024) {
        $0.architecture = now
        $0.measuredArchitecture = measured
        $0.memoryScaling = scaling
      }.0
    }
    let waits = MemoryScaling(fixedShare: 0.4, measuredAt: MemorySize(megabytes: 1024))
    #expect(factor(.x86, .arm) == 0.95 && isNear(factor(.arm, .x86), 1 / 0.95))
    #expect(factor(nil, .arm) == 1 && factor(.arm, .arm) == 1)
    #expect(isNear(factor(.x86, .arm, waits), 0.4 + 0.6 * 0.95))
    #expect(
      isNear(
        self.factor(memory: 512) {
          $0.architecture = .arm
          $0.measuredArchitecture = .x86
        }.0, 2 * 0.95))
  }

  @Test(
    "the factor is the geometric mean over pairs of runtimes, packages and sizes measured",
    .enabled(if: RealData.has(Self.firstInvocations), "needs \(Self.firstInvocations) where FAASCAST_DATA names"))
  func measuredArchitectures() throws {
    var times: [String: [Substring: Double]] = [:]
    for line in try String(contentsOfFile: RealData.path(Self.firstInvocations), encoding: .utf8).split(separator: "\n")
      .dropFirst()
    {
      let fields = line.split(separator: ",")
      guard fields.count > 5, let median = Double(fields[5]) else { continue }
      times["\(fields[0]),\(fields[2]),\(fields[3])", default: [:]][fields[1]] = median
    }
    let ratios = times.values.compactMap { pair -> Double? in
      guard let x86 = pair["x86_64"], let arm = pair["arm64"], x86 > 20 else { return nil }
      return arm / x86
    }
    #expect(ratios.count == 69)
    let mean = exp(ratios.reduce(0) { $0 + log($1) } / Double(ratios.count))
    #expect((mean - Architecture.arm.workTime).magnitude < 0.005)
  }

  @Test("without the measured size nothing changes")
  func unmeasured() {
    #expect(factor(memory: 128) { $0.measuredMemory = nil }.0 == 1)
  }
}
