import Foundation
import MicroVM
import Units

/// Work in a machine whose thread has a memory setting's share of a processor: its duration against the law of
/// `ProcessorQuota.meanDuration`. Work is the processor time that it took, which on a shared host differs a little from
/// call to call.
enum QuotaSweep {
  private static let period = TimeSpan.milliseconds(20)
  private static let arrivals = 5

  static func run(_ board: inout Scoreboard) throws {
    let machine = try Machine.create(
      GuestImage.load(Guest.freestanding("Guests/Probes/kernels.c")), MachineConfiguration(counters: .all))
    try machine.boot()
    _ = try call(machine, blocks: 1)
    // How many blocks of SHA-256 take a millisecond here, by several runs.
    let probe = 20_000
    let each = median(try (0..<20).map { _ in try call(machine, blocks: probe).work.milliseconds })
    let groups = try ControlGroups.find()
    for megabytes in [128, 256, 512, 1024, 1769] {
      let quota = try ProcessorQuota(memory: MemorySize(megabytes: megabytes), period: period)
      let group = try QuotaGroup.make(quota, in: groups)
      try group.verify()
      for work in [TimeSpan.milliseconds(50), .milliseconds(200)] {
        let blocks = Int(Double(probe) * work.milliseconds / each)
        try group.add(thread: machine.thread)
        let (delay, throttled) = (Noise.runDelay(), try group.account().throttledTime.nanoseconds)
        // Arrivals at phases spread evenly over the period, after a pause in which the quota becomes whole.
        let calls = try (0..<arrivals).map { index in
          usleep(UInt32(2 * 20_000 + index * 20_000 / arrivals))
          return try call(machine, blocks: blocks)
        }
        // What the thread waited for others, and not for its quota: it can only have made the work longer.
        let waited =
          Double(Noise.runDelay() - delay - (try group.account().throttledTime.nanoseconds - throttled)) / 1e6
        try group.release(thread: machine.thread)
        let mean = calls.reduce(0) { $0 + $1.wall.milliseconds } / Double(arrivals)
        let least = mean - max(0, waited) / Double(arrivals)
        let law = calls.reduce(0) { $0 + quota.meanDuration(ofWork: $1.work).milliseconds } / Double(arrivals)
        board.add(
          "\(Int(work.milliseconds)) ms of work, off the law by", about: "\(megabytes) MB, ",
          "\(mean.shown()) / \(law.shown()) ms, \(noisy(1 - least / mean))",
          figure: mean < law ? 1 - mean / law : max(0, least / law - 1))
      }
    }
  }

  /// How long hashing takes, and how much of a processor.
  private static func call(_ machine: Machine, blocks: Int) throws -> (wall: TimeSpan, work: TimeSpan) {
    let request = [UInt8(0)] + (0..<8).map { UInt8(truncatingIfNeeded: blocks >> (8 * $0)) }
    let sample = try machine.invoke(request).sample
    return (sample.wall, sample.processor ?? sample.wall)
  }
}
