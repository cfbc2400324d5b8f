/// A growable vector of plain values for the replay's inner loop: no reference counts, no uniqueness checks.
///
/// SAFETY: a value is a view of memory that its owner alone uses and frees with `deallocate()` when it goes away; copies
/// must not outlive it. Indices are checked in debug builds. All unsafe memory of the pools lives in this file.
struct Vector<Element: BitwiseCopyable> {
  private var base: UnsafeMutablePointer<Element>
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

  @inline(never)
  private mutating func grow() {
    let larger = UnsafeMutablePointer<Element>.allocate(capacity: capacity * 2)
    larger.update(from: base, count: count)
    base.deallocate()
    base = larger
    capacity *= 2
  }
}
