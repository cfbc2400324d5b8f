import Diagnostics
import Foundation
import Statistics
import TestSupport
import Testing
import Units

@testable import Logs
@testable import Traces
@testable import Workloads

@Suite("Timers")
struct ArrivalTimerTests {
  @Test("every 5 minutes from zero, exactly, to the last before the horizon")
  func periods() throws {
    let block = try invocations(
      .timer(.every(.minutes(5)), offset: .fixed(.zero), jitter: nil), before: .hours(1))
    #expect(block.arrivals == (0..<12).map { $0 * 300_000_000_000 })
    let odd = try invocations(
      .timer(.every(TimeSpan(nanoseconds: 333_333_333)), offset: .fixed(.milliseconds(7)), jitter: nil),
      before: .seconds(3600))
    #expect(odd.arrivals == (0..<odd.count).map { 7_000_000 + Int64($0) * 333_333_333 })
  }

  @Test("a random offset is the same for all ticks and below the period; jitter makes ticks late, never reorders them")
  func offsets() throws {
    let block = try invocations(.timer(.every(.seconds(10)), offset: .random, jitter: nil), before: .hours(1))
    #expect(Set(zip(block.arrivals.dropFirst(), block.arrivals).map { $0 - $1 }) == [10_000_000_000])
    #expect((0..<10_000_000_000).contains(try #require(block.arrivals.first)))
    let late = try invocations(
      .timer(.every(.seconds(10)), offset: .fixed(.zero), jitter: .exponential(mean: 8)), before: .hours(10))
    #expect(late.count == 3600)
    for (tick, arrival) in late.arrivals.enumerated() {
      #expect((0..<10_000_000_000).contains(arrival - Int64(tick) * 10_000_000_000))
    }
  }

  /// Moments as `day hour:minute` from Monday 5 January 2026.
  private func moments(_ schedule: String, days: Int64, start: Int64? = nil) throws -> [String] {
    let times = try arrivalTimes(
      .timer(try Schedule(parsing: schedule), offset: .fixed(.zero), jitter: nil), before: .hours(24 * days),
      start: start)
    return times.map { time in
      let seconds = Int64(time) + (start ?? SyntheticWorkload.assumedStart)
      let (day, second) = CivilDate.split(secondsSince1970: seconds)
      let date = CivilDate(daysSince1970: day)
      let clock = String(format: "%02d:%02d", second / 3600, second / 60 % 60)
      return String(format: "%04d-%02d-%02d", date.year, date.month, date.day) + " " + clock
    }
  }

  @Test(
    "cron expressions fire when they should",
    arguments: [
      ("0 2 * * *", 2, ["2026-01-05 02:00", "2026-01-06 02:00"]),
      ("cron(0 2 * * ? *)", 2, ["2026-01-05 02:00", "2026-01-06 02:00"]),
      ("30 9 * * MON-FRI", 7, (5...9).map { "2026-01-0\($0) 09:30" }),
      ("cron(30 9 ? * 2-6 *)", 7, (5...9).map { "2026-01-0\($0) 09:30" }),
      ("15 8 * * 0", 14, ["2026-01-11 08:15", "2026-01-18 08:15"]),
      ("15 8 * * 7", 14, ["2026-01-11 08:15", "2026-01-18 08:15"]),
      ("cron(15 8 ? * 1 *)", 14, ["2026-01-11 08:15", "2026-01-18 08:15"]),
      ("0 0 * * FRI-MON", 7, ["2026-01-05 00:00", "2026-01-09 00:00", "2026-01-10 00:00", "2026-01-11 00:00"]),
      ("*/20 3 * * TUE", 7, ["2026-01-06 03:00", "2026-01-06 03:20", "2026-01-06 03:40"]),
      ("5/25 3 * * TUE", 7, ["2026-01-06 03:05", "2026-01-06 03:30", "2026-01-06 03:55"]),
      ("0 0 13 * FRI", 10, ["2026-01-09 00:00", "2026-01-13 00:00"]),  // either day
      ("0 0 13 * */2", 30, ["2026-01-13 00:00"]),  // a star on one side: both (13 January is a Tuesday: 2)
      ("cron(0 12 L * ? *)", 60, ["2026-01-31 12:00", "2026-02-28 12:00"]),
      (
        "cron(0 12 15W * ? *)", 180,
        [
          "2026-01-15 12:00", "2026-02-16 12:00", "2026-03-16 12:00", "2026-04-15 12:00", "2026-05-15 12:00",
          "2026-06-15 12:00",
        ]
      ),
      ("cron(0 12 1W 2,8 ? *)", 330, ["2026-02-02 12:00", "2026-08-03 12:00"]),  // never into the month before
      ("cron(0 12 31W 1,5 ? *)", 330, ["2026-01-30 12:00", "2026-05-29 12:00"]),
      ("cron(0 8 ? * 2#1 *)", 60, ["2026-01-05 08:00", "2026-02-02 08:00", "2026-03-02 08:00"]),
      ("cron(0 8 ? * 6L *)", 60, ["2026-01-30 08:00", "2026-02-27 08:00"]),
      ("cron(0 8 ? * THU#5 *)", 120, ["2026-01-29 08:00", "2026-04-30 08:00"]),
      ("cron(0 0 1 JAN ? 2027)", 800, ["2027-01-01 00:00"]),
      ("0 0 29 2 *", 1200, ["2028-02-29 00:00"]),
      ("0 0 30 2 *", 3650, []),
      ("59 23 31 12 *", 365, ["2026-12-31 23:59"]),
      ("0,30 0-1 5 1 *", 365, ["2026-01-05 00:00", "2026-01-05 00:30", "2026-01-05 01:00", "2026-01-05 01:30"]),
      ("rate(12 hours)", 1, ["2026-01-05 00:00", "2026-01-05 12:00"]),
      ("8h", 1, ["2026-01-05 00:00", "2026-01-05 08:00", "2026-01-05 16:00"]),
    ] as [(String, Int64, [String])])
  func cron(schedule: String, days: Int64, expected: [String]) throws {
    #expect(try moments(schedule, days: days) == expected)
  }

  @Test("instant zero inside a day: the first moment is the first after it")
  func startInside() throws {
    // Saturday 28 February 2026, 13:07:30.
    #expect(
      try moments("7,8 13 * * *", days: 2, start: 1_772_284_050) == [
        "2026-02-28 13:08", "2026-03-01 13:07", "2026-03-01 13:08", "2026-03-02 13:07",
      ])
    #expect(try moments("* * * * *", days: 1, start: 1_772_284_050).first == "2026-02-28 13:08")
  }

  @Test(
    "what is no schedule is a clear fault",
    arguments: [
      ("", "period"), ("at(2026-01-01T00:00:00)", "fires once"), ("rate(0 minutes)", "rate(5 minutes)"),
      ("rate(5 fortnights)", "rate(5 minutes)"), ("* * * *", "4 fields"), ("* * * * * *", "cron(* * * * * *)"),
      ("cron(0 2 * * *)", "six"), ("cron(0 2 * * * *)", "exactly one"), ("cron(0 2 ? * ? *)", "exactly one"),
      ("60 * * * *", "0-59"), ("* 24 * * *", "0-23"), ("* * 0 * *", "1-31"), ("* * * 13 *", "1-12"),
      ("* * * * 8", "0-7"), ("cron(0 0 ? * 0 *)", "1-7"), ("*/0 * * * *", "at least 1"), ("*/x * * * *", "at least 1"),
      ("1,,2 * * * *", "list"), ("1-2-3 * * * *", "range"), ("1/2/3 * * * *", "step"), ("-5 * * * *", "0-59"),
      ("* 22-6 * * *", "22-23,0-6"), ("0 0 L * *", "AWS"), ("0 0 * * 5L", "AWS"), ("0 0 ? * MON", "AWS"),
      ("0 0 * * 2#1", "AWS"), ("cron(0 0 LW * ? *)", "LW"), ("cron(0 0 L-3 * ? *)", "L-n"),
      ("cron(0 0 32W * ? *)", "1-31"), ("cron(0 0 ? * 2#6 *)", "1 to 5"), ("cron(0 0 ? * 8L *)", "1-7"),
      ("cron(0 0 1 1 ? 1969)", "1970"), ("99999999999999999999 * * * *", "0-59"), ("@daily", "period"),
      ("\u{0}* * * * *", "0-59"),
    ])
  func refused(text: String, mention: String) {
    do throws(InputFault) {
      let schedule = try Schedule(parsing: text)
      Issue.record("\(text) was taken for \(schedule)")
    } catch {
      #expect(error.description.contains(mention), "\(error)")
      #expect(error.kind == .content)
    }
  }

  @Test("damaged schedules are read or refused, never a crash")
  func damaged() {
    let seeds = [
      "*/15 8-18 * * MON-FRI", "cron(0 12 15W * ? *)", "cron(0 8 ? * 6L 2026-2030)", "rate(5 minutes)", "1h30m",
      "cron(0 8 ? * THU#5 *)",
    ].map { Array($0.utf8) }
    let alphabet = Array("0123456789*/-,?LW# ()ratecron\u{0}~MONé".utf8)
    var stream = RandomStream(seed: 4, purpose: .arrivals)
    var taken = 0
    for _ in 0..<5000 {
      var text = seeds[stream.index(below: seeds.count)]
      for _ in 0...stream.index(below: 3) {
        let place = stream.index(below: text.count)
        switch stream.index(below: 3) {
        case 0: text[place] = alphabet[stream.index(below: alphabet.count)]
        case 1: text.insert(alphabet[stream.index(below: alphabet.count)], at: place)
        default: if text.count > 1 { text.remove(at: place) }
        }
      }
      guard let schedule = try? Schedule(parsing: String(decoding: text, as: UTF8.self)) else { continue }
      taken += 1
      if case .cron(let cron) = schedule {
        var cursor = CronCursor(cron, start: SyntheticWorkload.assumedStart, horizon: 400 * 86_400e9)
        var last = -1.0
        for _ in 0..<5 {
          let moment = cursor.next()
          #expect(moment > last || moment == .infinity)
          last = moment
        }
      }
    }
    #expect(taken > 200)
    #expect(throws: InputFault.self) { try Schedule(parsing: "rate(999999999999 days)") }
  }

  @Test("days and dates agree over four centuries")
  func calendar() {
    for day in stride(from: -30_000, to: 120_000, by: 1) where CivilDate(daysSince1970: day).daysSince1970 != day {
      Issue.record("day \(day)")
    }
    #expect(CivilDate(daysSince1970: 0) == CivilDate(year: 1970, month: 1, day: 1))
    #expect(CivilDate(year: 2000, month: 2, day: 29).daysSince1970 == 11_016)
    #expect(CivilDate.weekday(daysSince1970: 0) == 3)
    #expect(CivilDate.weekday(daysSince1970: -1) == 2)
    #expect(CivilDate.split(secondsSince1970: -1) == (-1, 86_399))
    #expect(
      CivilDate.weekday(daysSince1970: CivilDate.split(secondsSince1970: SyntheticWorkload.assumedStart).day) == 0)
  }
}
