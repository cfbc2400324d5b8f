import Foundation
import Platforms
import Units

/// The moments at which a function's scheduled actions take effect, in order.
struct ProvisioningSchedule {
  struct Change {
    var time: Int64
    var minimum: Int
    var maximum: Int
  }

  private let changes: [Change]

  /// - Parameters:
  ///   - epoch: the wall-clock moment of instant zero in seconds since 1970; cron takes zero for midnight without.
  ///   - horizon: no moment beyond matters, ns.
  init(_ actions: [ScheduledAction], level: Int, epoch: Double?, horizon: Int64) {
    var changes: [Change] = []
    for action in actions {
      for time in Self.moments(action.moments, epoch: epoch ?? 0, horizon: horizon) {
        changes.append(Change(time: time, minimum: action.minimum, maximum: action.maximum))
      }
    }
    // Actions of one moment take effect in the order written: the sort is stable.
    self.changes = changes.sorted { $0.time < $1.time }
  }

  func moment(_ index: Int) -> Int64? { change(index)?.time }
  func change(_ index: Int) -> Change? { changes.indices.contains(index) ? changes[index] : nil }

  private static func moments(_ moments: ScheduledAction.Moments, epoch: Double, horizon: Int64) -> [Int64] {
    switch moments {
    case .at(let time): return [time.nanoseconds]
    case .repeating(.every(let period), _):
      return Array(stride(from: 0, through: horizon, by: Int(max(1, period.nanoseconds))))
    case .repeating(.cron(let cron), let name):
      let zone = name.flatMap(TimeZone.init(identifier:)) ?? .gmt
      // Cron walks through the zone's local time as if it were UTC; each moment then moves by the offset in force there.
      func offset(at second: Int64) -> Int64 {
        Int64(zone.secondsFromGMT(for: Date(timeIntervalSince1970: Double(second))))
      }
      let start = Int64(epoch.rounded(.down))
      let localStart = start + offset(at: start)
      let day: Int64 = 86_400
      var cursor = CronCursor(cron, start: localStart - day, horizon: Double(horizon) + 2 * Double(day) * 1e9)
      var found: [Int64] = []
      while true {
        let next = cursor.next()
        guard next.isFinite else { return found }
        let local = localStart - day + Int64(next / 1e9)
        let second = local - offset(at: local - offset(at: local))
        let time = (second - start) * 1_000_000_000
        if time > horizon { return found }
        if time >= 0 { found.append(time) }
      }
    }
  }
}
