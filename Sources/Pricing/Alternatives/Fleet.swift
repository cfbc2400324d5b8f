import Engine
import Units

/// Machines that follow the concurrency curve: tasks, instances, whatever serves many requests at once.
///
/// Each minute wants machines for its peak of concurrency plus head-room. A machine that is wanted is there after the
/// scaling lag; one that is no longer wanted goes after the cool-down. Where the peak passes what is there, requests wait
/// or fail: such minutes are counted, not priced.
struct Fleet {
  /// vCPU/1000 of a machine that serve requests.
  var processors: Int
  /// MB of a machine that serve requests.
  var memory: Int
  /// Kept at all times.
  var minimum: Int
  /// 0.2 for a fifth more than the peak.
  var headroom = 0.2
  var lag: TimeSpan
  var cooldown = TimeSpan.minutes(15)

  /// What a minute's peak takes of one more request.
  struct Need {
    /// vCPU/1000: the share of a processor that Lambda gives with the memory setting, all of it.
    var processors: Double
    /// MB: the memory setting.
    var memory: Double
  }

  struct Run {
    /// Time that machines stood, all together.
    var machineMilliseconds: Int128 = 0
    var peak = 0
    /// Stretches of the timeline in which the peak passed what was there.
    var shortStretches = 0
  }

  /// Requests that a machine serves at once: what its processors or its memory bear, at least one.
  func requestsAtOnce(_ need: Need) -> Double {
    max(1, min(Double(processors) / max(need.processors, 1e-9), Double(memory) / max(need.memory, 1e-9)))
  }

  /// Machines wanted for a peak.
  func wanted(for peak: Double, _ need: Need) -> Int {
    max(minimum, Int((peak * (1 + headroom) / requestsAtOnce(need)).rounded(.up)))
  }

  /// Follows a timeline up to the horizon.
  func run(_ timeline: Timeline, horizon: Instant, need: Need) -> Run {
    let interval = max(1, timeline.interval.nanoseconds)
    let behind = Int((lag.nanoseconds + interval - 1) / interval)
    let kept = behind + Int((cooldown.nanoseconds + interval - 1) / interval)
    let wanted = timeline.rows.map { self.wanted(for: Double($0.peakConcurrency), need) }
    var run = Run()
    // Rows whose wish may still be the largest, in order; their wishes fall.
    var candidates: [Int] = []
    var first = 0
    for (index, row) in timeline.rows.enumerated() {
      let start = Int64(index) * interval
      guard start < horizon.nanoseconds else { break }
      if index >= behind {
        let joined = index - behind
        while candidates.count > first, wanted[candidates[candidates.count - 1]] <= wanted[joined] {
          candidates.removeLast()
        }
        candidates.append(joined)
      }
      while first < candidates.count, candidates[first] < index - kept { first += 1 }
      // Before anything was seen, what the first stretch wants stands ready.
      let there = first < candidates.count ? wanted[candidates[first]] : max(minimum, wanted[0])
      run.peak = max(run.peak, there)
      run.machineMilliseconds += Int128(there) * Int128(min(interval, horizon.nanoseconds - start)) / 1_000_000
      if Double(row.peakConcurrency) > Double(there) * requestsAtOnce(need) { run.shortStretches += 1 }
    }
    return run
  }
}
