/// An idle environment under most-recently-used reuse. Times in ns since the trace's start.
struct WaitingEnvironment: BitwiseCopyable {
  /// When it became idle.
  var since: Int64
  /// When its maximum lifetime ends; Int64.max for never.
  var lifetimeEnd: Int64
}

/// A running invocation of one function and the environment that it holds.
struct Ending: Event, BitwiseCopyable {
  var time: Int64
  /// When the environment's maximum lifetime ends; `Ending.provisioned` for one that is provisioned.
  var lifetimeEnd: Int64

  /// Marks provisioned environments, which do not age.
  static let provisioned = Int64.min

  /// Simultaneous ends come in the order of the environments' creation: under one constant lifetime that is the order
  /// in which they grow too old, and environments created together can't be told apart.
  @inline(__always)
  static func < (a: Ending, b: Ending) -> Bool {
    a.time != b.time ? a.time < b.time : a.lifetimeEnd < b.lifetimeEnd
  }
}
