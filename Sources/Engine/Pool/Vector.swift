/// A growable vector of plain values for the replay's inner loop: no reference counts, no uniqueness checks.
///
/// SAFETY: a value is a view of memory that its owner alone uses and frees with `deallocate()` when it goes away; copies
/// must not outlive it. Indices are checked in debug builds. All unsafe memory of the pools lives in this file.
struct Vector<Element: BitwiseCopyable>: BitwiseCopyable {
  /// The elements' memory, for loops that must not look it up again at each step. Valid until the vector grows.
  private(set) var base: UnsafeMutablePointer<Element>
  private var capacity: Int
  private(set) var count = 0

  init(capacity: Int = 8) {
    self.capacity = capacity
    base = .allocate(capacity: capacity)
  }

  func deallocate() { base.deallocate() }

  var isEmpty: Bool { count == 0 }
  var first: Element? { count == 0 ? nil : base[0] }
  var last: Element? { count == 0 ? nil : base[count - 1] }

  subscript(index: Int) -> Element {
    get {
      assert(index >= 0 && index < count)
      return base[index]
    }
    set {
      assert(index >= 0 && index < count)
      base[index] = newValue
    }
  }

  mutating func append(_ element: Element) {
    if count == capacity { grow() }
    base[count] = element
    count += 1
  }

  mutating func popLast() -> Element? {
    guard count > 0 else { return nil }
    count -= 1
    return base[count]
  }

  /// Removes the elements for which `isGone` holds and gives each to `body`; the others keep their order.
  mutating func remove(where isGone: (Element) -> Bool, _ body: (Element) -> Void) {
    var kept = 0
    for index in 0..<count {
      if isGone(base[index]) {
        body(base[index])
      } else {
        base[kept] = base[index]
        kept += 1
      }
    }
    count = kept
  }

  func contains(where matches: (Element) -> Bool) -> Bool {
    var index = count
    while index > 0 {
      index -= 1
      if matches(base[index]) { return true }
    }
    return false
  }

  mutating func removeAll() { count = 0 }

  /// Makes room for `capacity` elements in all.
  mutating func reserve(_ capacity: Int) {
    if capacity > self.capacity { self = grown(to: max(capacity, self.capacity * 2)) }
  }

  /// Sets the number of elements, which may be more than were ever written: the caller has written them at `base`, or
  /// writes them before they are read. It is at most what was reserved.
  mutating func setCount(_ count: Int) {
    assert(count >= 0 && count <= capacity)
    self.count = count
  }

  /// Replaces all elements by another vector's.
  mutating func copy(_ other: Vector) {
    reserve(other.count)
    base.update(from: other.base, count: other.count)
    count = other.count
  }

  /// All elements.
  var elements: UnsafeBufferPointer<Element> { UnsafeBufferPointer(start: base, count: count) }

  // By value, so that a vector that is a local variable can live in registers.
  private mutating func grow() { self = grown(to: capacity * 2) }

  @inline(never)
  private func grown(to larger: Int) -> Vector {
    var copy = Vector(capacity: larger)
    copy.base.update(from: base, count: count)
    copy.count = count
    base.deallocate()
    return copy
  }
}

extension Vector: Checkpointed {
  func save(to state: inout StateWriter) { state.write(elements) }

  mutating func restore(from state: inout StateReader) throws(StateEndsEarly) {
    let saved: [Element] = try state.readArray()
    reserve(saved.count)
    saved.withUnsafeBufferPointer { saved in
      if let first = saved.baseAddress { base.update(from: first, count: saved.count) }
    }
    count = saved.count
  }
}
