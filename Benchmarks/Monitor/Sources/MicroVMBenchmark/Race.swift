import CMonitor
import Glibc
import MicroVM
import Units

/// The same work by this monitor and by one in C, in pairs that alternate who goes first.
enum Race {
  private static let memory = 16 << 20
  private static let rounds = 400
  private static let callsEach = 20

  static func run() throws {
    let path = try Guest.freestanding("Guests/Probes/probe.c")
    guard c_monitor_open(path, UInt64(memory)) == 0 else { throw MachineFault.unsuitableHost(reason: "C fails") }
    let image = try GuestImage.load(path)
    let configuration = MachineConfiguration(memory: memory, stack: 64 << 10)
    // Another machine alive: the first on a host costs extra, once.
    let other = try Machine.create(image, configuration)
    try other.boot()
    guard c_monitor_snapshot() == 0 else { throw MachineFault.unsuitableHost(reason: "C fails") }
    let snapshot = try other.snapshot()

    var (ours, theirs): ([Double], [Double]) = ([], [])
    var (warm, theirWarm): ([Double], [Double]) = ([], [])
    var calls = [Int64](repeating: 0, count: callsEach)
    func we() throws {
      let begin = now()
      let machine = try Machine.create(image, configuration)
      try machine.boot()
      _ = try machine.invoke([UInt8(ascii: "c")])
      ours.append(Double(now() - begin) / 1000)
      for _ in 0..<callsEach {
        let begin = now()
        _ = try machine.invoke([UInt8(ascii: "c")])
        warm.append(Double(now() - begin) / 1000)
      }
    }
    func they() {
      theirs.append(Double(c_monitor_first_result(&calls, Int32(callsEach))) / 1000)
      theirWarm += calls.map { Double($0) / 1000 }
    }
    for round in 0..<rounds {
      if round % 2 == 0 {
        try we()
        they()
      } else {
        they()
        try we()
      }
    }
    report("create → first result", ours, theirs)
    report("warm call", warm, theirWarm)

    (ours, theirs) = ([], [])
    func weRestore() throws {
      let begin = now()
      let machine = try Machine.restore(from: snapshot)
      _ = try machine.invoke([UInt8(ascii: "c")])
      ours.append(Double(now() - begin) / 1000)
    }
    func theyRestore() { theirs.append(Double(c_monitor_restore()) / 1000) }
    for round in 0..<rounds {
      if round % 2 == 0 {
        try weRestore()
        theyRestore()
      } else {
        theyRestore()
        try weRestore()
      }
    }
    report("restore → first result", ours, theirs)

    let machine = try Machine.restore(from: snapshot)
    var resets: [Double] = []
    for _ in 0..<rounds {
      let begin = now()
      try machine.reset(to: snapshot)
      _ = try machine.invoke([UInt8(ascii: "c")])
      resets.append(Double(now() - begin) / 1000)
    }
    line("reset in place → first result", "\(median(resets).shown()) us", "82 us", holds: median(resets) <= 82)
  }

  private static func report(_ name: String, _ ours: [Double], _ theirs: [Double]) {
    let ratio = median(ours) / median(theirs)
    line(
      name + ", against C", "\(median(ours).shown()) / \(median(theirs).shown()) us, ratio \(ratio.shown(3))", "1.05",
      holds: ratio <= 1.05)
  }
}

func now() -> Int64 {
  var time = timespec()
  clock_gettime(CLOCK_MONOTONIC, &time)
  return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
}
