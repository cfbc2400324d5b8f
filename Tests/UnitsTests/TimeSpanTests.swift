import Testing
import Units

@Suite("Times with units")
struct TimeSpanTests {
  @Test(
    "people's spellings are read",
    arguments: [
      ("600s", 600_000_000_000), ("1.5 s", 1_500_000_000), ("200ms", 200_000_000), ("1h30m", 5_400_000_000_000),
      ("2d", 172_800_000_000_000), ("-5m", -300_000_000_000), ("7us", 7000), ("7µs", 7000), ("7μs", 7000), ("3ns", 3),
      ("1_000ms", 1_000_000_000), ("0.5ns", 1), ("0s", 0), ("1e3ms", 1_000_000_000),
      ("106751d", 9_223_286_400_000_000_000),
    ])
  func parsing(_ text: String, _ nanoseconds: Int64) {
    #expect(TimeSpan(parsing: text)?.nanoseconds == nanoseconds)
  }

  @Test(
    "a bare number, a strange unit or too long a time is refused",
    arguments: [
      "", "600", "s", "-", "5 parsecs", "1h30", "--5s", "1.2.3s", "NaNs", "106752d", "9e99s", "1S", "5s;", "é",
    ])
  func refused(_ text: String) { #expect(TimeSpan(parsing: text) == nil) }

  @Test("what is printed reads back the same")
  func roundTrip() {
    var lengths: [Int64] = [0, 1, 999, 1000, 1001, 999_999, 1_500_000_000, 60_000_000_000, 90_000_000_000, .max, -1]
    lengths += (0..<60).map { Int64(1) << $0 } + (0..<18).map { (0..<$0).reduce(Int64(1)) { power, _ in power * 10 } }
    for nanoseconds in lengths {
      let span = TimeSpan(nanoseconds: nanoseconds)
      #expect(TimeSpan(parsing: span.description) == span, "\(span)")
    }
  }

  @Test(
    "the print has one unit and no digit too many",
    arguments: [
      (600_000_000_000, "10m"), (1_500_000_000, "1.5s"), (200_000_000, "200ms"), (86_400_000_000_000, "1d"), (1, "1ns"),
      (-1_500, "-1.5us"), (3_600_000_000_001, "3600.000000001s"),
    ])
  func printing(_ nanoseconds: Int64, _ text: String) {
    #expect(TimeSpan(nanoseconds: nanoseconds).description == text)
  }

  @Test("seconds that no nanosecond count holds are nil")
  func seconds() {
    #expect(TimeSpan(seconds: 1.5)?.nanoseconds == 1_500_000_000)
    #expect(TimeSpan(seconds: .nan) == nil)
    #expect(TimeSpan(seconds: .infinity) == nil)
    #expect(TimeSpan(seconds: 1e10) == nil)
    #expect(TimeSpan(seconds: -9e9)?.nanoseconds == -9_000_000_000_000_000_000)
  }
}
