extension StackReplay {
  /// Replays a block event by event.
  ///
  /// Ends of invocations are kept in a calendar queue (R. Brown, "Calendar queues", CACM 31(10), 1988) whose buckets
  /// are as wide as a few arrivals of this very block, so that each holds a few ends; they are put in order when their
  /// bucket's time has come. Where few run at once, one bucket holds them all.
  mutating func walk(_ block: Block, _ scratch: inout ReplayScratch, _ worker: Worker) {
    let calendar = Calendar(block, wanted: running < Self.fewRunning ? 1 : max(1, block.count / 4))
    scratch.calendar.open(calendar.count)
    scratch.calendar.take(&endings, until: block.end, calendar)
    scratch.beginBlock()

    // What changes with every event stays in registers.
    var waiting = waiting
    var finished = scratch.finished
    var running = running
    var peak = 0
    var idleTime: Int128 = 0
    var due = 0
    let (keepAlive, limit) = (keepAlive, model.concurrencyLimit)
    let (arrivals, durations, count) = (block.arrivals, block.durations, block.count)
    var index = 0
    var bucketOfNext = count > 0 ? calendar.bucket(arrivals[0]) : Int.max
    for bucket in 0..<calendar.count {
      scratch.calendar.turn(to: bucket, &due)
      while true {
        let isArrival = bucketOfNext == bucket
        let time = isArrival ? arrivals[index] : .max
        while let ending = scratch.calendar.popDue(by: time, &due) {
          running &-= 1
          if ending.lifetimeEnd > ending.time {
            finished.append(ending.time)
            waiting.append(WaitingEnvironment(since: ending.time, lifetimeEnd: ending.lifetimeEnd))
          } else {
            finished.append(ending.time)
            meter.environmentEnded(at: ending.time, worker)
          }
        }
        guard isArrival else { break }

        let place = index
        index &+= 1
        bucketOfNext = index < count ? calendar.bucket(arrivals[index]) : .max
        guard running < limit else {
          refuse(place, block, &scratch)
          continue
        }
        running &+= 1
        if running > peak { peak = running }
        let ending: Ending
        if waiting.count > 0, let idle = waiting.last, idle.since &+ keepAlive > time, idle.lifetimeEnd > time {
          waiting.setCount(waiting.count &- 1)
          if Meter.needsEachStart {
            meter.startedWarm(at: time, idleSince: idle.since)
          } else {
            idleTime &+= Int128(time &- idle.since)
          }
          ending = Ending(time: time &+ max(1, durations[place]), lifetimeEnd: idle.lifetimeEnd)
        } else if let idle = popLive(&waiting, at: time, worker) {
          idleTime += Int128(time - idle.since)
          if Meter.needsEachStart { meter.startedWarm(at: time, idleSince: idle.since) }
          ending = Ending(time: time &+ max(1, durations[place]), lifetimeEnd: idle.lifetimeEnd)
        } else {
          ending = startCold(at: time, durations[place], place, running, &scratch, worker)
        }
        if ending.time > block.end {
          endings.append(ending)
        } else {
          let its = calendar.bucket(ending.time)
          if its == bucket { scratch.calendar.insert(ending, &due) } else { scratch.calendar.put(ending, in: its) }
        }
      }
    }
    self.waiting = waiting
    self.running = running
    scratch.finished = finished
    meter.startedWarm(idleTime: idleTime, peak: peak)
    meter.took(block, &scratch, worker)
  }

  /// Up to so many running invocations, one bucket is faster than many.
  private static var fewRunning: Int { 12 }

  /// Removes expired environments and the first live one, which it gives; nil where none is left.
  @inline(never)
  private mutating func popLive(
    _ waiting: inout Vector<WaitingEnvironment>, at time: Int64, _ worker: Worker
  ) -> WaitingEnvironment? {
    while let idle = waiting.popLast() {
      let expires = min(idle.since + keepAlive, idle.lifetimeEnd)
      if expires > time { return idle }
      meter.environmentEnded(at: expires, idleSince: idle.since, worker)
    }
    return nil
  }

  @inline(never)
  private mutating func startCold(
    at time: Int64, _ duration: Int64, _ place: Int, _ running: Int, _ scratch: inout ReplayScratch, _ worker: Worker
  ) -> Ending {
    let held = holdCold(at: time, duration, place, running, &scratch, worker)
    return Ending(time: time + held, lifetimeEnd: lifetime == .max ? .max : time + lifetime)
  }
}
