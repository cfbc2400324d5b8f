import Foundation
import MicroVM
import Testing
import Units

@testable import Measuring

@Suite("Samples and series")
struct SeriesTests {
  private func sample(_ wall: Int64, delay: Int64 = 0, throttled: Int64 = 0) -> Sample {
    Sample(
      wall: TimeSpan(nanoseconds: wall), runDelay: TimeSpan(nanoseconds: delay),
      throttled: TimeSpan(nanoseconds: throttled))
  }

  @Test("waiting for others is noise, waiting for the own quota is not")
  func noise() {
    #expect(!sample(1000, delay: 50).isNoisy)
    #expect(sample(1000, delay: 51).isNoisy)
    #expect(!sample(1000, delay: 900, throttled: 880).isNoisy)
    #expect(sample(1000, delay: 900, throttled: 800).isNoisy)
  }

  @Test("noisy samples are counted, and left out while enough others remain")
  func statistics() {
    let clean = (1...10).map { sample(Int64($0) * 100) }
    let noisy = (0..<20).map { _ in sample(100_000, delay: 90_000) }
    let series = Series(phase: "warm_invoke", host: .warm, samples: clean + noisy)
    #expect(series.noisyCount == 20)
    #expect(series.leavesNoiseOut)
    #expect(series.wall.quantile(0.5)?.value == 500)
    let hopeless = Series(phase: "warm_invoke", host: .warm, samples: Array(clean.prefix(3)) + noisy)
    #expect(!hopeless.leavesNoiseOut)
    #expect(hopeless.wall.quantile(0.5)?.value == 100_000)
  }

  @Test("the sum of phases is the sum of each reading")
  func sum() {
    var second = sample(20, delay: 2)
    second.exits = 3
    second.pageFaults = 4
    second.guestPageFaults = 5
    second.emulatedInstructions = 6
    let total = Sample(sumOf: [sample(10, delay: 1), second])
    #expect(total.wall.nanoseconds == 30)
    #expect(total.runDelay.nanoseconds == 3)
    #expect(total.exits == 3)
    #expect(total.pageFaults == 4)
    #expect(total.guestPageFaults == 5)
    #expect(total.emulatedInstructions == 6)
  }

  @Test("the share of the work grows to one as series end")
  func schedule() {
    var schedule = Schedule()
    schedule.expect(.cold, 10)
    schedule.expect(.warm, 100)
    #expect(schedule.share == 0)
    schedule.begin(.cold)
    var last = 0.0
    for _ in 0..<10 {
      schedule.advance(0.02)
      #expect(schedule.share > last)
      last = schedule.share
    }
    schedule.end()
    schedule.begin(.warm)
    for _ in 0..<50 { schedule.advance(0.001) }
    #expect(schedule.share < 1)
    schedule.end()
    #expect(schedule.share == 1)
  }
}
