public import Units

/// Where a timer's ticks lie.
public enum TimerOffset: Hashable, Sendable {
  /// So long after the schedule's moments.
  case fixed(TimeSpan)
  /// The same random wait for all ticks, uniform over a period (for cron: over a minute).
  case random
}
