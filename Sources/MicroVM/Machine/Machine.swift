import CKVM
import Glibc
import Synchronization
import Units

/// A virtual machine with one guest, over the host's /dev/kvm.
///
/// A machine belongs to the thread that created it: KVM wants a virtual processor run by one thread for its life.
public final class Machine {
  /// What an invocation gave.
  public struct Invocation: Equatable, Sendable {
    public var result: [UInt8]
    public var sample: PhaseSample
  }

  /// Where the guest stands.
  enum Stage: Equatable {
    case loaded
    /// It waits for a request, with room for it.
    case ready(Mailbox)
    case failed
  }

  /// Where the guest wants its next request.
  struct Mailbox: Equatable {
    var address: UInt64
    var size: UInt64
  }

  /// The phases so far, in order.
  public private(set) var samples: [PhaseSample] = []
  /// The thread that runs the guest: what a cgroup takes to limit it.
  public let thread: Int32

  let configuration: MachineConfiguration
  private let stopwatch: Stopwatch
  private let descriptor: Descriptor
  var memory: GuestMemory
  var processor: VirtualProcessor
  let stackGuard: Range<UInt64>
  private var stage = Stage.loaded
  private var invocations = 0

  // MARK: life

  /// Makes a machine with `image` loaded, not yet started.
  public static func create(
    _ image: GuestImage, _ configuration: MachineConfiguration = MachineConfiguration()
  ) throws(MachineFault) -> Machine {
    try configuration.check()
    let hypervisor = try Hypervisor.shared()
    let stopwatch = try Stopwatch(configuration.counters)
    var samples: [PhaseSample] = []
    samples.reserveCapacity(16)

    var lap = try stopwatch.begin()
    let descriptor = try Kernel.createMachine(hypervisor.device)
    samples.append(try stopwatch.end(.machineCreate, lap))

    lap = try stopwatch.begin()
    let size = Page.count(configuration.memory) * Page.size
    let mapping = try Kernel.map(size, flags: MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE)
    try Kernel.setMemory(
      descriptor,
      kvm_userspace_memory_region(
        slot: 0, flags: 0, guest_phys_addr: 0, memory_size: UInt64(size),
        userspace_addr: UInt64(UInt(bitPattern: mapping.start))))
    samples.append(try stopwatch.end(.memoryMap, lap))

    lap = try stopwatch.begin()
    let processor = try VirtualProcessor.create(descriptor, hypervisor)
    samples.append(try stopwatch.end(.processorSetup, lap))

    lap = try stopwatch.begin()
    var memory = GuestMemory(mapping)
    try SystemPages.install(in: &memory)
    let start = try Loader.load(image, configuration, into: &memory)
    try processor.start(at: start.instruction, stack: start.stack)
    samples.append(try stopwatch.end(.load, lap))

    return Machine(configuration, stopwatch, descriptor, memory, processor, start.stackGuard, samples)
  }

  private init(
    _ configuration: MachineConfiguration, _ stopwatch: consuming Stopwatch, _ descriptor: consuming Descriptor,
    _ memory: consuming GuestMemory, _ processor: consuming VirtualProcessor,
    _ stackGuard: Range<UInt64>, _ samples: [PhaseSample]
  ) {
    thread = Kernel.threadIdentifier()
    processor.deadline.thread.store(thread, ordering: .releasing)
    self.configuration = configuration
    self.stopwatch = stopwatch
    self.descriptor = descriptor
    self.memory = memory
    self.processor = processor
    self.stackGuard = stackGuard
    self.samples = samples
  }

  /// Starts the guest and runs it until it is ready for requests.
  public func boot() throws(MachineFault) {
    guard stage == .loaded else { throw .wrongStage(found: "started already", expected: "a machine just created") }
    stage = .failed
    var lap = try stopwatch.begin(exits: processor.exits)
    let limit = deadline(from: lap.start)
    var stop = try proceed("boot", until: limit)
    samples.append(try stopwatch.end(.boot, lap, exits: processor.exits))
    lap = try stopwatch.begin(exits: processor.exits)
    while case .mark = stop { stop = try proceed("boot", until: limit) }
    guard case .ready(let mailbox) = stop else {
      throw .wrongStage(found: "answering", expected: "a guest that says it is ready before its first result")
    }
    samples.append(try stopwatch.end(.runtimeInit, lap, exits: processor.exits))
    stage = .ready(mailbox)
  }

  /// Gives the guest a request and runs it until it has answered.
  public func invoke(_ request: [UInt8]) throws(MachineFault) -> Invocation {
    guard case .ready(let mailbox) = stage else {
      throw .wrongStage(found: stage == .loaded ? "not started" : "failed", expected: "a guest that waits for requests")
    }
    guard request.count <= mailbox.size else {
      throw .requestTooLarge(bytes: request.count, limit: Int(mailbox.size))
    }
    stage = .failed
    let lap = try stopwatch.begin(exits: processor.exits)
    let limit = deadline(from: lap.start)
    guard request.withUnsafeBytes({ memory.write($0, at: mailbox.address) }) else {
      throw .badArgument(call: "READY", address: mailbox.address, bytes: mailbox.size)
    }
    processor.answer(UInt64(request.count))
    var stop = try proceed("invocation", until: limit)
    while case .mark = stop { stop = try proceed("invocation", until: limit) }
    guard case .result(let address, let size) = stop else {
      throw .wrongStage(found: "ready anew", expected: "a result")
    }
    guard size <= UInt64(memory.size), let result = memory.bytes(address, Int(size)) else {
      throw .badArgument(call: "RESULT", address: address, bytes: size)
    }
    let sample = try stopwatch.end(
      invocations == 0 ? .firstInvoke : .warmInvoke, lap, exits: processor.exits)
    invocations += 1
    stage = .ready(mailbox)
    return Invocation(result: result, sample: sample)
  }

  private func deadline(from start: Int64) -> Int64 {
    let limit = start + configuration.deadline.nanoseconds
    Watchdog.shared.set(processor.deadline, at: limit)
    return limit
  }

  // MARK: running

  /// At what the guest stopped that is the caller's to continue.
  private enum Stop {
    case mark(UInt64)
    case ready(Mailbox)
    case result(address: UInt64, size: UInt64)
  }

  private func proceed(_ step: String, until limit: Int64) throws(MachineFault) -> Stop {
    switch try processor.run(until: limit) {
    case .out(0xe0):
      return .ready(Mailbox(address: processor.registers.pointee.rdi, size: processor.registers.pointee.rsi))
    case .out(0xe1):
      return .result(address: processor.registers.pointee.rdi, size: processor.registers.pointee.rsi)
    case .out(0xe2):
      return .mark(processor.registers.pointee.rdi)
    case .out(let port) where SystemPages.exceptionPorts.contains(port):
      throw try exception(ProcessorException(vector: UInt8(port - SystemPages.exceptionPorts.lowerBound)))
    case .out(SystemPages.systemCallPort):
      throw .unsupported(
        what: "system call \(processor.registers.pointee.rax) of a freestanding guest", advice: "use hypercalls")
    case .out(let port): throw .forbiddenPort(port)
    case .shutdown: throw .tripleFault
    case .interrupted:
      throw .deadline(step: step, limitMilliseconds: configuration.deadline.nanoseconds / 1_000_000)
    case .other(let reason, let detail): throw .unexpectedExit(reason: reason, detail: detail)
    }
  }
}
