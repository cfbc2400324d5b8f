import CKVM
import Glibc

extension Machine {
  /// Saves the state of a machine that waits for a request. The machine can go on afterwards.
  public func snapshot() throws(MachineFault) -> Snapshot {
    let lap = try stopwatch.begin(processor)
    let mailbox = try standStill()
    let state = try processor.save()
    let snapshot = try Snapshot(
      of: memory, state: state, mailbox: mailbox, process: process, stackGuard: stackGuard,
      configuration: configuration)
    record(try stopwatch.end(.snapshot, lap, processor))
    return snapshot
  }

  /// A new machine in the state of a snapshot, waiting for a request.
  ///
  /// - Parameter counters: what the machine's samples count; nil as in the machine that the snapshot was taken from.
  public static func restore(
    from snapshot: Snapshot, _ method: RestoreMethod = .lazyPrivate, counters: Counters? = nil
  ) throws(MachineFault) -> Machine {
    var configuration = snapshot.configuration
    if let counters { configuration.counters = counters }
    let hypervisor = try Hypervisor.shared()
    let stopwatch = try Stopwatch(configuration.counters)
    let lap = try stopwatch.begin()
    let descriptor = try Kernel.createMachine(hypervisor.device)
    let memory = try snapshot.memory(method)
    try memory.give(to: descriptor)
    let processor = try VirtualProcessor.create(descriptor, hypervisor, configuration.counters)
    try processor.restore(snapshot.state)
    let sample = try stopwatch.end(.restore, lap, processor)
    return Machine(
      configuration, stopwatch, descriptor, memory, processor, stackGuard: snapshot.stackGuard,
      process: snapshot.process, stage: .ready(snapshot.mailbox), samples: [sample])
  }

  /// Puts a machine that was restored from `snapshot` back into that state, whatever has happened to it since.
  public func reset(to snapshot: Snapshot) throws(MachineFault) {
    guard memory.overlaid == [snapshot.contentFrames] else {
      throw .wrongStage(found: "not restored lazily from this snapshot", expected: "a machine that was")
    }
    let lap = try stopwatch.begin(processor)
    // No further than anything was: KVM goes through all frames of a range, however empty. Frames that are free again
    // were dropped when they became so.
    let end = max(memory.usedFrames.upperBound, snapshot.contentFrames.upperBound)
    try Kernel.advise(memory.mapping.start, end * Page.size, MADV_DONTNEED)
    memory.frames = snapshot.frames
    if snapshot.process != nil { ClockPage.forget(memory) }
    try processor.restore(snapshot.state)
    begin(with: snapshot.process, mailbox: snapshot.mailbox)
    record(try stopwatch.end(.restore, lap, processor))
  }

  /// The pages that this machine has written to since it was restored, for restoring others with.
  public func workingSet() throws(MachineFault) -> WorkingSet {
    guard let content = memory.overlaid.first, memory.overlaid.count == 1 else {
      throw .wrongStage(found: "not restored lazily", expected: "a machine that was")
    }
    let pages = try Kernel.pages(memory.host(frame: content.lowerBound), count: content.count)
    var written: [Range<Int>] = []
    for (frame, page) in zip(content, pages) where page.isPresent && page.isOwn {
      if let last = written.last, last.upperBound == frame {
        written[written.count - 1] = last.lowerBound..<frame + 1
      } else {
        written.append(frame..<frame + 1)
      }
    }
    return WorkingSet(written: written)
  }
}

extension Snapshot {
  fileprivate var contentFrames: Range<Int> { 0..<contentSize / Page.size }

  /// Memory with the snapshot's content, by `method`.
  fileprivate func memory(_ method: RestoreMethod) throws(MachineFault) -> GuestMemory {
    let size = Page.count(configuration.memory) * Page.size
    let mapping = try Kernel.map(size, flags: MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE)
    var overlaid: [Range<Int>] = []
    switch method {
    case .lazyPrivate:
      try Kernel.overlay(mapping.start, contentSize, content, at: 0)
      overlaid = [contentFrames]
    case .copy:
      // Refused on kernels without huge pages; the copy is the same.
      try? Kernel.advise(mapping.start, mapping.size, MADV_HUGEPAGE)
      for run in filled {
        let place = run.lowerBound * Page.size
        let target = UnsafeMutableRawBufferPointer(start: mapping.start + place, count: run.count * Page.size)
        guard try Kernel.read(content, into: target, at: place) == target.count else {
          throw .host(call: "pread", code: EIO)
        }
      }
    case .workingSet(let set):
      try Kernel.overlay(mapping.start, contentSize, content, at: 0)
      overlaid = [contentFrames]
      for run in set.written where contentFrames.contains(run.lowerBound) && run.upperBound <= contentFrames.upperBound
      {
        try Kernel.advise(mapping.start + run.lowerBound * Page.size, run.count * Page.size, Kernel.populateForWriting)
      }
    }
    let memory = GuestMemory(restored: mapping, frames: frames, overlaid: overlaid)
    if process != nil { ClockPage.forget(memory) }
    return memory
  }
}
