import Synchronization

/// Durations of single invocations under the quota of another size of memory, where they are so short that the quota's
/// periods, ticks and slices show: up to about 200 ms.
///
/// A handler that needs less than a tick is not held up at any size; a longer one stands still for whole periods, as many
/// as its place in the period and between two ticks makes it. On average over many periods the law is that of
/// `MemoryScaling`.
public struct ShortWork: Hashable, Sendable {
  /// Period, tick and slice; the share is that of the memory.
  public var quota: ProcessorQuota
  /// The share of a duration, as measured, that is no processor time.
  public var fixedShare: Double
  /// Shares of a processor at the memory where durations were measured, and at the function's; 1 for one or more.
  public var measuredShare: Double
  public var share: Double
  /// What processor time is multiplied with: another architecture, less memory that is free.
  public var workFactor: Double
  /// What durations are multiplied with besides.
  public var factor: Double

  /// The duration of an invocation at the function's memory by that measured and its arrival, ns.
  ///
  /// Its place in the period follows from the arrival, so that it is the same in every run.
  public func law() -> @Sendable (_ duration: Int64, _ arrival: Int64) -> Int64 {
    let (measured, new) = (QuotaTable.of(quota, share: measuredShare), QuotaTable.of(quota, share: share))
    let (fixedShare, workFactor, factor) = (fixedShare, workFactor, factor)
    return { duration, arrival in
      let seconds = Double(duration) * 1e-9
      let work = measured.work(lasting: seconds * (1 - fixedShare)) * workFactor
      let wall = (seconds * fixedShare + new.wallTime(of: work, arrival: arrival)) * factor * 1e9
      return wall < Double(Int64.max) / 4 ? Int64(wall + 0.5) : Int64.max / 4
    }
  }
}

/// Wall times under a quota by work and place in the period: looked up, because there is one for each invocation.
private struct QuotaTable: Sendable {
  /// Work from here on takes as much longer as its share says: many periods have passed. s
  private static let longest = 0.128
  private static let rowsPerSecond = 4000.0
  private static let rows = 512
  private static let places = 32

  /// Those made so far: functions of one size of memory share one.
  private static let known = Mutex<[ProcessorQuota: QuotaTable]>([:])

  static func of(_ quota: ProcessorQuota, share: Double) -> QuotaTable {
    var quota = quota
    quota.share = min(1, share)
    return known.withLock { known in
      if let table = known[quota] { return table }
      let table = QuotaTable(quota)
      known[quota] = table
      return table
    }
  }

  private let share: Double
  /// Row by row of work, for each place.
  private var wallTimes: [Float] = []
  /// Work by the time that it takes on average over the places.
  private var works: [Double] = []
  /// What `longest` takes on average. s
  private var longestMean = 0.0

  private init(_ quota: ProcessorQuota) {
    share = quota.share
    guard share < 1 else { return }
    var courses = quota.phases(Self.places).map {
      ProcessorQuota.Course(quota, phase: $0.period, tickPhase: $0.tick)
    }
    var before = 0.0
    for row in 0...Self.rows {
      var mean = 0.0
      for place in courses.indices {
        let wall = courses[place].wallTime(of: Double(row) / Self.rowsPerSecond)
        wallTimes.append(Float(wall))
        mean += wall / Double(Self.places)
      }
      while Double(works.count) / Self.rowsPerSecond <= mean {
        let part = mean > before ? (Double(works.count) / Self.rowsPerSecond - before) / (mean - before) : 1
        works.append((Double(row) - 1 + part) / Self.rowsPerSecond)
      }
      before = mean
    }
    longestMean = before
    works.append(Self.longest)
  }

  /// Seconds that `work` takes when it begins at `arrival`.
  func wallTime(of work: Double, arrival: Int64) -> Double {
    guard share < 1 else { return work }
    // Fibonacci hashing: whole seconds are spread over the places, too.
    let place = Int((UInt64(bitPattern: arrival) &* 0x9E37_79B9_7F4A_7C15) >> 59)
    guard work < Self.longest else {
      return Double(wallTimes[Self.rows * Self.places + place]) + (work - Self.longest) / share
    }
    let row = work * Self.rowsPerSecond
    let below = Int(row)
    let above = row - Double(below)
    let index = below * Self.places + place
    return Double(wallTimes[index]) * (1 - above) + Double(wallTimes[index + Self.places]) * above
  }

  /// The work that on average takes so many seconds.
  func work(lasting wall: Double) -> Double {
    guard share < 1 else { return wall }
    guard wall < longestMean else { return Self.longest + (wall - longestMean) * share }
    let row = wall * Self.rowsPerSecond
    let below = Int(row)
    let above = row - Double(below)
    return works[below] * (1 - above) + works[below + 1] * above
  }
}
