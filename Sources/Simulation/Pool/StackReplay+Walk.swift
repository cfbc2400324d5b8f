extension StackReplay {
  /// Replays a block event by event.
  ///
  /// Ends of invocations are kept in a calendar queue (R. Brown, "Calendar queues", CACM 31(10), 1988) whose buckets
  /// are as wide as a few arrivals of this very block, so that each holds a few ends; they are put in order when their
  /// bucket's time has come.
  mutating func walk(_ block: Block, _ scratch: inout ReplayScratch, _ worker: Worker) {
    let calendar = Calendar(block, wanted: max(1, block.count / 4))
    scratch.openCalendar(calendar.count)
    takeRunning(until: block.end, calendar, &scratch)

    scratch.finished.removeAll()
    scratch.provisionedFinished.removeAll()
    scratch.cold.removeAll()
    scratch.provisioned.removeAll()
    scratch.throttled.removeAll()
    var index = 0
    for bucket in 0..<calendar.count {
      scratch.gather(bucket)
      while index < block.count, calendar.bucket(block.arrivals[index]) == bucket {
        let time = block.arrivals[index]
        finish(by: time, &scratch, worker)
        if let ending = arrive(at: time, block, index, &scratch, worker) {
          if ending.time > block.end {
            running.append(ending)
          } else {
            scratch.put(ending, in: calendar.bucket(ending.time), at: bucket)
          }
        }
        index += 1
      }
      finish(by: .max, &scratch, worker)
    }
    meter.took(block, &scratch, worker)
  }

  /// Moves what ends in the block from the running invocations to the calendar.
  private mutating func takeRunning(until end: Int64, _ calendar: Calendar, _ scratch: inout ReplayScratch) {
    let endings = running.base
    var kept = 0
    for index in 0..<running.count {
      let ending = endings[index]
      if ending.time > end {
        endings[kept] = ending
        kept += 1
      } else {
        scratch.put(ending, in: calendar.clampedBucket(ending.time), at: -1)
      }
    }
    running.setCount(kept)
  }

  /// Finishes all of the bucket at hand that end by `time`.
  @inline(__always)
  private mutating func finish(by time: Int64, _ scratch: inout ReplayScratch, _ worker: Worker) {
    while let ending = scratch.popDue(by: time) {
      busy &-= 1
      let now = ending.time
      if ending.lifetimeEnd == Ending.provisioned {
        provisionedBusy -= 1
        scratch.provisionedFinished.append(now)
        continue
      }
      scratch.finished.append(now)
      if ending.lifetimeEnd > now {
        waiting.append(WaitingEnvironment(since: now, lifetimeEnd: ending.lifetimeEnd))
      } else {
        meter.environmentEnded(at: now, worker)
      }
    }
  }

  /// What a started invocation holds and until when; nil for a throttled one.
  @inline(__always)
  private mutating func arrive(
    at time: Int64, _ block: Block, _ index: Int, _ scratch: inout ReplayScratch, _ worker: Worker
  ) -> Ending? {
    guard busy < model.concurrencyLimit else {
      scratch.throttled.append(Int32(truncatingIfNeeded: index))
      if let asked = block.asked, asked[index] > model.timeout { meter.timedOut(-1) }
      return nil
    }
    busy &+= 1
    let duration = block.durations[index]
    if provisionedBusy < model.provisioned {
      provisionedBusy += 1
      scratch.provisioned.append(Int32(truncatingIfNeeded: index))
      meter.startedProvisioned(at: time, duration: duration, running: busy, worker)
      return Ending(time: time + max(1, duration), lifetimeEnd: Ending.provisioned)
    }
    while let idle = waiting.popLast() {
      if idle.since + keepAlive > time, idle.lifetimeEnd > time {
        meter.startedWarm(at: time, idleSince: idle.since, running: busy)
        return Ending(time: time + max(1, duration), lifetimeEnd: idle.lifetimeEnd)
      }
      meter.environmentEnded(
        at: min(idle.since + keepAlive, idle.lifetimeEnd), idleSince: idle.since, worker)
    }
    scratch.cold.append(Int32(truncatingIfNeeded: index))
    let overhead = model.platformOverhead.draw(&initStream)
    let initDuration = model.initDuration.draw(&initStream)
    meter.startedCold(
      at: time, overhead: overhead, initDuration: initDuration, duration: duration, running: busy, worker)
    return Ending(
      time: time + max(1, overhead + initDuration + duration), lifetimeEnd: lifetime == .max ? .max : time + lifetime)
  }
}
