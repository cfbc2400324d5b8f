/// The events of a block in buckets of time, each put in order when its time comes: a calendar queue (R. Brown, "Calendar
/// queues", CACM 31(10), 1988) that is made anew for each block.
///
///     heads[bucket] ──▶ nodes[head] ──▶ nodes[next] ──▶ …     events by bucket
///     due, crowd                                              those of the bucket at hand, in order
///
/// How many are in `due` is counted by its user, in a register. Its owner calls `deallocate()` when it goes away.
struct BlockCalendar<Element: Event & BitwiseCopyable> {
  /// An event in a bucket and the next one of the same bucket; -1 for none.
  private struct Node: BitwiseCopyable {
    var event: Element
    var next: Int32
  }

  private var heads = Vector<Int32>()
  private var nodes = Vector<Node>()
  /// The events of the bucket at hand, the next to happen last: a few.
  private let due = Vector<Element>(capacity: mostDue)
  /// Those that `due` has no room for, where many fall together.
  private var crowd = EventQueue<Element>()
  private static var mostDue: Int { 24 }

  func deallocate() {
    heads.deallocate()
    nodes.deallocate()
    due.deallocate()
    crowd.deallocate()
  }

  /// Makes it empty.
  mutating func open(_ buckets: Int) {
    heads.reserve(buckets)
    heads.setCount(buckets)
    heads.base.update(repeating: -1, count: buckets)
    nodes.removeAll()
  }

  /// Keeps an event for its bucket's time.
  @inline(__always)
  mutating func put(_ event: Element, in bucket: Int) {
    nodes.append(Node(event: event, next: heads.base[bucket]))
    heads.base[bucket] = Int32(truncatingIfNeeded: nodes.count &- 1)
  }

  /// Moves the events that happen by `end` from those that are in no order to their buckets.
  mutating func take(_ events: inout Vector<Element>, until end: Int64, _ grid: Calendar) {
    let base = events.base
    var kept = 0
    for index in 0..<events.count {
      let event = base[index]
      if event.time > end {
        base[kept] = event
        kept += 1
      } else {
        put(event, in: grid.clampedBucket(event.time))
      }
    }
    events.setCount(kept)
  }

  /// A bucket's time has come: puts its events among the `count` in `due`.
  @inline(__always)
  mutating func turn(to bucket: Int, _ count: inout Int) {
    var node = Int(heads.base[bucket])
    while node >= 0 {
      let found = nodes.base[node]
      insert(found.event, &count)
      node = Int(found.next)
    }
  }

  /// Puts an event in its place among the `count` in `due`.
  @inline(__always)
  mutating func insert(_ event: Element, _ count: inout Int) {
    guard count < Self.mostDue else {
      crowd.insert(event)
      return
    }
    let events = due.base
    var place = count
    count &+= 1
    while place > 0, events[place &- 1] < event {
      events[place] = events[place &- 1]
      place &-= 1
    }
    events[place] = event
  }

  /// Removes the next of the `count` events in `due`, if it happens by `time`.
  @inline(__always)
  mutating func popDue(by time: Int64, _ count: inout Int) -> Element? {
    guard crowd.count == 0 else { return popCrowded(by: time, &count) }
    guard count > 0, due.base[count &- 1].time <= time else { return nil }
    count &-= 1
    return due.base[count]
  }

  @inline(never)
  private mutating func popCrowded(by time: Int64, _ count: inout Int) -> Element? {
    if let first = crowd.first, count == 0 || first < due.base[count - 1] {
      return first.time <= time ? crowd.popFirst() : nil
    }
    guard count > 0, due.base[count - 1].time <= time else { return nil }
    count -= 1
    return due.base[count]
  }
}
