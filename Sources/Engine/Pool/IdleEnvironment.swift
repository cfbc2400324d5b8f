/// An execution environment that waits for its next invocation. Times in ns since the trace's start.
struct IdleEnvironment: Hashable, BitwiseCopyable {
  /// When it became idle.
  var since: Int64
  /// The first moment at which it can no longer serve: end of keep-alive or of its lifetime.
  var expires: Int64
  /// When its maximum lifetime ends.
  var lifetimeEnd: Int64
  /// Counts the function's environments in order of creation.
  var serial: UInt32
}

extension IdleEnvironment: Comparable {
  /// Older ones first.
  static func < (a: IdleEnvironment, b: IdleEnvironment) -> Bool { a.serial < b.serial }
}
