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

  /// Changes durations as measured to those at the function's memory, by the arrivals of their invocations; ns.
  ///
  /// An invocation's place in the period follows from its arrival, so that it is the same in every run.
  public func law()
    -> @Sendable (
      _ durations: UnsafeMutableBufferPointer<Int64>, _ arrivals: UnsafeBufferPointer<Int64>
    ) -> Void
  {
    let (measured, new) = (QuotaTable.of(quota, share: measuredShare), QuotaTable.of(quota, share: share))
    let (fixedShare, workFactor, factor) = (fixedShare, workFactor, factor)
    return { durations, arrivals in
      measured.withLookUp { measured in
        new.withLookUp { new in
          for index in durations.indices {
            let seconds = Double(durations[index]) * 1e-9
            let work = measured.work(lasting: seconds * (1 - fixedShare)) * workFactor
            let wall = (seconds * fixedShare + new.wallTime(of: work, arrival: arrivals[index])) * factor * 1e9
            durations[index] = wall < Double(Int64.max) / 4 ? Int64(wall + 0.5) : Int64.max / 4
          }
        }
      }
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

  func withLookUp(_ body: (LookUp) -> Void) {
    wallTimes.withUnsafeBufferPointer { wallTimes in
      works.withUnsafeBufferPointer { works in
        body(LookUp(share: share, longestMean: longestMean, wallTimes: wallTimes, works: works))
      }
    }
  }

  /// The table at hand, for many look-ups.
  struct LookUp {
    let share: Double
    let longestMean: Double
    let wallTimes: UnsafeBufferPointer<Float>
    let works: UnsafeBufferPointer<Double>

    /// Seconds that `work` takes when it begins at `arrival`.
    @inline(__always)
    func wallTime(of work: Double, arrival: Int64) -> Double {
      guard share < 1 else { return work }
      // Fibonacci hashing: whole seconds are spread over the places, too.
      let place = Int(truncatingIfNeeded: (UInt64(bitPattern: arrival) &* 0x9E37_79B9_7F4A_7C15) >> 59)
      guard work < QuotaTable.longest else {
        return Double(wallTimes[QuotaTable.rows * QuotaTable.places + place]) + (work - QuotaTable.longest) / share
      }
      let row = work * QuotaTable.rowsPerSecond
      let below = Int(row)
      let above = row - Double(below)
      let index = below * QuotaTable.places + place
      return Double(wallTimes[index]) * (1 - above) + Double(wallTimes[index + QuotaTable.places]) * above
    }

    /// The work that on average takes so many seconds.
    @inline(__always)
    func work(lasting wall: Double) -> Double {
      guard share < 1 else { return wall }
      guard wall < longestMean else { return QuotaTable.longest + (wall - longestMean) * share }
      let row = wall * QuotaTable.rowsPerSecond
      let below = Int(row)
      let above = row - Double(below)
      return works[below] * (1 - above) + works[below + 1] * above
    }
  }
}
