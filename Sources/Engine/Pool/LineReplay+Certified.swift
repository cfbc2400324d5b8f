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

extension LineReplay {
  /// Replays a block by counting, if every arrival in it can be shown to start warm; nothing is done if not.
  ///
  /// Arrivals and the ends of invocations that start warm are counted in buckets of time. Counts alone give the level of
  /// concurrency at each bucket's end, and a bound inside it: what it starts with plus all that arrives. All arrivals
  /// are warm if the environment that the highest level would take is alive at the block's end, because those of lower
  /// levels fell idle later, and if the block is shorter than the keep-alive, because levels below the block's first
  /// are left in the block before they are entered.
  ///
  /// - Returns: how many of the block's first arrivals are warm for certain; all where it was replayed.
  mutating func certify(_ block: Block, _ scratch: inout ReplayScratch, _ worker: Worker) -> Int {
    let before = running
    // The finer, the sharper the bound; it matters less the higher the level.
    let calendar = Calendar(
      upTo: block, wanted: max(1, before < 32 ? block.count / 2 : block.count / (before < 400 ? 4 : 8)))
    let held = count(block, calendar, &scratch)
    // What is reached by taking live environments only, and within the function's limit.
    let safe = min(before + live(at: block.end), model.concurrencyLimit)
    let warm = bound(block, calendar, &scratch, stays: safe)
    guard warm == block.count else { return warm }
    let left = keepRunning(block, calendar, held: held, &scratch)
    let (peak, shift) = settle(block, calendar, before: before, after: left.count, &scratch)
    line.base.advanced(by: border).update(from: scratch.kept.base, count: left.count)
    end = border + left.count
    isSorted = false
    // All that ended was taken again, but for what stands before the border now.
    meter.startedWarm(idleTime: Int128(shift &+ left.later), peak: peak)
    meter.certified(block.count)
    meter.took(block, &scratch, worker)
    return warm
  }

  /// Counts arrivals and ends by bucket. Ends, told since the calendar's start, go to their buckets' chains; those after
  /// the block's end to a chain behind the last.
  ///
  /// - Returns: how long the block's invocations hold their environments in all.
  private func count(_ block: Block, _ calendar: Calendar, _ scratch: inout ReplayScratch) -> Int64 {
    let before = running
    let most = before + block.count
    scratch.levels.reserve(calendar.count + 1)
    scratch.levels.setCount(calendar.count + 1)
    scratch.ends.reserve(most)
    scratch.ends.setCount(most)
    scratch.links.reserve(most)
    scratch.links.setCount(most)
    let levels = scratch.levels.base
    levels.update(repeating: LevelBucket(), count: calendar.count + 1)
    let (start, shift, beyond) = (calendar.start, calendar.shift, Int64(calendar.count))

    var ends = scratch.ends.base
    var links = scratch.links.base
    let running = line.base + border
    for index in 0..<before {
      let end = running[index] &- start
      ends[index] = end
      let its = levels + Int(truncatingIfNeeded: min(max(0, end) &>> shift, beyond))
      links[index] = its.pointee.head
      its.pointee.head = Int32(truncatingIfNeeded: index)
      its.pointee.ended &+= 1
    }
    ends += before
    links += before
    let (arrivals, durations) = (block.arrivals, block.durations)
    var held: Int64 = 0
    for index in 0..<block.count {
      let arrival = arrivals[index] &- start
      let duration = max(1, durations[index])
      held &+= duration
      let end = arrival &+ duration
      levels[Int(truncatingIfNeeded: arrival &>> shift)].arrivalsEnd = Int32(truncatingIfNeeded: index &+ 1)
      ends[index] = end
      let its = levels + Int(truncatingIfNeeded: min(end &>> shift, beyond))
      links[index] = its.pointee.head
      its.pointee.head = Int32(truncatingIfNeeded: before &+ index)
      its.pointee.ended &+= 1
    }
    return held
  }

  /// How many of the environments that serve next are alive until `end`: those after the last that is not.
  private func live(at end: Int64) -> Int {
    var low = waitingFrom
    var high = border
    while low < high {
      let middle = (low + high) / 2
      if line[middle] + keepAlive > end { high = middle } else { low = middle + 1 }
    }
    return border - low
  }

  /// Fills the buckets' bounds, and tells how many arrivals come before the level passes `safe`. Where only its bound
  /// does, the bucket is looked into.
  private func bound(_ block: Block, _ calendar: Calendar, _ scratch: inout ReplayScratch, stays safe: Int) -> Int {
    let levels = scratch.levels.base
    var level = Int32(truncatingIfNeeded: running)
    var bound = level
    var arrived: Int32 = 0
    let safe = Int32(clamping: safe)
    for bucket in 0..<calendar.count {
      let end = max(arrived, levels[bucket].arrivalsEnd)
      levels[bucket].arrivalsEnd = end
      var highest = level &+ end &- arrived
      if highest > safe {
        scratch.gatherEnds(bucket)
        var now = level
        highest = level
        var left = scratch.sortedEnds.count
        for place in Int(arrived)..<Int(end) {
          let time = block.arrivals[place] - calendar.start
          while left > 0, scratch.sortedEnds[left - 1] <= time {
            left -= 1
            now -= 1
          }
          now += 1
          highest = max(highest, now)
          if highest > safe { return place }
        }
      }
      level &+= end &- arrived &- levels[bucket].ended
      arrived = end
      bound = max(bound, highest)
      levels[bucket].bound = bound
    }
    return block.count
  }

  /// Gathers what runs on in `kept`, and for meters that ask what ended in `finished`.
  ///
  /// - Returns: how many run on, and how much later they end in all than those that ran before would have: the block's
  ///   arrivals and what they take are told from it.
  private func keepRunning(
    _ block: Block, _ calendar: Calendar, held: Int64, _ scratch: inout ReplayScratch
  ) -> (count: Int, later: Int64) {
    scratch.beginBlock()
    let (start, beyond) = (calendar.start, scratch.levels.base[calendar.count])
    let count = Int(beyond.ended)
    scratch.kept.reserve(count)
    let (kept, ends, links) = (scratch.kept.base, scratch.ends.base, scratch.links.base)
    var later = 0 &- held
    var link = beyond.head
    for place in 0..<count {
      let end = ends[Int(link)]
      link = links[Int(link)]
      kept[place] = end &+ start
      later &+= end
    }
    for place in 0..<running { later &-= ends[place] }
    guard Meter.needsEnds else { return (count, later) }
    let last = block.end - start
    scratch.finished.reserve(scratch.ends.count + 1)
    let finished = scratch.finished.base
    var finishedCount = 0
    for end in scratch.ends.elements {
      finished[finishedCount] = end &+ start
      finishedCount &+= end <= last ? 1 : 0
    }
    scratch.finished.setCount(finishedCount)
    return (count, later)
  }

  /// Walks backwards through a certified block and puts each level's last end in its place before the border.
  ///
  /// Only buckets whose bound passes the levels settled so far are looked into; the walk ends where no earlier one's does.
  ///
  /// - Returns: the highest level that the block reached, and by how much the waiting environments' moments rose in all.
  private mutating func settle(
    _ block: Block, _ calendar: Calendar, before: Int, after: Int, _ scratch: inout ReplayScratch
  ) -> (peak: Int, shift: Int64) {
    let start = calendar.start
    let levels = scratch.levels.base
    // The environment of level n stands at `origin - n`.
    let origin = border + before - 1
    let base = line.base
    var top = after
    var level = after
    var shift: Int64 = 0
    // Environments that the block took and did not give back.
    for level in before..<max(before, after) { shift &-= base[origin - level] &- start }
    var bucket = calendar.count
    while bucket > 0, top < Int(levels[bucket - 1].bound) {
      bucket -= 1
      let first = bucket == 0 ? 0 : Int(levels[bucket - 1].arrivalsEnd)
      let last = Int(levels[bucket].arrivalsEnd)
      let levelBefore = level - (last - first) + Int(levels[bucket].ended)
      guard levelBefore + (last - first) > top else {
        level = levelBefore
        continue
      }
      scratch.gatherEnds(bucket)
      var arrival = last
      for time in scratch.sortedEnds.elements {
        // Ends come before arrivals at the same moment, so that on the way back arrivals come first.
        while arrival > first, block.arrivals[arrival - 1] &- start >= time {
          arrival -= 1
          level -= 1
        }
        if level == top {
          let place = origin - level
          if level >= before { shift &-= base[place] &- start }
          shift &+= time
          base[place] = time &+ start
          top += 1
        }
        level += 1
      }
      level = levelBefore
    }
    border += before - after
    // The level that the block began with may be its highest.
    return (max(top, before), shift)
  }
}
