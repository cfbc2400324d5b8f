public import Diagnostics
public import Units

/// All invocations of a workload in order of arrival, in batches of some hundred thousand.
///
/// Invocations that arrive together stay in the order of the record, or, where they are generated, in the order of
/// their functions. Memory does not grow with the number of invocations.
///
/// A record is read once and handed out as it is read while its rows come in order. One that is known to be unordered,
/// or whose first 2^18 rows are, is sorted first, through a temporary file when it is large. When rows turn out to be
/// unordered only after others were handed out, `next` throws and `mustRestart` is true: throw away what was made of
/// the rows so far, call `restartSorted()`, and begin again. `fold` does all that.
///
/// Zero is where the trace starts. In a record with wall-clock dates it moves to the minute of the earliest row, and
/// `epoch` with it; in one without, rows before zero began before the trace and arrive at zero, counted as repaired.
public final class OrderedInvocations {
  /// The functions met so far; an index once given stays.
  public var functions: [WorkloadFunction] { generated?.functions ?? reader?.functions ?? [] }
  /// What was read, repaired, dropped and made up so far.
  public var ledger: ImportLedger {
    var ledger = generated?.ledger ?? reader?.ledger ?? ImportLedger()
    ledger.merge(placement.ledger)
    return ledger
  }
  /// What the trace measured of itself; complete at the end.
  public var observations: Observations? {
    if let generated { return generated.observations }
    guard let window = recorded?.window else { return reader?.observations }
    return reader?.observations?.windowed(window)
  }
  /// The wall-clock moment of instant zero in seconds since 1970, where the trace tells; certain from the first batch on.
  public var epoch: Double? {
    if let start = reader?.epoch { return start + placement.zero.seconds + (recorded?.window?.from.seconds ?? 0) }
    return workload.epoch.map { $0 + placement.zero.seconds }
  }
  /// The share of the work done, 0 to 1, where it can be told.
  public private(set) var progress: Double?
  /// Where the trace ends, complete after the last batch: the end of what was generated or of the window; without
  /// these the latest end of a recorded invocation, init aside.
  public var horizon: Instant {
    generated?.horizon ?? recorded?.window?.length.map { Instant.zero + $0 }
      ?? Instant(nanoseconds: placement.latestEnd)
  }
  /// Whether the workload says itself where it ends.
  package var hasFixedHorizon: Bool { generated != nil || recorded?.window?.to != nil }
  /// Whether the record is read in order through a sort.
  public private(set) var isSorting = false
  /// Whether `next` threw because rows came out of order after others were handed out.
  public private(set) var mustRestart = false

  private let workload: Workload
  private let generated: GeneratedWorkload?
  private let recorded: RecordedWorkload?
  private var slices: GeneratedSlices?
  private var reader: (any InvocationReader)?
  private var sorter: ArrivalSorter?
  private let runLength: Int
  private let batchRows: Int
  private var placement: Placement
  private var state = State.atStart
  private var handedOut = 0

  private enum State {
    case atStart
    case streaming(last: Int64)
    case sorted
    case ended
  }

  /// Opens the workload's record. - Throws: when it can't be read.
  public convenience init(_ workload: Workload, seed: UInt64, replication: UInt64) throws(InputFault) {
    try self.init(workload, seed: seed, replication: replication, runLength: ArrivalSorter.usualRunLength)
  }

  /// - Parameters:
  ///   - runLength: rows sorted in memory at once.
  ///   - batchRows: rows of a recorded batch, and about those of a generated one.
  init(
    _ workload: Workload, seed: UInt64, replication: UInt64, runLength: Int, batchRows: Int = 1 << 18
  ) throws(InputFault) {
    self.workload = workload
    self.runLength = runLength
    self.batchRows = batchRows
    placement = Placement()
    switch workload.feed {
    case .recorded(let recorded):
      self.recorded = recorded
      generated = nil
      reader = try recorded.open()
    case .generated(let generated):
      self.generated = generated
      recorded = nil
      slices = GeneratedSlices(generated, seed: seed, replication: replication, rowsPerSlice: 2 * batchRows)
    }
  }

  /// Replaces the batch's rows by the next ones; false, with an empty batch, after the last.
  /// - Throws: when the record is at fault or can't be read, or must be read again in order (`mustRestart`).
  public func next(into batch: inout InvocationBatch) throws(InputFault) -> Bool {
    batch.removeAll()
    guard let recorded else {
      let found = slices?.next(into: &batch) ?? false
      let horizon = Double(max(1, self.horizon.nanoseconds))
      progress = slices.map { min(1, Double($0.position) / horizon) }
      return found
    }
    while true {
      if case .ended = state { return false }
      try fetch(into: &batch, sorting: recorded.needsSorting)
      if batch.isEmpty {
        state = .ended
        progress = 1
        return false
      }
      placement.begin(batch, isDated: epoch != nil)
      if placement.place(&batch, in: recorded.window) { state = .ended }
      if !batch.isEmpty { return true }
    }
  }

  /// Opens the record anew and sorts it before the first batch.
  public func restartSorted() throws(InputFault) {
    guard let recorded else { return }
    reader = try recorded.open()
    placement = Placement()
    mustRestart = false
    handedOut = 0
    state = .atStart
    try sortAll(InvocationBatch())
  }

  /// Gives every batch in turn to `body`, which adds it to a state that `start` makes; once more from the beginning,
  /// with a fresh state, when the record turns out to be unordered.
  public func fold<State>(
    _ start: () throws(InputFault) -> State,
    _ body: (inout State, InvocationBatch) throws(InputFault) -> Void
  ) throws(InputFault) -> State {
    var batch = InvocationBatch()
    var state = try start()
    while true {
      do {
        guard try next(into: &batch) else { return state }
      } catch {
        guard mustRestart else { throw error }
        try restartSorted()
        state = try start()
        continue
      }
      try body(&state, batch)
    }
  }

  /// Appends the next rows in order, as the record has them.
  private func fetch(into batch: inout InvocationBatch, sorting: Bool) throws(InputFault) {
    switch state {
    case .atStart:
      if sorting {
        try sortAll(batch)
        return try fetch(into: &batch, sorting: true)
      }
      try read(into: &batch)
      if !batch.isInOrder() {
        try sortAll(batch)
        batch.removeAll()
        return try fetch(into: &batch, sorting: true)
      }
      state = .streaming(last: batch.arrivals.last ?? .min)
      progress = reader?.progress
    case .streaming(let last):
      try read(into: &batch)
      guard batch.isInOrder(after: last) else {
        mustRestart = true
        state = .ended
        batch.removeAll()
        throw InputFault(
          at: .init(file: workload.title), found: "rows that arrive before others above them",
          expected: "rows in order of arrival, as they began", advice: "sort the file by arrival")
      }
      state = .streaming(last: batch.arrivals.last ?? last)
      progress = reader?.progress
    case .sorted:
      guard let sorter else { return }
      try sorter.next(into: &batch, limit: batchRows)
      handedOut += batch.count
      progress = sorter.count == 0 ? 1 : Double(handedOut) / Double(sorter.count)
    case .ended: return
    }
  }

  /// Appends up to about a batch of rows; none at the record's end.
  private func read(into batch: inout InvocationBatch) throws(InputFault) {
    var count = -1
    while batch.count < batchRows, count < batch.count {
      count = batch.count
      try reader?.read(into: &batch, limit: batchRows - count)
    }
  }

  /// Sorts the rest of the record after the rows read already.
  private func sortAll(_ first: InvocationBatch) throws(InputFault) {
    isSorting = true
    let sorter = ArrivalSorter(runLength: runLength)
    self.sorter = sorter
    try sorter.add(first)
    var batch = InvocationBatch()
    repeat {
      batch.removeAll()
      try reader?.read(into: &batch, limit: batchRows)
      try sorter.add(batch)
    } while !batch.isEmpty
    try sorter.finish()
    state = .sorted
  }
}

/// Puts ordered rows in their place: zero at the trace's start, only a window of them, no time out of range.
private struct Placement {
  /// A century: sums of a few times of this size are far from overflow, and no trace comes near it.
  static let longest: Int64 = 100 * 365 * TimeUnit.days.nanoseconds

  /// What the reader's zero must be moved by.
  private(set) var zero = TimeSpan.zero
  /// The latest arrival + duration placed, ns.
  private(set) var latestEnd: Int64 = 0
  private(set) var ledger = ImportLedger()
  private var isSettled = false

  /// Settles where zero lies from the earliest row.
  mutating func begin(_ batch: InvocationBatch, isDated: Bool) {
    guard !isSettled, let earliest = batch.arrivals.first(where: { $0 >= -Self.longest }) else { return }
    isSettled = true
    guard isDated, earliest < 0 else { return }
    let minute = TimeUnit.minutes.nanoseconds
    zero = TimeSpan(nanoseconds: -((-earliest + minute - 1) / minute * minute))
  }

  /// Moves, repairs and drops rows; true when no later row can lie in the window.
  mutating func place(_ batch: inout InvocationBatch, in window: TimeWindow?) -> Bool {
    if let window { ledger.remark(window.description) }
    let from = window?.from.nanoseconds ?? 0
    let to = window?.to?.nanoseconds ?? .max
    var early = 0
    var impossible = 0
    var kept = 0
    var passed = false
    for row in 0..<batch.count {
      let duration = batch.durations[row]
      var arrival = batch.arrivals[row]
      guard arrival.magnitude <= UInt64(Self.longest), duration >= 0, duration <= Self.longest else {
        impossible += 1
        continue
      }
      arrival -= zero.nanoseconds
      if arrival < 0 {
        arrival = 0
        early += 1
      }
      guard arrival < to else {
        passed = true
        break
      }
      guard arrival >= from else { continue }
      batch.functions[kept] = batch.functions[row]
      batch.arrivals[kept] = arrival - from
      batch.durations[kept] = duration
      latestEnd = max(latestEnd, arrival - from + duration)
      kept += 1
    }
    batch.truncate(to: kept)
    ledger.repair("began before the trace", count: early)
    ledger.drop("a negative duration or a time beyond 100 years", count: impossible)
    return passed
  }
}
