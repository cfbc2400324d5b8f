import Glibc
import Units

/// Which readings a machine takes beside wall time.
public enum Counters: Sendable {
  /// Wall time and exits only: nothing is added to what is measured.
  case none
  /// Thread time, run delay, page faults and what KVM counts too: four more system calls before and after a phase, outside
  /// its wall time.
  case all
}

/// Times phases on the machine's thread.
struct Stopwatch: ~Copyable {
  private let schedule: Descriptor?

  fileprivate struct Reading {
    var processor: Int64
    var runDelay: Int64
    var pageFaults: Int64
  }

  /// A phase that has begun.
  struct Lap: ~Copyable {
    /// CLOCK_MONOTONIC nanoseconds.
    let start: Int64
    fileprivate let reading: Reading?
    fileprivate var exits: UInt64 = 0
    fileprivate var guest: GuestCounts?
  }

  init(_ counters: Counters) throws(MachineFault) {
    switch counters {
    case .none: schedule = nil
    case .all: schedule = try Kernel.openFile("/proc/thread-self/schedstat")
    }
  }

  /// Begins a phase of the monitor alone.
  func begin() throws(MachineFault) -> Lap {
    let reading = try read()
    return Lap(start: Kernel.now(), reading: reading)
  }

  /// Begins a phase in which a guest runs.
  func begin(_ processor: borrowing VirtualProcessor) throws(MachineFault) -> Lap {
    let (guest, reading) = (try processor.counts(), try read())
    return Lap(start: Kernel.now(), reading: reading, exits: processor.exits, guest: guest)
  }

  func end(_ phase: Phase, _ lap: consuming Lap) throws(MachineFault) -> PhaseSample {
    let end = Kernel.now()
    return try sample(phase, lap, end)
  }

  func end(
    _ phase: Phase, _ lap: consuming Lap, _ processor: borrowing VirtualProcessor
  ) throws(MachineFault) -> PhaseSample {
    let end = Kernel.now()
    let (exits, before) = (lap.exits, lap.guest)
    var sample = try sample(phase, lap, end)
    sample.exits = processor.exits - exits
    if let after = try processor.counts() {
      sample.guestPageFaults = after.pageFaults - (before?.pageFaults ?? 0)
      sample.emulatedInstructions = after.emulatedInstructions - (before?.emulatedInstructions ?? 0)
    }
    return sample
  }

  private func sample(_ phase: Phase, _ lap: consuming Lap, _ end: Int64) throws(MachineFault) -> PhaseSample {
    let reading = try read()
    var sample = PhaseSample(phase: phase, wall: TimeSpan(nanoseconds: end - lap.start), exits: 0)
    if let reading, let first = lap.reading {
      sample.processor = TimeSpan(nanoseconds: reading.processor - first.processor)
      sample.runDelay = TimeSpan(nanoseconds: reading.runDelay - first.runDelay)
      sample.pageFaults = UInt64(max(0, reading.pageFaults - first.pageFaults))
    }
    return sample
  }

  private func read() throws(MachineFault) -> Reading? {
    switch schedule {
    case .none: return nil
    case .some(let file):
      return Reading(
        processor: Kernel.now(CLOCK_THREAD_CPUTIME_ID), runDelay: try Self.runDelay(file),
        pageFaults: Kernel.threadPageFaults())
    }
  }

  /// The second number of schedstat: nanoseconds ready and waiting (Documentation/scheduler/sched-stats.rst).
  private static func runDelay(_ file: borrowing Descriptor) throws(MachineFault) -> Int64 {
    try withUnsafeTemporaryAllocation(byteCount: 128, alignment: 1) { buffer throws(MachineFault) in
      let count = try Kernel.read(file, into: buffer, at: 0)
      var fields = 0
      var number: Int64 = 0
      for byte in buffer[..<count] {
        if byte == UInt8(ascii: " ") {
          fields += 1
          if fields == 2 { break }
          number = 0
        } else if (48..<58).contains(byte) {
          number = number &* 10 &+ Int64(byte - 48)
        }
      }
      return number
    }
  }
}
