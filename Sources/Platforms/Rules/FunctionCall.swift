public import Statistics

/// A step of a function's work: after its own, it invokes another function.
///
/// Steps come one after the other. A synchronous one is waited for, while the environment stays busy and is billed; when
/// it fails after all attempts of the callee's `caller` policy, so does the function that made it. Asynchronous ones go
/// to Lambda's queue and are not waited for.
public struct FunctionCall: Hashable, Sendable {
  public var function: String
  public var isAsynchronous: Bool
  /// Of each of the `count` calls, 0 to 1.
  public var probability: Double
  /// Calls made at once.
  public var count: Int
  /// What the called function itself takes, s.
  public var duration: Distribution

  public init(
    function: String, isAsynchronous: Bool = false, probability: Double = 1, count: Int = 1, duration: Distribution
  ) {
    self.function = function
    self.isAsynchronous = isAsynchronous
    self.probability = probability
    self.count = count
    self.duration = duration
  }
}
