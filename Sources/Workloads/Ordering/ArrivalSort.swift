/// Sorts invocations by arrival and keeps the order of those that arrive together.
///
/// A radix sort from the least significant digit, 11 bits a pass, over (arrival - earliest, row): stable, linear, and
/// its passes depend on the stretch of time covered, not on the number of rows. Keeps its working memory for the next
/// batch: 32 bytes a row, and 20 for the rows themselves.
struct ArrivalSort {
  private struct Entry {
    var key: UInt64
    var row: UInt32
  }

  private static let digitBits = 11
  private static let digits = 1 << digitBits

  private var entries: [Entry] = []
  private var spareEntries: [Entry] = []
  private var spare = InvocationBatch()

  /// Bytes held for the next batch.
  var workingMemory: Int {
    (entries.capacity + spareEntries.capacity) * MemoryLayout<Entry>.stride + spare.arrivals.capacity * 20
  }

  /// Sorts a batch. A batch that is in order already costs one look.
  mutating func sort(_ batch: inout InvocationBatch) {
    guard let earliest = batch.arrivals.min(), !batch.isInOrder() else { return }
    let latest = batch.arrivals.max() ?? earliest
    fill(from: batch.arrivals, earliest: earliest)
    let keyBits = UInt64.bitWidth - UInt64(bitPattern: latest &- earliest).leadingZeroBitCount
    for shift in stride(from: 0, to: keyBits, by: Self.digitBits) { pass(shift) }
    gather(batch, earliest: earliest)
    swap(&batch, &spare)
  }

  private mutating func fill(from arrivals: [Int64], earliest: Int64) {
    entries.removeAll(keepingCapacity: true)
    entries.reserveCapacity(arrivals.count)
    for (row, arrival) in arrivals.enumerated() {
      // The difference wraps rightly even when it does not fit a signed number.
      entries.append(Entry(key: UInt64(bitPattern: arrival &- earliest), row: UInt32(truncatingIfNeeded: row)))
    }
    if spareEntries.count < entries.count {
      spareEntries.append(
        contentsOf: repeatElement(Entry(key: 0, row: 0), count: entries.count - spareEntries.count))
    } else {
      spareEntries.removeLast(spareEntries.count - entries.count)
    }
  }

  private mutating func pass(_ shift: Int) {
    let mask = UInt64(Self.digits - 1)
    let moved = withUnsafeTemporaryAllocation(of: Int.self, capacity: Self.digits) { places in
      places.initialize(repeating: 0)
      return entries.withUnsafeBufferPointer { entries in
        for entry in entries { places[Int((entry.key >> UInt64(shift)) & mask)] += 1 }
        var next = 0
        for digit in 0..<Self.digits {
          let count = places[digit]
          if count == entries.count { return false }  // all rows share this digit
          places[digit] = next
          next += count
        }
        spareEntries.withUnsafeMutableBufferPointer { sorted in
          for entry in entries {
            let digit = Int((entry.key >> UInt64(shift)) & mask)
            sorted[places[digit]] = entry
            places[digit] += 1
          }
        }
        return true
      }
    }
    if moved { swap(&entries, &spareEntries) }
  }

  private mutating func gather(_ batch: InvocationBatch, earliest: Int64) {
    spare.removeAll()
    spare.functions.reserveCapacity(batch.count)
    spare.arrivals.reserveCapacity(batch.count)
    spare.durations.reserveCapacity(batch.count)
    for entry in entries {
      let row = Int(entry.row)
      spare.functions.append(batch.functions[row])
      spare.arrivals.append(earliest &+ Int64(bitPattern: entry.key))
      spare.durations.append(batch.durations[row])
    }
  }
}

extension InvocationBatch {
  /// Whether no row arrives before the one above it, nor the first before `last`.
  func isInOrder(after last: Int64 = .min) -> Bool {
    arrivals.withUnsafeBufferPointer { arrivals in
      var last = last
      for arrival in arrivals {
        if arrival < last { return false }
        last = arrival
      }
      return true
    }
  }

  /// Appends all rows of another batch.
  mutating func append(contentsOf other: InvocationBatch) {
    functions.append(contentsOf: other.functions)
    arrivals.append(contentsOf: other.arrivals)
    durations.append(contentsOf: other.durations)
  }

  /// Keeps only the first `count` rows.
  mutating func truncate(to count: Int) {
    functions.removeLast(functions.count - count)
    arrivals.removeLast(arrivals.count - count)
    durations.removeLast(durations.count - count)
  }
}
