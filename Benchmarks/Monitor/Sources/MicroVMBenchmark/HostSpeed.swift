import CMonitor
import MicroVM
import Units

/// What a machine, an exit and a page cost on this host at this moment, in microseconds, beside what they cost on the
/// study's, whose times the thresholds in us and ms are.
///
/// These costs are the kernel's. Machines and exits are taken as a monitor in C sees them, so that nothing of this monitor
/// is in them. Hosts that share their processors with others change within minutes: it is measured beside every figure.
struct HostSpeed {
  /// From nothing to the first result of a freestanding guest.
  var create: Double
  /// From a snapshot to its first result.
  var restore: Double
  /// A warm call, which is one exit.
  var exit: Double
  /// The guest's first touch of a page.
  var page: Double

  private static let study = HostSpeed(create: 379, restore: 382, exit: 28.3, page: 4.8)

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

  static func measure() throws -> HostSpeed {
    try openRival()
    var calls = [Int64](repeating: 0, count: 20)
    let samples = try Noise.samples(20) {
      let create = c_monitor_first_result(&calls, Int32(calls.count))
      let restore = c_monitor_restore()
      guard create >= 0, restore >= 0 else { throw MachineFault.unsuitableHost(reason: "the monitor in C fails") }
      return (create: Double(create), restore: Double(restore), exit: median(calls.map(Double.init)))
    }.counted
    return HostSpeed(
      create: median(samples.map(\.create)) / 1000, restore: median(samples.map(\.restore)) / 1000,
      exit: median(samples.map(\.exit)) / 1000, page: Double(try HostProbe.run().pageFault.nanoseconds) / 1000)
  }

  /// How many microseconds longer than on the study's host this takes here because of the host: counts × unit costs.
  func excess(_ start: Start, exits: Double, pageFaults: Double) -> Double {
    let (making, ownExits) =
      switch start {
      case .create: (create - Self.study.create, 3.0)
      case .restore: (restore - Self.study.restore, 1.0)
      case .none: (0.0, 0.0)
      }
    return making + max(0, exits - ownExits) * (exit - Self.study.exit) + pageFaults * (page - Self.study.page)
  }
}
