import Glibc

/// A Linux program in a machine: its address space, its files, and what it has asked for so far.
///
/// One thread, no children, no signals that are delivered, no network, nothing to write to but captured output.
struct LinuxProcess {
  /// What the monitor does after a system call.
  enum Outcome: Equatable {
    /// The guest goes on with this in rax.
    case value(Int)
    case failure(Int32)
    /// It waits for a request: a read of descriptor 1000.
    case request(Machine.Mailbox)
    /// It has answered: a write to descriptor 1001.
    case result(address: UInt64, size: UInt64)
    /// It set its thread pointer (the base of FS).
    case threadPointer(UInt64)
    /// It reads a clock by the clock page, whose counter stood at this.
    case clock(counter: UInt64)
    case end(status: Int32)
  }

  /// The arguments of a system call.
  struct Arguments {
    var a: UInt64
    var b: UInt64
    var c: UInt64
    var d: UInt64
    var e: UInt64
    var f: UInt64
  }

  /// Something that a descriptor of the guest leads to.
  enum OpenFile {
    /// Nothing to read; what is written is kept.
    case stream
    case held([UInt8], position: Int)
    case host(HostFile, position: Int)
    case directory(HostFile, entries: [UInt8], position: Int)
  }

  static let requestDescriptor: UInt64 = 1000
  static let resultDescriptor: UInt64 = 1001
  static let descriptorLimit = 256
  /// More output than this is dropped.
  static let outputLimit = 64 << 10

  var space: AddressSpace
  let layout: LinuxLayout
  /// The end of the heap.
  var heapEnd: UInt64
  var files: GuestFiles
  var open: [Int: OpenFile] = [0: .stream, 1: .stream, 2: .stream]
  /// What it wrote to standard output and standard error, in the order written.
  private(set) var output: [UInt8] = []
  /// System calls that it made and that are not served, by name.
  private(set) var unserved: [String: Int] = [:]
  /// System calls so far that came to the monitor.
  private(set) var calls = 0
  /// The last memory that it was refused, in bytes.
  var refusedMemory: Int?
  /// When the present step has to be over, by CLOCK_MONOTONIC.
  var deadline = Int64.max

  init(layout: LinuxLayout, space: AddressSpace, files: GuestFiles) {
    self.layout = layout
    self.space = space
    self.files = files
    heapEnd = layout.heap.lowerBound
  }

  /// Serves one system call by the table; what is not in it is refused with ENOSYS and counted.
  mutating func serve(
    _ number: UInt64, _ arguments: Arguments, _ memory: inout GuestMemory
  ) throws(MachineFault) -> Outcome {
    calls += 1
    guard number < UInt64(LinuxCallTable.rules.count) else { return refuse(number) }
    switch LinuxCallTable.rules[Int(number)] {
    case .unserved: return refuse(number)
    case .constant(let value): return .value(value)
    case .failure(let code): return .failure(code)
    case .served(let body): return try body(&self, arguments, &memory)
    }
  }

  private mutating func refuse(_ number: UInt64) -> Outcome {
    // Names are few: numbers that Linux does not have are counted as one.
    let name = number < 512 ? LinuxCallName.of(number) : "unknown"
    unserved[name, default: 0] += 1
    return .failure(ENOSYS)
  }

  mutating func keepOutput(_ bytes: [UInt8]) {
    output += bytes.prefix(max(0, Self.outputLimit - output.count))
  }

  /// How a guest that ended by itself failed: by the likeliest cause, if one is known.
  func ending(status: Int32, machineBytes: Int) -> MachineFault {
    if let refusedMemory { return .outOfMemory(bytesWanted: refusedMemory, machineBytes: machineBytes) }
    let text = String(decoding: output.suffix(400), as: UTF8.self)
    if status != 0, !unserved.isEmpty { return .unservedCalls(unserved, then: "ended with status \(status): \(text)") }
    return .exited(status: status, output: text)
  }
}

/// Where the parts of a Linux program lie.
///
/// ```
/// 0x40_0000            heap →         ← stack  0x2000_0000        mappings →               0x40_0000_0000
/// program, or where    right after    with a   the top of         dynamic linker,
/// it is linked to      the program    guard    the stack          libraries, mmap
/// ```
/// All in the lowest 512 GiB, most in the first GiB: fewer page tables to write for each new machine.
struct LinuxLayout: Equatable {
  var base: UInt64
  var heap: Range<UInt64>
  var stack: Range<UInt64>
  var stackGuard: Range<UInt64>

  static let relocatableBase: UInt64 = 0x40_0000
  static let stackTop: UInt64 = 0x2000_0000
  static let mappings: Range<UInt64> = 0x2000_0000..<0x40_0000_0000
  static let guardSize: UInt64 = 0x10_0000

  init(program: ELF, path: String, stackBytes: Int) throws(MachineFault) {
    base = program.isRelocatable ? Self.relocatableBase : 0
    let end = base + program.addresses.upperBound
    stack = Self.stackTop - UInt64(Page.count(stackBytes) * Page.size)..<Self.stackTop
    stackGuard = stack.lowerBound - Self.guardSize..<stack.lowerBound
    guard end <= stackGuard.lowerBound else {
      throw .badImage(
        path: path, offset: 32, found: "a program up to 0x\(hex(end))",
        expected: "one that ends below 0x\(hex(stackGuard.lowerBound)), where the stack begins")
    }
    heap = end..<stackGuard.lowerBound
  }
}
