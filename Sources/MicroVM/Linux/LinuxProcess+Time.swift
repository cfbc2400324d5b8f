import Glibc

extension LinuxProcess {
  func time(of arguments: Arguments, _ memory: inout GuestMemory) -> Outcome {
    guard arguments.a < 12 else { return .failure(EINVAL) }
    let outcome = put(Self.time(Kernel.now(clockid_t(arguments.a))), at: arguments.b, &memory)
    return outcome == .value(0) && arguments.d == ClockPage.mark ? .clock(counter: arguments.c) : outcome
  }

  func resolution(into target: UInt64, _ memory: inout GuestMemory) -> Outcome {
    target == 0 ? .value(0) : put(Self.time(1), at: target, &memory)
  }

  func timeOfDay(into target: UInt64, _ memory: inout GuestMemory) -> Outcome {
    let now = Kernel.now(CLOCK_REALTIME)
    return put((Int(now / 1_000_000_000), Int(now % 1_000_000_000 / 1000)), at: target, &memory)
  }

  func seconds(into target: UInt64, _ memory: inout GuestMemory) -> Outcome {
    let now = Int(Kernel.now(CLOCK_REALTIME) / 1_000_000_000)
    if target != 0, case .failure(let code) = put(now, at: target, &memory) { return .failure(code) }
    return .value(now)
  }

  private static func time(_ nanoseconds: Int64) -> timespec {
    timespec(tv_sec: Int(nanoseconds / 1_000_000_000), tv_nsec: Int(nanoseconds % 1_000_000_000))
  }

  /// A time that the guest wrote, in nanoseconds; nil when it cannot be read or is none.
  private func duration(_ address: UInt64, _ memory: borrowing GuestMemory) -> Int64? {
    guard let bytes = memory.bytes(address, 16) else { return nil }
    let (seconds, rest) = bytes.withUnsafeBytes {
      ($0.loadUnaligned(as: Int64.self), $0.loadUnaligned(fromByteOffset: 8, as: Int64.self))
    }
    guard seconds >= 0, (0..<1_000_000_000).contains(rest) else { return nil }
    // Beyond any deadline is far enough.
    return min(seconds, 1 << 32) * 1_000_000_000 + rest
  }

  func sleep(
    _ address: UInt64, isAbsolute: Bool, clock: UInt64, _ memory: inout GuestMemory
  ) throws(MachineFault) -> Outcome {
    guard clock < 12 else { return .failure(EINVAL) }
    guard let wanted = duration(address, memory) else { return .failure(EINVAL) }
    let wait = isAbsolute ? wanted - Kernel.now(clockid_t(clock)) : wanted
    pause(max(0, wait))
    return .value(0)
  }

  /// Sleeps, but never beyond the deadline: the step then ends as overrun when the guest is entered again.
  private func pause(_ nanoseconds: Int64) {
    Kernel.sleep(until: min(deadline, Kernel.now() + nanoseconds))
  }

  /// Nobody else is there to wait for: a wait without a time would never end.
  mutating func futex(_ arguments: Arguments, _ memory: inout GuestMemory) throws(MachineFault) -> Outcome {
    let operation = arguments.b & 127
    switch operation {
    case 1, 10: return .value(0)  // FUTEX_WAKE, FUTEX_WAKE_BITSET
    case 0, 9:  // FUTEX_WAIT, FUTEX_WAIT_BITSET
      guard let bytes = memory.bytes(arguments.a, 4) else { return .failure(EFAULT) }
      let value = bytes.withUnsafeBytes { $0.loadUnaligned(as: UInt32.self) }
      guard value == UInt32(truncatingIfNeeded: arguments.c) else { return .failure(EAGAIN) }
      guard arguments.d != 0 else {
        throw .unsupported(
          what: "a guest whose only thread waits for another", advice: "use a function that needs one thread")
      }
      guard let time = duration(arguments.d, memory) else { return .failure(EINVAL) }
      let clock = arguments.b & 256 != 0 ? CLOCK_REALTIME : CLOCK_MONOTONIC
      pause(max(0, operation == 9 ? time - Kernel.now(clock) : time))
      return .failure(ETIMEDOUT)
    default: return .failure(ENOSYS)
    }
  }
}
