import Workloads

/// Sorts a batch by function and keeps the order of arrival within each: a counting sort into reused memory.
struct FunctionScatter {
  private var arrivals: [Int64] = []
  private var durations: [Int64] = []
  private var fates: [Fate] = []
  /// Of cold rows, how many were cold before.
  private var colds: [Int32] = []
  /// Where each function's invocations begin; the end of the last one is behind.
  private var starts: [Int] = []

  mutating func scatter(_ batch: InvocationBatch, functions: Int) {
    scatter(batch, functions) { _, _ in }
  }

  /// Sorts what became of the rows along with them.
  mutating func scatter(_ batch: InvocationBatch, functions: Int, _ fates: Vector<Fate>) {
    if self.fates.count < batch.count {
      self.fates = Array(repeating: .warm, count: batch.count)
      colds = Array(repeating: 0, count: batch.count)
    }
    var (mine, colds) = (self.fates, colds)
    (self.fates, self.colds) = ([], [])
    var cold: Int32 = 0
    mine.withUnsafeMutableBufferPointer { mine in
      colds.withUnsafeMutableBufferPointer { colds in
        scatter(batch, functions) { row, place in
          mine[place] = fates.base[row]
          guard fates.base[row] == .cold else { return }
          colds[place] = cold
          cold &+= 1
        }
      }
    }
    (self.fates, self.colds) = (mine, colds)
  }

  /// Calls `body` with each row and its place.
  @inline(__always)
  private mutating func scatter(_ batch: InvocationBatch, _ functions: Int, _ body: (Int, Int) -> Void) {
    starts = Array(repeating: 0, count: functions + 2)
    for function in batch.functions { starts[Int(function) + 2] += 1 }
    for index in starts.indices.dropFirst() { starts[index] += starts[index - 1] }
    if arrivals.count < batch.count {
      arrivals = Array(repeating: 0, count: batch.count)
      durations = arrivals
    }
    starts.withUnsafeMutableBufferPointer { starts in
      arrivals.withUnsafeMutableBufferPointer { arrivals in
        durations.withUnsafeMutableBufferPointer { durations in
          for (row, function) in batch.functions.enumerated() {
            let place = starts[Int(function) + 1]
            starts[Int(function) + 1] = place + 1
            arrivals[place] = batch.arrivals[row]
            durations[place] = batch.durations[row]
            body(row, place)
          }
        }
      }
    }
  }

  func withInvocations(of function: Int, _ body: (UnsafeBufferPointer<Int64>, UnsafeBufferPointer<Int64>) -> Void) {
    let rows = starts[function]..<starts[function + 1]
    arrivals.withUnsafeBufferPointer { arrivals in
      durations.withUnsafeBufferPointer { durations in
        body(UnsafeBufferPointer(rebasing: arrivals[rows]), UnsafeBufferPointer(rebasing: durations[rows]))
      }
    }
  }

  func withFates(
    of function: Int,
    _ body: (
      UnsafeBufferPointer<Int64>, UnsafeBufferPointer<Int64>, UnsafeBufferPointer<Fate>, UnsafeBufferPointer<Int32>
    ) -> Void
  ) {
    let rows = starts[function]..<starts[function + 1]
    withInvocations(of: function) { arrivals, durations in
      fates.withUnsafeBufferPointer { fates in
        colds.withUnsafeBufferPointer { colds in
          body(
            arrivals, durations, UnsafeBufferPointer(rebasing: fates[rows]), UnsafeBufferPointer(rebasing: colds[rows]))
        }
      }
    }
  }
}
