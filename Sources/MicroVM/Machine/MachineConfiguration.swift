public import Units

/// What a machine gets.
public struct MachineConfiguration: Sendable {
  /// Guest memory in bytes, rounded up to whole pages; the host gives a page when it is first touched.
  public var memory: Int
  /// Virtual processors.
  public var processors: Int
  /// Bytes of stack below the guard.
  public var stack: Int
  /// `argv` after the program's own name.
  public var arguments: [String]
  /// `NAME=value`, all that the guest sees.
  public var environment: [String]
  /// Host files and directories that the guest may read, and nothing else. Absolute paths, links resolved.
  public var readablePaths: [String]
  /// The longest that a boot or an invocation may take.
  public var deadline: TimeSpan
  public var counters: Counters

  /// The largest memory that Lambda offers, 10,240 MB (docs.aws.amazon.com, 2026-11), and as much again.
  static let memoryRange = (1 << 20)...(20_480 << 20)
  static let stackRange = Page.size...(1 << 30)

  public init(
    memory: Int = 128 << 20, processors: Int = 1, stack: Int = 1 << 20, arguments: [String] = [],
    environment: [String] = [], readablePaths: [String] = [], deadline: TimeSpan = .seconds(30),
    counters: Counters = .none
  ) {
    self.memory = memory
    self.processors = processors
    self.stack = stack
    self.arguments = arguments
    self.environment = environment
    self.readablePaths = readablePaths
    self.deadline = deadline
    self.counters = counters
  }

  func check() throws(MachineFault) {
    guard processors == 1 else {
      throw .unsupported(
        what: "a machine with \(processors) virtual processors",
        advice: "use one: guests have no threads that a second one could run")
    }
    guard Self.memoryRange.contains(memory) else {
      throw .unsupported(what: "a memory of \(memory) bytes", advice: "use 1 MiB to 20 GiB")
    }
    guard Self.stackRange.contains(stack), stack <= memory / 2 else {
      throw .unsupported(what: "a stack of \(stack) bytes", advice: "use 4 KiB up to half of the memory")
    }
    guard deadline.nanoseconds > 0, deadline.nanoseconds < 1 << 60 else {
      throw .unsupported(what: "a deadline of \(deadline)", advice: "use more than none and less than 36 years")
    }
  }
}
