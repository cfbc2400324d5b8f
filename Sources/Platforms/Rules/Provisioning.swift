public import Statistics
public import Units

/// Provisioned concurrency that changes: by schedule, by its own use, or both (Application Auto Scaling).
///
/// The level at the start is the function's `provisionedConcurrency`, initialised before the trace begins.
public struct Provisioning: Hashable, Sendable {
  public var schedule: [ScheduledAction]
  public var tracking: TargetTracking?
  /// From the request for more environments until Lambda begins to make them, s. AWS: "a minute or two"
  /// (docs.aws.amazon.com/lambda/latest/dg/provisioned-concurrency.html, read 2026-11).
  public var allocationDelay: Distribution
  /// Environments made a minute, per function (same page). None serves before all of a request are ready.
  public var allocationPerMinute: Int
  /// The one version that the environments belong to, by its deployment, 0 for the one before the first; nil where they
  /// are configured on the alias and serve whichever version it chooses. Provisioned concurrency is configured on a version
  /// or an alias (docs.aws.amazon.com/lambda/latest/dg/provisioned-concurrency.html, read 2026-11), and a request that an
  /// alias's weights send to another version finds no environment of it.
  public var version: Int?

  public init(
    schedule: [ScheduledAction] = [], tracking: TargetTracking? = nil,
    allocationDelay: Distribution = .uniform(lower: 60, upper: 120), allocationPerMinute: Int = 6000
  ) {
    self.schedule = schedule
    self.tracking = tracking
    self.allocationDelay = allocationDelay
    self.allocationPerMinute = allocationPerMinute
  }
}

/// New bounds for the level at given times; the level moves into them at once.
public struct ScheduledAction: Hashable, Sendable {
  public enum Moments: Hashable, Sendable {
    /// Once, so long after the trace's start.
    case at(TimeSpan)
    /// Again and again; cron in `timeZone`, UTC when nil.
    case repeating(Schedule, timeZone: String?)
  }

  public var moments: Moments
  public var minimum: Int
  public var maximum: Int

  public init(_ moments: Moments, minimum: Int, maximum: Int) {
    self.moments = moments
    self.minimum = minimum
    self.maximum = maximum
  }
}

/// Target tracking on `ProvisionedConcurrencyUtilization`: two alarms on one-minute data points, one above the target and
/// one below 0.9 times the target
/// (docs.aws.amazon.com/lambda/latest/dg/provisioned-concurrency.html and
/// docs.aws.amazon.com/autoscaling/application/userguide/application-auto-scaling-target-tracking.html, read 2026-11).
///
/// A minute without invocations has no data point: the alarms then do nothing, and the level stays.
public struct TargetTracking: Hashable, Sendable {
  public enum Statistic: String, CaseIterable, Hashable, Sendable {
    case average
    case maximum
  }

  /// Share of provisioned environments in use, 0.1 to 0.9.
  public var target: Double
  public var minimum: Int
  public var maximum: Int
  /// How the minute's samples, one for each invocation, become its data point.
  public var statistic = Statistic.average
  /// Data points in a row above the target before the level rises.
  public var pointsOut = 3
  /// Data points in a row below 0.9 times the target before the level falls. Lambda's guide says three for both alarms;
  /// alarms of target tracking elsewhere take 15 to scale in.
  public var pointsIn = 3
  /// No second rise, or fall, within this time. Zero for Lambda, where Application Auto Scaling waits 300 s elsewhere
  /// (its CDK reference, read 2026-11).
  public var cooldownOut = TimeSpan.zero
  public var cooldownIn = TimeSpan.zero
  /// A fall takes at most this share of the level, and at least one environment. AWS says "gradually" and gives no number.
  public var largestFall = 0.1

  public init(target: Double, minimum: Int, maximum: Int) {
    self.target = target
    self.minimum = minimum
    self.maximum = maximum
  }

  /// The low alarm's threshold as a share of the target.
  public static let lowShare = 0.9
}
