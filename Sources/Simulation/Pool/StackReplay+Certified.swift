/// What is counted of a stretch of a block's time.
struct LevelBucket: BitwiseCopyable {
  /// Where the arrivals of the bucket end in the block; zero while it has none.
  var arrivalsEnd: Int32 = 0
  /// The invocations that end in it: how many, and the first of their chain.
  var ended: Int32 = 0
  var head: Int32 = -1
  /// The largest level that this bucket or an earlier one may reach.
  var bound: Int32 = 0
}

extension StackReplay {
  /// Replays a block by counting, if every arrival in it can be shown to start warm; false, and nothing done, if not.
  ///
  /// Arrivals and the ends of invocations that start warm are counted in buckets of time. Counts alone give the level of
  /// concurrency at each bucket's end, and a bound inside it: what it starts with plus all that arrives. All arrivals
  /// are warm if the environment that the highest level would take is alive at the block's end, because those of lower
  /// levels fell idle later, and if the block is shorter than the keep-alive, because levels below the block's first
  /// are left in the block before they are entered.
  mutating func certify(
    _ block: Block, after position: Int64, _ scratch: inout ReplayScratch, _ worker: Worker
  ) -> Bool {
    guard block.end - position < keepAlive else { return false }
    // The finer, the sharper the bound; it matters less the higher the level.
    let calendar = Calendar(block, wanted: max(1, busy < 64 ? block.count : block.count / 4))
    scratch.beginBlock()
    count(block, calendar, &scratch)
    // What is reached by taking live environments only, and within the function's limit.
    let safe = min(busy + live(at: block.end), model.concurrencyLimit)
    guard bound(block, calendar.count, &scratch, stays: safe) else { return false }
    let before = busy
    busy += block.count - scratch.finished.count
    let (peak, shift) = settle(block, calendar.count, before: before, &scratch)
    var idle = shift
    for index in 0..<block.count { idle &+= block.arrivals[index] &- block.start }
    for end in scratch.finished.elements { idle &-= end &- block.start }
    running.copy(scratch.kept)
    meter.startedWarm(idleTime: Int128(idle), peak: peak)
    meter.certified(block.count)
    meter.took(block, &scratch, worker)
    return true
  }

  /// Counts arrivals and ends by bucket. Ends in the block go to `finished` and their buckets' chains, later ones to
  /// `kept`.
  private func count(_ block: Block, _ calendar: Calendar, _ scratch: inout ReplayScratch) {
    let most = running.count + block.count
    scratch.levels.reserve(calendar.count)
    scratch.levels.setCount(calendar.count)
    scratch.finished.reserve(most + 1)
    scratch.links.reserve(most + 1)
    scratch.kept.reserve(most + 1)
    let levels = scratch.levels.base
    let finished = scratch.finished.base
    let links = scratch.links.base
    let kept = scratch.kept.base
    levels.update(repeating: LevelBucket(), count: calendar.count)

    let end = block.end
    var endings = 0
    var left = 0
    // Both places are written and one of the counts moves on: which is no more than a guess for the processor.
    for ending in running.elements {
      kept[left] = ending
      finished[endings] = ending.time
      guard ending.time <= end else {
        left &+= 1
        continue
      }
      let bucket = calendar.clampedBucket(ending.time)
      links[endings] = levels[bucket].head
      levels[bucket].head = Int32(truncatingIfNeeded: endings)
      levels[bucket].ended &+= 1
      endings &+= 1
    }
    for index in 0..<block.count {
      let arrival = block.arrivals[index]
      levels[calendar.bucket(arrival)].arrivalsEnd = Int32(truncatingIfNeeded: index &+ 1)
      let time = arrival &+ max(1, block.durations[index])
      kept[left] = Ending(time: time, lifetimeEnd: .max)
      finished[endings] = time
      guard time <= end else {
        left &+= 1
        continue
      }
      let bucket = calendar.bucket(time)
      links[endings] = levels[bucket].head
      levels[bucket].head = Int32(truncatingIfNeeded: endings)
      levels[bucket].ended &+= 1
      endings &+= 1
    }
    scratch.finished.setCount(endings)
    scratch.kept.setCount(left)
  }

  /// How many of the environments that serve next are alive until `end`: those above the first that is not.
  private func live(at end: Int64) -> Int {
    var low = 0
    var high = waiting.count
    while low < high {
      let middle = (low + high) / 2
      if waiting[middle].since + keepAlive > end { high = middle } else { low = middle + 1 }
    }
    return waiting.count - low
  }

  /// Fills the buckets' bounds; false when the level comes above `safe`. Where only its bound does, the bucket is looked
  /// into.
  private func bound(_ block: Block, _ buckets: Int, _ scratch: inout ReplayScratch, stays safe: Int) -> Bool {
    let levels = scratch.levels.base
    var level = Int32(truncatingIfNeeded: busy)
    var bound = level
    var arrived: Int32 = 0
    let safe = Int32(clamping: safe)
    for bucket in 0..<buckets {
      let end = max(arrived, levels[bucket].arrivalsEnd)
      levels[bucket].arrivalsEnd = end
      var highest = level &+ end &- arrived
      if highest > safe {
        scratch.gatherEnds(bucket)
        highest = Self.peak(from: level, block.arrivals[Int(arrived)..<Int(end)], scratch.sortedEnds.elements)
        guard highest <= safe else { return false }
      }
      level &+= end &- arrived &- levels[bucket].ended
      arrived = end
      bound = max(bound, highest)
      levels[bucket].bound = bound
    }
    return true
  }

  /// The highest level while some invocations arrive and others end, whose ends descend.
  private static func peak(
    from start: Int32, _ arrivals: Slice<UnsafeBufferPointer<Int64>>, _ ends: UnsafeBufferPointer<Int64>
  ) -> Int32 {
    var level = start
    var peak = start
    var left = ends.count
    for arrival in arrivals {
      while left > 0, ends[left - 1] <= arrival {
        left -= 1
        level -= 1
      }
      level += 1
      peak = max(peak, level)
    }
    return peak
  }

  /// Walks backwards through a certified block and puts each level's last end in its place in the stack.
  ///
  /// Only buckets whose bound passes the levels settled so far are looked into; the walk ends where no earlier one's does.
  ///
  /// - Returns: the highest level that the block reached, and by how much the idle environments' `since` rose in all.
  private mutating func settle(
    _ block: Block, _ buckets: Int, before: Int, _ scratch: inout ReplayScratch
  ) -> (peak: Int, shift: Int64) {
    let levels = scratch.levels.base
    let total = before + waiting.count
    let after = busy
    waiting.reserve(total)
    waiting.setCount(max(waiting.count, total - after))
    let stack = waiting.base
    var top = after
    var level = after
    var shift: Int64 = 0
    // Environments that the block took and did not give back.
    for level in before..<max(before, after) { shift &-= stack[total - 1 - level].since &- block.start }
    var bucket = buckets
    while bucket > 0, top < Int(levels[bucket - 1].bound) {
      bucket -= 1
      let first = bucket == 0 ? 0 : Int(levels[bucket - 1].arrivalsEnd)
      let last = Int(levels[bucket].arrivalsEnd)
      let start = level - (last - first) + Int(levels[bucket].ended)
      guard start + (last - first) > top else {
        level = start
        continue
      }
      scratch.gatherEnds(bucket)
      var arrival = last
      for time in scratch.sortedEnds.elements {
        // Ends come before arrivals at the same moment, so that on the way back arrivals come first.
        while arrival > first, block.arrivals[arrival - 1] >= time {
          arrival -= 1
          level -= 1
        }
        if level == top {
          let place = total - 1 - level
          if level >= before { shift &-= stack[place].since &- block.start }
          shift &+= time &- block.start
          stack[place] = WaitingEnvironment(since: time, lifetimeEnd: .max)
          top += 1
        }
        level += 1
      }
      level = start
    }
    // The level that the block began with may be its highest.
    waiting.setCount(total - after)
    return (max(top, before), shift)
  }
}
