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
    /// A Linux program has written a result of this size, and will come for the next request.
    case answered(size: UInt64)
    /// It ended by itself.
    case ended
    case failed
  }

  /// Where the guest wants its next request.
  struct Mailbox: Equatable {
    var address: UInt64
    var size: UInt64
  }

  // One thread runs a machine, so that no access can meet another: checking for it at run time would be a tenth of what
  // the monitor does in a warm call.

  /// The phases so far, in order.
  @exclusivity(unchecked) public private(set) var samples: [PhaseSample] = []
  /// The thread that runs the guest: what a cgroup takes to limit it.
  public let thread: Int32

  /// System calls that a Linux guest made and that are not served, by name with their counts.
  public var unservedCalls: [String: Int] { process?.unserved ?? [:] }

  let configuration: MachineConfiguration
  let stopwatch: Stopwatch
  // Given back in this order: memory that a virtual machine still had would be taken out of its tables page by page.
  @exclusivity(unchecked) var processor: VirtualProcessor
  private let descriptor: Descriptor
  @exclusivity(unchecked) var memory: GuestMemory
  let stackGuard: Range<UInt64>
  /// The Linux side of the guest, if it is a Linux program.
  @exclusivity(unchecked) var process: LinuxProcess?
  private let isLinux: Bool
  private let watchdog = Watchdog.shared
  private let deadline: Deadline
  @exclusivity(unchecked) private var stage = Stage.loaded
  @exclusivity(unchecked) private var invocations = 0

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
    // Refused on kernels without huge pages; the guest runs the same.
    if image.prefersHugePages { try? Kernel.advise(mapping.start, size, MADV_HUGEPAGE) }
    var memory = GuestMemory(mapping)
    try memory.give(to: descriptor)
    samples.append(try stopwatch.end(.memoryMap, lap))

    lap = try stopwatch.begin()
    let processor = try VirtualProcessor.create(descriptor, hypervisor, configuration.counters)
    samples.append(try stopwatch.end(.processorSetup, lap))

    lap = try stopwatch.begin()
    try SystemPages.install(in: &memory)
    let start = try Loader.load(image, configuration, into: &memory)
    processor.start(at: start.instruction, stack: start.stack)
    samples.append(try stopwatch.end(.load, lap))

    return Machine(
      configuration, stopwatch, descriptor, memory, processor, stackGuard: start.stackGuard, process: start.process,
      stage: .loaded, samples: samples)
  }

  init(
    _ configuration: MachineConfiguration, _ stopwatch: consuming Stopwatch, _ descriptor: consuming Descriptor,
    _ memory: consuming GuestMemory, _ processor: consuming VirtualProcessor, stackGuard: Range<UInt64>,
    process: LinuxProcess?, stage: Stage, samples: [PhaseSample]
  ) {
    watchdog.admitKicks()
    thread = Kernel.threadIdentifier()
    deadline = processor.deadline
    deadline.thread.store(thread, ordering: .releasing)
    isLinux = process != nil
    self.configuration = configuration
    self.stopwatch = stopwatch
    self.descriptor = descriptor
    self.memory = memory
    if isLinux { processor.watchPrivilege() }
    self.processor = processor
    self.stackGuard = stackGuard
    self.process = process
    self.stage = stage
    self.samples = samples
  }

  /// Ends a machine, gives back all that it had and says how long that took.
  ///
  /// - Parameter machine: the only reference to it, nil afterwards. A machine that somebody else holds too lives on.
  public static func destroy(_ machine: inout Machine?) throws(MachineFault) -> PhaseSample {
    let stopwatch = try Stopwatch(machine?.configuration.counters ?? .none)
    let lap = try stopwatch.begin()
    machine = nil
    return try stopwatch.end(.destroy, lap)
  }

  /// Starts the guest and runs it until it is ready for requests.
  public func boot() throws(MachineFault) {
    guard stage == .loaded else { throw .wrongStage(found: "started already", expected: "a machine just created") }
    stage = .failed
    var lap = try stopwatch.begin(processor)
    let limit = limit(from: lap.start)
    var stop = try proceed("boot", until: limit)
    samples.append(try stopwatch.end(.boot, lap, processor))
    lap = try stopwatch.begin(processor)
    while case .mark = stop { stop = try proceed("boot", until: limit) }
    guard case .ready(let mailbox) = stop else {
      throw .wrongStage(found: "answering", expected: "a guest that says it is ready before its first result")
    }
    samples.append(try stopwatch.end(.runtimeInit, lap, processor))
    stage = .ready(mailbox)
  }

  /// Gives the guest a request and runs it until it has answered.
  public func invoke(_ request: [UInt8]) throws(MachineFault) -> Invocation {
    let before = stage
    stage = .failed
    let lap = try stopwatch.begin(processor)
    let limit = limit(from: lap.start)
    let mailbox = try awaitRequest(from: before, until: limit)
    guard request.count <= mailbox.size else {
      stage = .ready(mailbox)
      throw .requestTooLarge(bytes: request.count, limit: Int(clamping: mailbox.size))
    }
    guard request.withUnsafeBytes({ memory.write($0, at: mailbox.address) }) else {
      throw .badArgument(call: "READY", address: mailbox.address, bytes: mailbox.size)
    }
    reply(UInt64(request.count))
    var stop = try proceed("invocation", until: limit)
    while case .mark = stop { stop = try proceed("invocation", until: limit) }
    guard case .result(let address, let size) = stop else {
      throw .wrongStage(found: "ready anew", expected: "a result")
    }
    guard size <= UInt64(memory.size), let result = memory.bytes(address, Int(size)) else {
      throw .badArgument(call: "RESULT", address: address, bytes: size)
    }
    let sample = try stopwatch.end(invocations == 0 ? .firstInvoke : .warmInvoke, lap, processor)
    invocations += 1
    stage = isLinux ? .answered(size: size) : .ready(mailbox)
    return Invocation(result: result, sample: sample)
  }

  /// Runs a Linux program that takes no requests to its end.
  ///
  /// - Returns: its exit status and what it wrote to standard output and standard error.
  public func runToEnd() throws(MachineFault) -> (status: Int32, output: [UInt8]) {
    guard stage == .loaded, process != nil else {
      throw .wrongStage(found: "no Linux program just loaded", expected: "one")
    }
    stage = .failed
    let lap = try stopwatch.begin(processor)
    let limit = limit(from: lap.start)
    do throws(MachineFault) {
      _ = try proceed("run", until: limit)
    } catch {
      guard case .exited(let status, _) = error, let process else { throw error }
      samples.append(try stopwatch.end(.boot, lap, processor))
      stage = .ended
      return (status, process.output)
    }
    throw .wrongStage(found: "a program that takes requests", expected: "one that ends by itself")
  }

  /// The mailbox of a guest that waits for a request, which a Linux program is first let run to.
  private func awaitRequest(from stage: Stage, until limit: Int64) throws(MachineFault) -> Mailbox {
    switch stage {
    case .ready(let mailbox): return mailbox
    case .answered(let size):
      reply(size)
      guard case .ready(let mailbox) = try proceed("invocation", until: limit) else {
        throw .wrongStage(found: "a second result", expected: "a read of the next request")
      }
      return mailbox
    case .loaded:
      self.stage = .loaded
      throw .wrongStage(found: "not started", expected: "one that waits for requests")
    case .failed: throw .wrongStage(found: "failed", expected: "one that waits for requests")
    case .ended: throw .wrongStage(found: "at its end", expected: "one that waits for requests")
    }
  }

  /// Lets the guest go on with `value` as the answer to its hypercall or system call.
  private func reply(_ value: UInt64) {
    if isLinux { processor.returnFromCall(value) } else { processor.answer(value) }
  }

  /// Lets the guest run to where it waits for a request, and says where it wants it.
  func standStill() throws(MachineFault) -> Mailbox {
    let before = stage
    stage = .failed
    let mailbox = try awaitRequest(from: before, until: limit(from: Kernel.now()))
    stage = .ready(mailbox)
    return mailbox
  }

  /// Takes the guest to be waiting for its first request.
  func begin(with process: LinuxProcess?, mailbox: Mailbox) {
    self.process = process
    stage = .ready(mailbox)
    invocations = 0
  }

  func record(_ sample: PhaseSample) { samples.append(sample) }

  private func limit(from start: Int64) -> Int64 {
    start + configuration.deadline.nanoseconds
  }

  // MARK: running

  /// At what the guest stopped that is the caller's to continue.
  private enum Stop {
    case mark(UInt64)
    case ready(Mailbox)
    case result(address: UInt64, size: UInt64)
  }

  private func proceed(_ step: String, until limit: Int64) throws(MachineFault) -> Stop {
    if isLinux { process?.deadline = limit }
    watchdog.set(deadline, at: limit)
    defer { watchdog.clear(deadline) }
    while true {
      switch try processor.run(until: limit) {
      case .out(SystemPages.systemCallPort):
        if let stop = try serveCall() { return stop }
      case .out(let port) where SystemPages.hypercallPorts.contains(port):
        return try hypercall(port)
      case .out(let port) where SystemPages.exceptionPorts.contains(port):
        throw try exception(ProcessorException(vector: UInt8(port - SystemPages.exceptionPorts.lowerBound)))
      case .out(let port): throw .forbiddenPort(port)
      case .shutdown: throw .tripleFault
      case .interrupted:
        throw .deadline(step: step, limitMilliseconds: configuration.deadline.nanoseconds / 1_000_000)
      case .other(let reason, let detail): throw .unexpectedExit(reason: reason, detail: detail)
      }
    }
  }

  private func hypercall(_ port: UInt16) throws(MachineFault) -> Stop {
    guard !isLinux else { throw .forbiddenPort(port) }
    let (first, second) = (processor.registers.pointee.rdi, processor.registers.pointee.rsi)
    switch port {
    case 0xe0: return .ready(Mailbox(address: first, size: second))
    case 0xe1: return .result(address: first, size: second)
    default: return .mark(first)
    }
  }

  /// Serves a system call; a stop when the guest cannot go on by itself.
  private func serveCall() throws(MachineFault) -> Stop? {
    let registers = processor.registers.pointee
    guard isLinux else {
      throw .unsupported(
        what: "a system call (\(LinuxCallName.of(registers.rax))) of a freestanding guest", advice: "use hypercalls")
    }
    guard registers.rcx < GuestMemory.guestAddresses.upperBound else {
      throw .memoryAccess(
        MemoryAccess(kind: .fetch, target: .unmapped, address: registers.rcx, instruction: registers.rcx))
    }
    let arguments = LinuxProcess.Arguments(
      a: registers.rdi, b: registers.rsi, c: registers.rdx, d: registers.r10, e: registers.r8, f: registers.r9)
    switch try process?.serve(registers.rax, arguments, &memory) {
    case .value(let value): processor.returnFromCall(UInt64(bitPattern: Int64(value)))
    case .failure(let code): processor.returnFromCall(UInt64(bitPattern: -Int64(code)))
    case .threadPointer(let address):
      processor.setThreadPointer(address)
      processor.returnFromCall(0)
    case .clock(let counter):
      ClockPage.calibrate(
        memory, counter: counter, kilohertz: processor.counterKilohertz(), monotonic: Kernel.now(),
        realTime: Kernel.now(CLOCK_REALTIME))
      processor.returnFromCall(0)
    case .request(let mailbox): return .ready(mailbox)
    case .result(let address, let size): return .result(address: address, size: size)
    case .end(let status): throw process?.ending(status: status, machineBytes: memory.size) ?? .tripleFault
    case nil: break
    }
    return nil
  }
}
