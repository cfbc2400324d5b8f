/// Events in order of time where nothing is inserted before what was last removed: a radix heap.
///
/// R. K. Ahuja, K. Mehlhorn, J. Orlin and R. E. Tarjan, "Faster algorithms for the shortest path problem", JACM 37(2),
/// 1990. Bucket k holds events whose time differs from that of the last removed in bit k-1 and in none above, so that
/// everything in a bucket comes before everything in the next. Only when the buckets below are empty is one taken apart,
/// front to back: events move down a few times in their lives, always one after the other through memory, whereas a
/// heap jumps about. Simultaneous events leave in the order of their `<`.
///
/// Its owner calls `deallocate()` when it goes away.
struct RadixQueue<Element: Event & BitwiseCopyable> {
  /// By bucket; those of bucket 0 all have the time `last`.
  private var buckets = Vector<Vector<Element>>(capacity: 65)
  /// The earliest time in each bucket; Int64.max for none.
  private var earliest = Vector<Int64>(capacity: 65)
  /// Buckets 1 to 64 that hold something, by bit.
  private var occupied: UInt64 = 0
  /// No event is before it.
  private var last: Int64 = 0
  /// How many of bucket 0 were removed.
  private var removed = 0
  private(set) var count = 0

  init() {
    for _ in 0...64 {
      buckets.append(Vector(capacity: 8))
      earliest.append(.max)
    }
  }

  func deallocate() {
    for bucket in buckets.elements { bucket.deallocate() }
    buckets.deallocate()
    earliest.deallocate()
  }

  /// When the next one happens; Int64.max when there is none.
  var nextTime: Int64 {
    if removed < buckets.base[0].count { return last }
    return occupied == 0 ? .max : earliest.base[occupied.trailingZeroBitCount + 1]
  }

  /// O(1). The event's time is not before that of the last one removed.
  mutating func insert(_ event: Element) {
    assert(event.time >= last)
    count &+= 1
    place(event)
    if event.time == last { settleNewest() }
  }

  @inline(__always)
  private mutating func place(_ event: Element) {
    let bucket = 64 &- UInt64(bitPattern: event.time ^ last).leadingZeroBitCount
    buckets.base[bucket].append(event)
    guard bucket > 0 else { return }
    occupied |= 1 << UInt64(bucket &- 1)
    if event.time < earliest.base[bucket] { earliest.base[bucket] = event.time }
  }

  /// Removes the next one; nil when there is none. O(1) amortised, with a factor of at most the bits in a time.
  mutating func popFirst() -> Element? {
    if removed == buckets.base[0].count {
      guard occupied != 0 else { return nil }
      refill()
    }
    let event = buckets.base[0][removed]
    removed &+= 1
    count &-= 1
    if removed == buckets.base[0].count {
      buckets.base[0].removeAll()
      removed = 0
    }
    return event
  }

  /// Takes the lowest bucket apart; its earliest events go to bucket 0.
  private mutating func refill() {
    let bucket = occupied.trailingZeroBitCount + 1
    last = earliest.base[bucket]
    occupied &= occupied &- 1
    earliest.base[bucket] = .max
    let (events, count) = (buckets.base[bucket].base, buckets.base[bucket].count)
    buckets.base[bucket].removeAll()
    for index in 0..<count { place(events[index]) }
    if buckets.base[0].count > 1 { sortTies() }
  }

  private func sortTies() {
    var ties = UnsafeMutableBufferPointer(start: buckets.base[0].base, count: buckets.base[0].count)
    ties.sort(by: <)
  }

  /// Puts the newest of bucket 0 in its place among those not removed.
  @inline(__always)
  private mutating func settleNewest() {
    let events = buckets.base[0].base
    var place = buckets.base[0].count - 1
    let event = events[place]
    while place > removed, event < events[place - 1] {
      events[place] = events[place - 1]
      place -= 1
    }
    events[place] = event
  }
}

extension RadixQueue: Checkpointed {
  func save(to state: inout StateWriter) {
    state.write(last)
    state.write(count)
    for (index, bucket) in buckets.elements.enumerated() {
      for event in bucket.elements.dropFirst(index == 0 ? removed : 0) { state.write(event) }
    }
  }

  mutating func restore(from state: inout StateReader) throws(StateEndsEarly) {
    last = try state.read()
    let saved: Int = try state.read()
    for _ in 0..<max(0, saved) { insert(try state.read()) }
  }
}
