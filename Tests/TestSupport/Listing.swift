import Diagnostics
import Foundation
package import Units

@testable package import Traces
@testable package import Workloads

/// What a record says: rows by function name, in order of arrival, and the account of the import.
package struct Listing: Equatable {
  package struct Row: Equatable, CustomStringConvertible {
    package var function: String
    package var arrival: Int64
    package var duration: Int64
    package var description: String { "\(function)@\(arrival)+\(duration)" }
  }

  package var rows: [Row] = []
  package var ledger = ImportLedger()
  package var epoch: Double?

  package init(_ workload: Workload) throws {
    let ordered = try OrderedInvocations(workload, seed: 0, replication: 0)
    let rows = try ordered.rows()
    self.rows = rows.map {
      Row(function: ordered.functions[Int($0.function)].name, arrival: $0.arrival, duration: $0.duration)
    }
    ledger = ordered.ledger
    epoch = ordered.epoch
  }

  /// Reads a file of this content as a list of invocations.
  package init(
    _ text: String, columns: InvocationColumns = .detect, unit: TimeUnit = .seconds, name: String = "requests.csv"
  ) throws {
    let file = try TemporaryFile(text, name: name)
    try self.init(Workload.invocations(file: file.path, columns: columns, unit: unit))
  }

  package var text: [String] { rows.map(\.description) }
}
