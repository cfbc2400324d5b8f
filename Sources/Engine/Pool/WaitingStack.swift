/// An idle environment under most-recently-used reuse. Times in ns since the trace's start.
struct WaitingEnvironment: BitwiseCopyable {
  /// When it became idle.
  var since: Int64
  /// When its maximum lifetime ends; Int64.max for never.
  var lifetimeEnd: Int64
}

/// Idle environments of a function among very many, the next to serve last; that one lies in the value itself, so that a
/// function with few touches no other memory.
///
/// Its owner calls `deallocate()` when it goes away.
struct WaitingStack: BitwiseCopyable {
  private var top = WaitingEnvironment(since: 0, lifetimeEnd: 0)
  /// Those under the top.
  private var lower: UnsafeMutablePointer<WaitingEnvironment>?
  private var capacity: Int32 = 0
  private var count: Int32 = 0

  func deallocate() { lower?.deallocate() }

  var last: WaitingEnvironment? { count > 0 ? top : nil }

  @inline(__always)
  mutating func append(_ environment: WaitingEnvironment) {
    if count > 0 {
      if count > capacity { grow() }
      // SAFETY: there is room for `capacity` under the top, and there are `count` - 1.
      lower?[Int(count) - 1] = top
    }
    top = environment
    count &+= 1
  }

  /// Removes the last, which is there.
  @inline(__always)
  mutating func removeLast() {
    count &-= 1
    if count > 0, let lower { top = lower[Int(count) - 1] }
  }

  @inline(never)
  private mutating func grow() {
    let larger = max(4, 2 * Int(capacity))
    let copy = UnsafeMutablePointer<WaitingEnvironment>.allocate(capacity: larger)
    if let lower {
      copy.update(from: lower, count: Int(capacity))
      lower.deallocate()
    }
    lower = copy
    capacity = Int32(larger)
  }

  func save(to state: inout StateWriter) {
    state.write(count)
    var rest = self
    while let environment = rest.last {
      state.write(environment)
      rest.removeLast()
    }
  }

  mutating func restore(from state: inout StateReader) throws(StateEndsEarly) {
    count = 0
    let saved: Int32 = try state.read()
    var environments: [WaitingEnvironment] = []
    for _ in 0..<max(0, saved) { environments.append(try state.read()) }
    for environment in environments.reversed() { append(environment) }
  }
}

/// A running invocation of one function and the environment that it holds.
struct Ending: Event, BitwiseCopyable {
  var time: Int64
  /// When the environment's maximum lifetime ends.
  var lifetimeEnd: Int64

  /// Simultaneous ends come in the order of the environments' creation: under one constant lifetime that is the order
  /// in which they grow too old, and environments created together can't be told apart.
  @inline(__always)
  static func < (a: Ending, b: Ending) -> Bool {
    a.time != b.time ? a.time < b.time : a.lifetimeEnd < b.lifetimeEnd
  }
}
