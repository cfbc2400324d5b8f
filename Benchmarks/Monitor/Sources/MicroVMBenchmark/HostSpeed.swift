import CMonitor
import MicroVM

/// What a machine, a restore and an exit cost on this host at this moment, in microseconds, beside what they cost on the
/// study's, whose times the thresholds in us and ms are.
///
/// These costs are the kernel's, and are taken as a monitor in C sees them, so that nothing of this monitor is in them. Hosts
/// that share their processors with others change from one moment to the next: they are measured in turn with every figure.
struct HostSpeed {
  /// From nothing to the first result of a freestanding guest.
  var create: Double
  /// From a snapshot to its first result.
  var restore: Double
  /// A warm call, which is one exit.
  var exit: Double

  private static let study = HostSpeed(create: 379, restore: 382, exit: 28.3)
  /// A page that a guest touches first. It is as much dearer here as an exit is: both are the kernel's work, and what a page
  /// costs can't be told in microseconds without many of them.
  private static let studyPage = 4.8

  /// How a machine comes into being.
  enum Start {
    case create
    case restore
    /// It is there.
    case none
  }

  private static let isOpen: Result<Void, any Error> = Result {
    let path = try Guest.freestanding("Guests/Probes/probe.c")
    guard c_monitor_open(path, UInt64(Race.memory)) == 0, c_monitor_snapshot() == 0 else {
      throw MachineFault.unsuitableHost(reason: "the monitor in C fails")
    }
  }

  static func openRival() throws { try isOpen.get() }

  /// A time in microseconds, and what this host was like at that moment.
  typealias Moment = (time: Double, host: HostSpeed)

  /// As it is now, taken once.
  static func now() throws -> HostSpeed {
    try openRival()
    var calls = [Int64](repeating: 0, count: 10)
    let create = c_monitor_first_result(&calls, Int32(calls.count))
    let restore = c_monitor_restore()
    guard create >= 0, restore >= 0 else { throw MachineFault.unsuitableHost(reason: "the monitor in C fails") }
    return HostSpeed(
      create: Double(create) / 1000, restore: Double(restore) / 1000, exit: median(calls.map { Double($0) / 1000 }))
  }

  /// What `take` gives, undisturbed, each time with the host's speed just before.
  static func alternating(
    _ rounds: Int, _ take: () throws -> Double
  ) throws -> (moments: [Moment], noisy: Double) {
    let (moments, noisy) = try Noise.samples(rounds) { () throws -> Moment in
      let host = try HostSpeed.now()
      return (try take(), host)
    }
    return (moments, noisy)
  }

  /// By how much the host lengthens the median time: each time is held against what the host was like at its moment, so
  /// that it does not matter how often it was slow.
  static func excess(of moments: [Moment], _ start: Start, exits: Double, pageFaults: Double) -> Double {
    median(moments.map(\.time))
      - median(moments.map { $0.time - $0.host.excess(start, exits: exits, pageFaults: pageFaults) })
  }

  /// How many microseconds longer than on the study's host this takes here because of the host: counts × unit costs.
  private func excess(_ start: Start, exits: Double, pageFaults: Double) -> Double {
    let (making, ownExits) =
      switch start {
      case .create: (create - Self.study.create, 3.0)
      case .restore: (restore - Self.study.restore, 1.0)
      case .none: (0.0, 0.0)
      }
    return making + max(0, exits - ownExits) * (exit - Self.study.exit) + pageFaults * Self.studyPage
      * (exit / Self.study.exit - 1)
  }
}
