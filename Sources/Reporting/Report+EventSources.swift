import Documents
import Engine
import Logs
import Planning
import Statistics
import Units
import Workloads

extension Report {
  /// The event source mappings among the sources, with their functions' names.
  private var mappings: [(name: String, mapping: MappingTally)] {
    outcome.sources.compactMap { source in
      source.mapping.map { (outcome.functions[source.function].function.name, $0) }
    }
  }

  var hasEventSources: Bool { outcome.sources.contains { $0.mapping != nil } }

  /// What a mapping did, for `summary.json`.
  static func json(_ mapping: MappingTally) -> JSON {
    .object([
      ("batches", .integer(mapping.batches)),
      ("recordsPerBatch", .number(mapping.batches > 0 ? mapping.batchSize.mean : nil)),
      ("largestBatch", .integer(Int(mapping.batchSize.maximum))),
      ("delayMs", json(Percentiles(mapping.delay))), ("iteratorAgeMs", json(Percentiles(mapping.iteratorAge))),
      ("peakBacklog", .integer(mapping.peakBacklog)), ("peakConcurrency", .integer(mapping.peakConcurrency)),
      ("deadLettered", .integer(mapping.deadLettered)), ("duplicates", .integer(mapping.duplicates)),
      ("splits", .integer(mapping.splits)), ("discardedBatches", .integer(mapping.discardedBatches)),
      ("blockedSeconds", .number(Double(mapping.blockedTime) / 1e9)),
      ("pollerUnitSeconds", .number(Double(mapping.pollerUnitTime) / 1e9)),
    ])
  }

  /// A row for each event source: its batches, and how far they lagged behind.
  var eventSourceTable: TextTable {
    var table = TextTable(
      "Event sources", columns: ["batches", "records each", "age p99", "backlog", "at once", "dead letters"])
    table.flexible = true
    table.note = "age: of a batch's last record when it is handed over; backlog: records at most"
    for (name, mapping) in mappings {
      table.rows.append([
        Wording.name(name, limit: 200), mapping.batches.grouped,
        mapping.batches > 0 ? Wording.number(mapping.batchSize.mean) : "-",
        Wording.span(milliseconds: Percentiles(mapping.iteratorAge).p99), mapping.peakBacklog.grouped,
        mapping.peakConcurrency.grouped, mapping.deadLettered.grouped,
      ])
    }
    return table
  }

  /// What went wrong in event sources, one line each.
  var eventSourceLines: [String] {
    var lines: [String] = []
    for (name, mapping) in mappings {
      func add(_ count: Int, _ what: String) {
        if count > 0 { lines.append("\(name): \(count.grouped) \(what)") }
      }
      add(mapping.duplicates, "messages worked on twice, because their visibility timeout ended first")
      add(mapping.splits, "failed batches split in two")
      add(mapping.discardedBatches, "batches given up")
      if mapping.blockedTime > 0 {
        let blocked = Wording.span(milliseconds: Double(mapping.blockedTime) / 1e6)
        lines.append("\(name): stood behind failing batches for \(blocked), over all shards")
      }
    }
    return lines
  }

  /// `event-sources.csv`: a row for each event source and minute; RFC 4180, units in the columns' names.
  func eventSourcesCSV() -> String {
    var table = CSVText([
      "function", "end_s", "backlog", "oldest_age_s", "concurrent_batches", "concurrent_batches_limit",
    ])
    for (name, mapping) in mappings {
      for (index, sample) in mapping.samples.enumerated() {
        table.append([
          name, "\((index + 1) * 60)", "\(sample.backlog)", CSVText.field(Double(sample.oldest) / 1e9),
          "\(sample.concurrency)", "\(sample.limit)",
        ])
      }
    }
    return table.text
  }
}
