import Diagnostics

/// Sorts any number of invocations by arrival in bounded memory, keeping the order of those that arrive together.
///
/// Rows gather in runs that are sorted in memory. One run stays there; more go to a temporary file and are merged:
///
///     rows ──▶ run 0 │ run 1 │ … │ run k   (each sorted, 20 bytes a row: function, arrival, duration)
///                └──────┴───┬───┴──────┘
///                      heap on (arrival, run) ──▶ batches in order
///
/// Memory is 72 bytes a row of one run, plus `mergeMemory` while merging.
final class ArrivalSorter {
  /// Rows sorted at once: 150 MB of working memory at the most.
  static let usualRunLength = 1 << 21
  private static let rowSize = 20
  private static let mergeMemory = 32 << 20

  private let runLength: Int
  private let directory: String?
  private var run = InvocationBatch()
  private var sort = ArrivalSort()
  private var file: SpillFile?
  /// Where runs begin in the file; each ends where the next begins.
  private var starts: [Int64] = []
  private var merge: RunMerge?
  /// How many rows of the only run were given.
  private var given = 0

  /// Rows taken in.
  private(set) var count = 0
  /// Rows in memory, buffers of the merge aside.
  var rowsHeld: Int { run.count }
  /// Runs that went to the file.
  var spilledRuns: Int { starts.count }

  init(runLength: Int = usualRunLength, directory: String? = nil) {
    self.runLength = max(1, runLength)
    self.directory = directory
  }

  /// Takes rows in, in the order of the record.
  func add(_ batch: InvocationBatch) throws(InputFault) {
    count += batch.count
    var taken = 0
    while taken < batch.count {
      if run.count == runLength { try spill() }
      let rows = taken..<min(batch.count, taken + runLength - run.count)
      run.functions.append(contentsOf: batch.functions[rows])
      run.arrivals.append(contentsOf: batch.arrivals[rows])
      run.durations.append(contentsOf: batch.durations[rows])
      taken = rows.upperBound
    }
  }

  /// Ends the taking in.
  func finish() throws(InputFault) {
    guard let file else {
      sort.sort(&run)
      sort = ArrivalSort()
      return
    }
    try spill()
    run = InvocationBatch()
    sort = ArrivalSort()
    merge = try RunMerge(file: file, starts: starts, memory: Self.mergeMemory)
  }

  /// Appends up to `limit` rows in order; none at the end.
  func next(into batch: inout InvocationBatch, limit: Int) throws(InputFault) {
    if let merge { return try merge.next(into: &batch, limit: limit) }
    let rows = given..<min(run.count, given + limit)
    batch.functions.append(contentsOf: run.functions[rows])
    batch.arrivals.append(contentsOf: run.arrivals[rows])
    batch.durations.append(contentsOf: run.durations[rows])
    given = rows.upperBound
  }

  private func spill() throws(InputFault) {
    sort.sort(&run)
    if file == nil { file = try SpillFile(directory: directory) }
    guard let file else { return }
    starts.append(file.length)
    let rowsAtOnce = 1 << 15
    let bytes = UnsafeMutableRawBufferPointer.allocate(
      byteCount: min(run.count, rowsAtOnce) * Self.rowSize, alignment: 8)
    defer { bytes.deallocate() }
    var first = 0
    while first < run.count {
      let rows = first..<min(run.count, first + rowsAtOnce)
      for (offset, row) in rows.enumerated() {
        let at = offset * Self.rowSize
        bytes.storeBytes(of: run.arrivals[row], toByteOffset: at, as: Int64.self)
        bytes.storeBytes(of: run.durations[row], toByteOffset: at + 8, as: Int64.self)
        bytes.storeBytes(of: run.functions[row], toByteOffset: at + 16, as: Int32.self)
      }
      try file.append(UnsafeRawBufferPointer(rebasing: bytes[..<(rows.count * Self.rowSize)]))
      first = rows.upperBound
    }
    run.removeAll()
  }

  /// Merges sorted runs of a file.
  private final class RunMerge {
    private struct Cursor {
      /// The next byte of the file to fetch, and where the run ends there.
      var fetch: Int64
      var end: Int64
      /// The row at hand and the end of what was fetched, offsets in `memory`.
      var at: Int
      var limit: Int
    }

    private let file: SpillFile
    private let memory: UnsafeMutableRawBufferPointer
    private let chunk: Int
    private var cursors: [Cursor]
    /// A heap of runs with rows left, the smallest (arrival, run) on top.
    private var heap: [(arrival: Int64, run: Int)] = []

    init(file: SpillFile, starts: [Int64], memory: Int) throws(InputFault) {
      self.file = file
      chunk = max(64, memory / starts.count / rowSize) * rowSize
      self.memory = .allocate(byteCount: chunk * starts.count, alignment: 8)
      let ends = starts.dropFirst() + [file.length]
      cursors = zip(starts, ends).map { Cursor(fetch: $0, end: $1, at: 0, limit: 0) }
      for run in cursors.indices {
        try fetch(run)
        heap.append((arrival(run), run))
      }
      for index in heap.indices.reversed() { siftDown(index) }
    }

    deinit { memory.deallocate() }

    func next(into batch: inout InvocationBatch, limit: Int) throws(InputFault) {
      for _ in 0..<limit {
        guard let (arrival, run) = heap.first else { return }
        let at = cursors[run].at
        batch.append(
          function: memory.loadUnaligned(fromByteOffset: at + 16, as: Int32.self), arrival: arrival,
          duration: memory.loadUnaligned(fromByteOffset: at + 8, as: Int64.self))
        cursors[run].at = at + rowSize
        if cursors[run].at == cursors[run].limit {
          if cursors[run].fetch == cursors[run].end {
            heap[0] = heap[heap.count - 1]
            heap.removeLast()
            if !heap.isEmpty { siftDown(0) }
            continue
          }
          try fetch(run)
        }
        heap[0].arrival = self.arrival(run)
        siftDown(0)
      }
    }

    private func arrival(_ run: Int) -> Int64 {
      memory.loadUnaligned(fromByteOffset: cursors[run].at, as: Int64.self)
    }

    /// Fetches the next rows of a run that has some left in the file.
    private func fetch(_ run: Int) throws(InputFault) {
      let start = run * chunk
      let size = Int(min(Int64(chunk), cursors[run].end - cursors[run].fetch))
      try file.read(
        at: cursors[run].fetch, into: UnsafeMutableRawBufferPointer(rebasing: memory[start..<(start + size)]))
      cursors[run].fetch += Int64(size)
      cursors[run].at = start
      cursors[run].limit = start + size
    }

    private func siftDown(_ index: Int) {
      heap.withUnsafeMutableBufferPointer { heap in
        let moving = heap[index]
        var hole = index
        while true {
          var child = 2 * hole + 1
          guard child < heap.count else { break }
          if child + 1 < heap.count, heap[child + 1] < heap[child] { child += 1 }
          guard heap[child] < moving else { break }
          heap[hole] = heap[child]
          hole = child
        }
        heap[hole] = moving
      }
    }
  }
}
