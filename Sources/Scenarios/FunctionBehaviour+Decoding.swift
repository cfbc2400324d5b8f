import Diagnostics
import Foundation
import Platforms
import Units

enum FailuresKey: String, EntryKey {
  case errors
  case crashes
  case outOfMemory = "out-of-memory"
}

enum DeploymentKey: String, EntryKey {
  case at
  case shift
}

enum ShiftKey: String, EntryKey {
  case canary
  case linear
  case after
  case every
}

enum ProvisioningKey: String, EntryKey {
  case schedule
  case tracking
  case version
  case allocationDelay = "allocation-delay"
  case allocationPerMinute = "allocation-per-minute"
}

enum ScheduledActionKey: String, EntryKey {
  case at
  case every
  case cron
  case timeZone = "time-zone"
  case level
  case minimum
  case maximum
}

enum TrackingKey: String, EntryKey {
  case target
  case minimum
  case maximum
  case statistic
  case pointsOut = "points-out"
  case pointsIn = "points-in"
  case cooldownOut = "cooldown-out"
  case cooldownIn = "cooldown-in"
  case largestFall = "largest-fall"
}

extension Entry {
  private static let counts = 0...Int(Int32.max)

  /// A share of 0 to 1.
  func share(_ what: String) throws(InputFault) -> Double {
    let value = try number(what)
    guard value <= 1 else { throw fault(expected: "\(what), a share from 0 to 1") }
    return value
  }

  func failureRates() throws(InputFault) -> FailureRates {
    let fields = try Fields<FailuresKey>(self, "shares of invocations, as in {errors: 0.01, crashes: 0.001}")
    let rates = FailureRates(
      errors: try fields[.errors]?.share("errors") ?? 0, crashes: try fields[.crashes]?.share("crashes") ?? 0,
      outOfMemory: try fields[.outOfMemory]?.share("out of memory") ?? 0)
    guard rates.errors + rates.crashes + rates.outOfMemory <= 1 else {
      throw fault("shares that add up to more than 1", expected: "shares of all invocations")
    }
    return rates
  }

  // MARK: Deployments

  /// Times, or mappings with `at:` and `shift:`; in order of time.
  func deployments() throws(InputFault) -> [Deployment] {
    let form = "a list of times since the trace's start: [6h, {at: 12h, shift: canary-10-percent-5-minutes}]"
    var deployments: [Deployment] = []
    for entry in try list(form) {
      let deployment = try entry.deployment(form)
      if let before = deployments.last, deployment.at <= before.at {
        throw entry.fault("a deployment at \(deployment.at) after one at \(before.at)", expected: "times that rise")
      }
      deployments.append(deployment)
    }
    return deployments
  }

  private func deployment(_ form: String) throws(InputFault) -> Deployment {
    guard isMapping else { return Deployment(at: try duration("a time since the trace's start")) }
    let fields = try Fields<DeploymentKey>(self, form)
    return Deployment(
      at: try fields.require(.at, "a time since the trace's start").duration("a time since the trace's start"),
      shift: try fields[.shift]?.trafficShift() ?? .allAtOnce)
  }

  private func trafficShift() throws(InputFault) -> TrafficShift {
    let names = TrafficShift.codeDeploy.map(\.name)
    let form = "one of \(names.joined(separator: ", ")), {canary: 0.1, after: 5m} or {linear: 0.1, every: 1m}"
    guard isMapping else {
      guard let shift = TrafficShift.codeDeploy.first(where: { isWord($0.name) })?.shift else {
        throw fault(expected: form, advice: text.flatMap { didYouMean($0, among: names) })
      }
      return shift
    }
    let fields = try Fields<ShiftKey>(self, form)
    switch (fields[.canary], fields[.after], fields[.linear], fields[.every]) {
    case (let share?, let after?, nil, nil):
      return .canary(share: try share.share("a share of requests"), after: try after.duration("a time"))
    case (nil, nil, let share?, let every?):
      let step = try share.share("a share of requests")
      guard step > 0 else { throw share.fault(expected: "a share above 0") }
      return .linear(share: step, every: try every.positiveDuration("a time"))
    default: throw fault(expected: form)
    }
  }

  // MARK: Provisioned concurrency

  /// `provisioning`, of a function with so many deployments.
  func provisioning(deployments: Int) throws(InputFault) -> Provisioning {
    let fields = try Fields<ProvisioningKey>(self, "a mapping with schedule: or tracking:")
    guard fields[.schedule] != nil || fields[.tracking] != nil || fields[.version] != nil else {
      throw fault("neither schedule nor tracking", expected: "one of them, or both")
    }
    var provisioning = Provisioning(tracking: try fields[.tracking]?.targetTracking())
    if let schedule = fields[.schedule] {
      for entry in try schedule.list("a list of actions: [{at: 8h, level: 50}, {cron: \"0 18 * * *\", level: 5}]") {
        provisioning.schedule.append(try entry.scheduledAction())
      }
    }
    provisioning.version = try fields[.version]?.integer(in: 0...deployments, "a version, 0 for the first")
    if let entry = fields[.allocationDelay] { provisioning.allocationDelay = try entry.distribution() }
    if let entry = fields[.allocationPerMinute] {
      provisioning.allocationPerMinute = try entry.integer(in: 1...Int(Int32.max), "environments a minute")
    }
    return provisioning
  }

  private func scheduledAction() throws(InputFault) -> ScheduledAction {
    let form = "an action such as {cron: \"0 8 * * MON-FRI\", time-zone: Europe/Berlin, level: 50}"
    let fields = try Fields<ScheduledActionKey>(self, form)
    let zone = try fields[.timeZone]?.timeZone()
    let moments: ScheduledAction.Moments
    switch (fields[.at], fields[.every], fields[.cron]) {
    case (let at?, nil, nil): moments = .at(try at.duration("a time since the trace's start"))
    case (nil, let every?, nil):
      let period = try every.duration("a period")
      guard period >= .minutes(1) else { throw every.fault(expected: "a period of a minute or more") }
      moments = .repeating(.every(period), timeZone: nil)
    case (nil, nil, let cron?): moments = .repeating(.cron(try cron.cronSchedule()), timeZone: zone)
    default: throw fault(expected: "exactly one of at, every, cron")
    }
    if let entry = fields[.timeZone], fields[.cron] == nil {
      throw entry.fault("a time zone without cron", expected: "a time zone for cron only")
    }
    switch (fields[.level], fields[.minimum], fields[.maximum]) {
    case (let level?, nil, nil):
      let level = try level.integer(in: Self.counts, "a concurrency")
      return ScheduledAction(moments, minimum: level, maximum: level)
    case (nil, let low?, let high?):
      let (low, high) = try Self.bounds(low, high)
      return ScheduledAction(moments, minimum: low, maximum: high)
    default: throw fault(expected: "level, or minimum and maximum")
    }
  }

  private static func bounds(_ low: Entry, _ high: Entry) throws(InputFault) -> (Int, Int) {
    let minimum = try low.integer(in: counts, "a concurrency")
    let maximum = try high.integer(in: counts, "a concurrency")
    guard minimum <= maximum else { throw high.fault(expected: "at least the minimum, \(minimum)") }
    return (minimum, maximum)
  }

  private func cronSchedule() throws(InputFault) -> CronSchedule {
    do {
      return try CronSchedule(parsing: string("five fields of cron, or cron(…) with six"))
    } catch {
      throw InputFault(at: place, found: error.found, expected: error.expected, advice: error.advice)
    }
  }

  private func timeZone() throws(InputFault) -> String {
    let name = try string("a time zone such as Europe/Berlin")
    guard TimeZone(identifier: name) != nil else {
      throw fault(expected: "a time zone such as Europe/Berlin", advice: "names are those of the tz database")
    }
    return name
  }

  private func targetTracking() throws(InputFault) -> TargetTracking {
    let fields = try Fields<TrackingKey>(self, "target tracking such as {target: 0.7, minimum: 1, maximum: 100}")
    let target = try fields.require(.target, "a utilisation from 0.1 to 0.9").share("a utilisation")
    guard (0.1...0.9).contains(target) else {
      throw try fields.require(.target).fault(expected: "a utilisation from 0.1 to 0.9")
    }
    let (minimum, maximum) = try Self.bounds(
      fields.require(.minimum, "the lowest level"), fields.require(.maximum, "the highest level"))
    var tracking = TargetTracking(target: target, minimum: minimum, maximum: maximum)
    let points = 1...1440
    if let entry = fields[.statistic] { tracking.statistic = try entry.choice("a statistic") }
    if let entry = fields[.pointsOut] { tracking.pointsOut = try entry.integer(in: points, "data points") }
    if let entry = fields[.pointsIn] { tracking.pointsIn = try entry.integer(in: points, "data points") }
    if let entry = fields[.cooldownOut] { tracking.cooldownOut = try entry.duration("a cool-down") }
    if let entry = fields[.cooldownIn] { tracking.cooldownIn = try entry.duration("a cool-down") }
    if let entry = fields[.largestFall] { tracking.largestFall = try entry.share("a share of the level") }
    return tracking
  }
}
