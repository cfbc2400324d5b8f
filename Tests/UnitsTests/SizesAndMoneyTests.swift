import Foundation
import Testing
import Units

@Suite("Memory sizes, money and grouped digits")
struct SizesAndMoneyTests {
  @Test(
    "memory is read in MB and GB, a GB being 1024 MB",
    arguments: [
      ("1024", 1024), ("128MB", 128), ("1769 MiB", 1769), ("2 GB", 2048), ("0.5GiB", 512), ("10_240", 10_240),
      ("2gb", 2048),
    ])
  func memory(_ text: String, _ megabytes: Int) { #expect(MemorySize(parsing: text)?.megabytes == megabytes) }

  @Test(
    "memory that is no whole number of MB is refused",
    arguments: [
      "", "MB", "1.5", "1.5MB", "0.3GB", "-128", "1024KB", "99999999999999999999", "1e", "12MB MB", "٣",
    ])
  func refused(_ text: String) { #expect(MemorySize(parsing: text) == nil) }

  @Test(
    "digits are grouped by three",
    arguments: [
      (0, "0"), (999, "999"), (1000, "1,000"), (-1000, "-1,000"), (3_037_902, "3,037,902"), (-999, "-999"),
      (Int.min, "-9,223,372,036,854,775,808"),
    ])
  func grouping(_ number: Int, _ text: String) { #expect(number.grouped == text) }

  @Test(
    "money has all its decimals",
    arguments: [
      ("12.3", 2, "12.30"), ("0.005", 2, "0.01"), ("0.0049", 2, "0.00"), ("1234567.891", 2, "1234567.89"),
      ("7", 0, "7"),
      ("0.0000166667", 10, "0.0000166667"), ("-1.5", 1, "-1.5"), ("1e20", 2, "100000000000000000000.00"),
      ("0", 2, "0.00"),
    ])
  func money(_ amount: String, _ places: Int, _ text: String) throws {
    #expect(Money(try #require(Decimal(string: amount))).rounded(places: places) == text)
  }
}
