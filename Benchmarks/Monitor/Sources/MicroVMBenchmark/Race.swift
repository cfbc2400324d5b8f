import CMonitor
import Glibc
import MicroVM
import Units

/// The same work by this monitor and by one in C, in pairs that alternate who goes first.
enum Race {
  static let memory = 16 << 20
  private static let rounds = 400
  private static let callsEach = 20

  static func run(_ board: inout Scoreboard) throws {
    try HostSpeed.openRival()
    let image = try GuestImage.load(Guest.freestanding("Guests/Probes/probe.c"))
    let configuration = MachineConfiguration(memory: memory, stack: 64 << 10)
    // Another machine alive: the first on a host costs extra, once.
    let other = try Machine.create(image, configuration)
    try other.boot()
    let snapshot = try other.snapshot()

    // A machine from nothing to its first result, and then its warm calls, in microseconds.
    var calls = [Int64](repeating: 0, count: callsEach)
    let starts = try Noise.pairs(rounds) {
      let begin = now()
      let machine = try Machine.create(image, configuration)
      try machine.boot()
      _ = try machine.invoke([UInt8(ascii: "c")])
      var times = [Double(now() - begin) / 1000]
      for _ in 0..<callsEach {
        let begin = now()
        _ = try machine.invoke([UInt8(ascii: "c")])
        times.append(Double(now() - begin) / 1000)
      }
      return times
    } _: {
      let first = c_monitor_first_result(&calls, Int32(callsEach))
      return [Double(first) / 1000] + calls.map { Double($0) / 1000 }
    }
    func report(_ name: String, _ ours: [Double], _ theirs: [Double], _ share: Double) {
      board.add(
        name + ", against C", "\(median(ours).shown()) / \(median(theirs).shown()) us, \(noisy(share))",
        figure: median(ours) / median(theirs))
    }
    report("create → first result", starts.first.map { $0[0] }, starts.second.map { $0[0] }, starts.noisy)
    report(
      "warm call", starts.first.flatMap { $0.dropFirst() }, starts.second.flatMap { $0.dropFirst() }, starts.noisy)

    let restores = try Noise.pairs(rounds) {
      let begin = now()
      let machine = try Machine.restore(from: snapshot)
      _ = try machine.invoke([UInt8(ascii: "c")])
      return Double(now() - begin) / 1000
    } _: {
      Double(c_monitor_restore()) / 1000
    }
    report("restore → first result", restores.first, restores.second, restores.noisy)

    let counter = try Machine.restore(from: snapshot, counters: .all)
    try counter.reset(to: snapshot)
    let faults = Double(try counter.invoke([UInt8(ascii: "c")]).sample.guestPageFaults ?? 0)
    let machine = try Machine.restore(from: snapshot)
    // Many in a row: another machine between two of them would leave its own traces in the caches.
    let (resets, disturbed) = try HostSpeed.alternating(rounds / callsEach) {
      var times: [Double] = []
      for _ in 0..<callsEach {
        let begin = now()
        try machine.reset(to: snapshot)
        _ = try machine.invoke([UInt8(ascii: "c")])
        times.append(Double(now() - begin) / 1000)
      }
      return median(times)
    }
    board.add(
      "reset in place → first result, us", noisy(disturbed), figure: median(resets.map(\.time)), places: 1,
      excess: HostSpeed.excess(of: resets, .none, exits: 1, pageFaults: faults))
  }
}

func now() -> Int64 {
  var time = timespec()
  clock_gettime(CLOCK_MONOTONIC, &time)
  return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
}
