import Diagnostics
import Logs
import Reading
import Units
import Workloads

/// The memory of an Azure Functions 2019 trace: megabytes in use by application, or by function where a table tells.
struct Azure2019Memory {
  /// The mean over rows (days), weighted by their SampleCount.
  private struct Mean {
    var weight = 0.0
    var megabytes = 0.0

    mutating func add(_ value: Double, weight added: Double) {
      weight += added
      megabytes += (value - megabytes) * (added / weight)
    }
  }

  private var ofApplication: [Int: Mean] = [:]
  private var ofFunction: [Int: Mean] = [:]

  /// Reads a table's rows. `findApplication` gives the application that owner and application hashes name,
  /// `findFunction` the function that all three do.
  mutating func read(
    _ path: String, into ledger: inout ImportLedger, findApplication: (CSVReader, [Int]) -> Int?,
    findFunction: (CSVReader, [Int]) -> Int?
  ) throws(InputFault) {
    let reader = try CSVReader(path: path)
    let application = [try reader.requiredColumn("HashOwner"), try reader.requiredColumn("HashApp")]
    let function = reader.column("HashFunction")
    let megabytes = try reader.requiredColumn("AverageAllocatedMb")
    let samples = reader.column("SampleCount")
    let used = Set(application + [function, megabytes, samples].compactMap(\.self))
    ledger.remarkIgnored(reader.columns.indices.filter { !used.contains($0) }.map { reader.columns[$0] }, of: "memory")

    while try reader.next() {
      ledger.read += 1
      let owner = function.map { findFunction(reader, application + [$0]) } ?? findApplication(reader, application)
      guard let owner else {
        ledger.drop("memory of \(function == nil ? "an application" : "a function") without invocations")
        continue
      }
      if MinuteTable.isMissing(reader.field(megabytes)) {
        ledger.drop("memory empty or NaN")
        continue
      }
      // In billionths, up to a terabyte, which is far above what the trace's platform gave.
      guard let billionths = Decimal64.scaled(reader.field(megabytes), by: 1_000_000_000),
        0...1_000_000_000_000_000 ~= billionths
      else { throw reader.fault(megabytes, expected: "megabytes, 0 to 1,000,000") }
      let counted = samples.flatMap { Decimal64.scaled(reader.field($0), by: 1) } ?? 1
      let value = Double(billionths) / 1e9
      if function == nil {
        ofApplication[owner, default: Mean()].add(value, weight: Double(max(1, counted)))
      } else {
        ofFunction[owner, default: Mean()].add(value, weight: Double(max(1, counted)))
      }
    }
  }

  /// Mean megabytes in use by a function, or by all of its application where no more is known.
  func megabytes(function: Int, application: Int) -> Double? {
    (ofFunction[function] ?? ofApplication[application])?.megabytes
  }

  /// Whether any function's memory is that of its whole application.
  var isByApplication: Bool { !ofApplication.isEmpty }
}
