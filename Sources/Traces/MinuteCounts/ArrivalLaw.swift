/// Where invocations lie inside a minute of which only their number is known.
///
/// All give whole nanoseconds in the minute, in ascending order, and all but `poisson` give exactly the recorded number.
public enum ArrivalLaw: String, CaseIterable, Sendable {
  /// As n points thrown at random: what a Poisson process looks like in a minute known to hold n arrivals.
  case uniform
  /// n exponential gaps stretched to fill the minute, the first invocation on the minute's very start, as vHive's
  /// trace loader (invitro) does by default.
  ///
  /// Exponential gaps with a common stretch are the gaps of random points, so the other n - 1 invocations lie exactly
  /// as `uniform` would throw them. The difference is the first: functions strike together as each minute begins.
  case exponential
  /// Evenly: the i-th, counted from zero, at i/n of the minute. The first falls on the minute's start in all functions.
  case equidistant
  /// Evenly, but each function has a phase of its own, drawn once: the i-th at (i + phase)/n.
  case equidistantShifted = "equidistant-shifted"
  /// The number itself is drawn anew, from a Poisson law with the recorded number as its mean; then as `uniform`.
  case poisson
}
