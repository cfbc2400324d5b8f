extension LineReplay {
  /// Replays a block event by event.
  mutating func walk(_ block: Block, _ scratch: inout ReplayScratch, _ worker: Worker) {
    scratch.beginBlock()
    scratch.finished.reserve(running + block.count + Self.atATime)
    var next = 0
    while next < block.count {
      let most = isSorted ? Self.sortedWindow : max(48, running / 16)
      let rows = next..<min(block.count, next + most)
      let last = block.arrivals[rows.upperBound - 1]
      let nearEnd = arrange(until: last)
      if isSorted, model.concurrencyLimit == .max {
        walk(block, rows, .max, nearEnd, &scratch, worker, isFree: true)
      } else {
        walk(block, rows, isSorted ? .max : last, nearEnd, &scratch, worker, isFree: false)
      }
      next = rows.upperBound
    }
    meter.took(block, &scratch, worker)
  }

  /// Finishes what ends by `time`.
  mutating func finish(by time: Int64, _ scratch: inout ReplayScratch, _ worker: Worker) {
    guard running > 0, !isSorted || line[border] <= time else { return }
    scratch.beginBlock()
    scratch.finished.reserve(running)
    let nearEnd = arrange(until: time)
    while border < nearEnd, line[border] <= time {
      scratch.finished.append(line[border])
      border += 1
    }
    let none = UnsafeBufferPointer<Int64>(start: nil, count: 0)
    meter.took(Block(arrivals: none, durations: none, from: time, to: time), &scratch, worker)
  }

  private static var sortedWindow: Int { 512 }
  /// How many may run for them to be kept in order, and to be put in order.
  private static var mostSorted: Int { 64 }
  private static var fewToSort: Int { 32 }
  /// How many are moved at once, without asking how many must be.
  private static var atATime: Int { 4 }

  /// Puts the running ones in order that end by `time`, or all where they are few; they end up next to the border.
  ///
  /// - Returns: where those in order end.
  private mutating func arrange(until time: Int64) -> Int {
    if isSorted, running <= Self.mostSorted { return end }
    let base = line.base
    if running <= Self.fewToSort {
      sort(border..<end)
      isSorted = true
      padLine()
      return end
    }
    isSorted = false
    var nearEnd = border
    for index in border..<end {
      let ending = base[index]
      base[index] = base[nearEnd]
      base[nearEnd] = ending
      nearEnd &+= ending <= time ? 1 : 0
    }
    sort(border..<nearEnd)
    return nearEnd
  }

  private func sort(_ places: Range<Int>) {
    let base = line.base
    guard places.count <= 48 else {
      var many = UnsafeMutableBufferPointer(start: base + places.lowerBound, count: places.count)
      return many.sort()
    }
    for index in places.dropFirst() {
      let ending = base[index]
      var place = index
      while place > places.lowerBound, base[place &- 1] > ending {
        base[place] = base[place &- 1]
        place &-= 1
      }
      base[place] = ending
    }
  }

  /// Walks through some of a block's invocations. Running ones that end by `near` stand in order before `nearEnd`; those
  /// behind end later, in no order.
  ///
  /// How many ends lie between two arrivals, and how far an environment moves up the line, is noise, which no processor
  /// foresees: so a few steps are always taken, without asking.
  ///
  /// - Parameter isFree: known when this is compiled: all running ones are in order, and there is no limit.
  @inline(__always)
  private mutating func walk(
    _ block: Block, _ rows: Range<Int>, _ near: Int64, _ nearEnd: Int, _ scratch: inout ReplayScratch, _ worker: Worker,
    isFree: Bool
  ) {
    let (arrivals, durations) = (block.arrivals, block.durations)
    let (keepAlive, limit) = (keepAlive, model.concurrencyLimit)
    var line = line.base
    let finished = scratch.finished.base
    var finishedCount = scratch.finished.count
    var (waitingFrom, border, end, nearEnd) = (waitingFrom, border, end, nearEnd)
    var idleTime: Int64 = 0
    var peak = 0
    for place in rows {
      let time = arrivals[place]
      // Behind those in order stands nothing that ends by now.
      let ended = line + border
      let (a, b, c) = (ended[0], ended[1], ended[2])
      if Meter.needsEnds {
        let to = finished + finishedCount
        (to[0], to[1], to[2]) = (a, b, c)
        finishedCount &-= border
      }
      border &+= (a <= time ? 1 : 0) &+ (b <= time ? 1 : 0) &+ (c <= time ? 1 : 0)
      while line[border] <= time {
        if Meter.needsEnds { finished[finishedCount &+ border] = line[border] }
        border &+= 1
      }
      if Meter.needsEnds { finishedCount &+= border }
      guard isFree || end &- border < limit else {
        refuse(place, block, &scratch)
        continue
      }
      if border > waitingFrom, line[border &- 1] &+ keepAlive > time {
        let since = line[border &- 1]
        idleTime &+= time &- since
        if Meter.needsEachStart { meter.startedWarm(at: time, idleSince: since) }
        let ending = time &+ max(1, durations[place])
        border &-= 1
        if isFree || ending <= near {
          Self.move(line + border, up: ending)
        } else {
          nearEnd &-= 1
          (line + border).update(from: line + border + 1, count: nearEnd &- border)
          line[nearEnd] = ending
        }
      } else {
        while waitingFrom < border {
          let since = line[waitingFrom]
          meter.environmentEnded(at: since + keepAlive, idleSince: since, worker)
          waitingFrom += 1
        }
        if end + Self.padding >= self.line.count {
          (self.waitingFrom, self.border, self.end) = (waitingFrom, border, end)
          makeRoom(for: 1)
          nearEnd += self.border - border
          (waitingFrom, border, end) = (self.waitingFrom, self.border, self.end)
          line = self.line.base
        }
        let ending = time + holdCold(at: time, durations[place], place, end - border + 1, &scratch, worker)
        if ending <= near {
          line[end] = line[nearEnd]
          var to = nearEnd
          while to > border, line[to - 1] > ending {
            line[to] = line[to - 1]
            to -= 1
          }
          line[to] = ending
          nearEnd += 1
        } else {
          line[end] = ending
        }
        end += 1
        line[end + Self.padding - 1] = .max
      }
      if Meter.needsEnds { peak = max(peak, end &- border) }
    }
    (self.waitingFrom, self.border, self.end) = (waitingFrom, border, end)
    scratch.finished.setCount(Meter.needsEnds ? finishedCount : 0)
    meter.startedWarm(idleTime: Int128(idleTime), peak: peak)
  }

  /// Moves the first element up its ascending row to where it belongs when it becomes `ending`.
  @inline(__always)
  private static func move(_ first: UnsafeMutablePointer<Int64>, up ending: Int64) {
    var row = first
    while true {
      let (a, b, c, d) = (row[1], row[2], row[3], row[4])
      row[0] = min(a, ending)
      row[1] = max(a, min(b, ending))
      row[2] = max(b, min(c, ending))
      row[3] = max(c, min(d, ending))
      if d >= ending { return }
      row += 4
      row[0] = ending
    }
  }
}
