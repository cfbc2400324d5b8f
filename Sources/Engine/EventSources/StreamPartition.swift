import DequeModule
import Statistics

/// Records of a stream that keep their order, and the ends of tumbling windows among them.
struct StreamPartition {
  private enum Entry {
    case record(SourceRecord)
    case windowEnd
  }

  private var entries: Deque<Entry> = []
  private var windowEnds = 0
  /// Whether a lane works on a batch of it.
  var isTaken = false
  /// Whether records came in the tumbling window that has not ended.
  var isWindowOpen = false

  /// Records and ends of windows that wait.
  var count: Int { entries.count }
  var hasWindowEnd: Bool { windowEnds > 0 }

  var oldest: Int64? {
    for case .record(let record) in entries { return record.arrived }
    return nil
  }

  mutating func add(_ record: SourceRecord) { entries.append(.record(record)) }

  mutating func endWindow() {
    isWindowOpen = false
    windowEnds += 1
    entries.append(.windowEnd)
  }

  /// Moves records into a batch, up to its capacity or a window's end; false when there was nothing.
  mutating func move(to batch: inout SourceBatch, capacity: Int) -> Bool {
    var isMoved = false
    while let entry = entries.first {
      switch entry {
      case .windowEnd:
        windowEnds -= 1
        batch.endsWindow = true
        entries.removeFirst()
        return true
      case .record(let record):
        guard batch.records.count < capacity else { return isMoved }
        batch.records.append(record)
        isMoved = true
        entries.removeFirst()
      }
    }
    return isMoved
  }

  /// Takes out records that arrived by then; how many.
  mutating func removeOld(by time: Int64) -> Int {
    var removed = 0
    while case .record(let record)? = entries.first, record.arrived <= time {
      entries.removeFirst()
      removed += 1
    }
    return removed
  }

  func count(arrivedBefore time: Int64) -> Int {
    entries.reduce(0) { count, entry in
      if case .record(let record) = entry, record.arrived <= time { count + 1 } else { count }
    }
  }

  /// Where a partition key belongs, as even as a hash is.
  static func hash(key: Int) -> UInt64 { StableHash.of("\(key)") }
}

/// One after the other of a stream's batches.
struct StreamLane {
  /// When its shard is polled, modulo the interval.
  var phase: Int64
  /// At work, or waiting to be repeated.
  var batch: SourceBatch?
  /// What is left of a batch that was split, the next one last.
  var pending: [SourceBatch] = []
  /// Partitions of the records in `batch` and `pending`.
  var taken: [Int] = []
  var isPolled = false
  /// When the window of the batch that is gathered is over, and which gathering it is.
  var windowEnd: Int64?
  var gathering = 0
  /// Since when a batch that failed stands in the way.
  var blockedSince: Int64?
  /// A provisioned poller's throughput allows no batch before.
  var nextRead: Int64 = 0

  var isFree: Bool { batch == nil && pending.isEmpty }
}
