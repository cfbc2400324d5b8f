import Glibc

extension LinuxProcess {
  func systemName(into target: UInt64, _ memory: inout GuestMemory) -> Outcome {
    // Six fields of 65 bytes.
    var bytes: [UInt8] = []
    for field in ["Linux", "faascast", "6.1.0", "#1 faascast", "x86_64", "(none)"] {
      bytes += Array(field.utf8) + [UInt8](repeating: 0, count: 65 - field.utf8.count)
    }
    return putBytes(bytes, at: target, &memory) ? .value(0) : .failure(EFAULT)
  }

  func limit(_ resource: UInt64, into target: UInt64, _ memory: inout GuestMemory) -> Outcome {
    let bound: UInt64
    switch resource {
    case 3: bound = layout.stack.upperBound - layout.stack.lowerBound  // RLIMIT_STACK
    case 7: bound = UInt64(Self.descriptorLimit)  // RLIMIT_NOFILE
    case 0..<16: bound = .max
    default: return .failure(EINVAL)
    }
    return put((bound, bound), at: target, &memory)
  }

  /// Limits are what they are.
  func setLimit(_ resource: UInt64, new: UInt64, old: UInt64, _ memory: inout GuestMemory) -> Outcome {
    if new != 0 { return .failure(EPERM) }
    return old == 0 ? .value(0) : limit(resource, into: old, &memory)
  }

  func systemInformation(into target: UInt64, _ memory: inout GuestMemory) -> Outcome {
    // struct sysinfo: uptime, loads (3), total and free memory, …, the unit of memory at byte 104; 112 bytes in all.
    var words = [UInt64](repeating: 0, count: 14)
    words[0] = UInt64(Kernel.now() / 1_000_000_000)
    words[4] = UInt64(memory.size)
    words[5] = UInt64(memory.frames.freeCount * Page.size)
    words[13] = 1
    return words.withUnsafeBytes { memory.write($0, at: target) } ? .value(0) : .failure(EFAULT)
  }

  /// One processor.
  func affinity(_ size: UInt64, into target: UInt64, _ memory: inout GuestMemory) -> Outcome {
    guard size >= 8 else { return .failure(EINVAL) }
    return put(UInt64(1), at: target, &memory) == .value(0) ? .value(8) : .failure(EFAULT)
  }

  func random(_ target: UInt64, _ count: UInt64, _ memory: inout GuestMemory) -> Outcome {
    var generator = SystemRandomNumberGenerator()
    // As in Linux, no more than 256 bytes come for sure at once.
    let bytes = (0..<min(count, 256)).map { _ in UInt8.random(in: 0...255, using: &generator) }
    return putBytes(bytes, at: target, &memory) ? .value(bytes.count) : .failure(EFAULT)
  }

  /// Handlers are accepted and never called: no signal is ever delivered.
  func signalAction(old: UInt64, _ memory: inout GuestMemory) -> Outcome {
    old == 0 ? .value(0) : zeros(at: old, 32, &memory)
  }

  /// A signal to itself is its end, whatever the handler: as with abort().
  func raise(_ signal: UInt64) -> Outcome {
    signal == 0 ? .value(0) : .end(status: 128 + Int32(signal & 127))
  }

  func architecture(_ code: UInt64, _ value: UInt64) -> Outcome {
    // ARCH_SET_FS; every other is refused as by a kernel without it.
    guard code == 0x1002 else { return .failure(EINVAL) }
    guard value < GuestMemory.guestAddresses.upperBound else { return .failure(EPERM) }
    return .threadPointer(value)
  }
}
