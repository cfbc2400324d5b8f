/// An exception of the x86-64 processor, by its vector (AMD64 Architecture Programmer's Manual, volume 2, 8.2).
public struct ProcessorException: Equatable, Sendable, CustomStringConvertible {
  public var vector: UInt8

  public init(vector: UInt8) { self.vector = vector }

  static let breakpoint = ProcessorException(vector: 3)
  static let invalidInstruction = ProcessorException(vector: 6)
  static let generalProtection = ProcessorException(vector: 13)
  static let pageFault = ProcessorException(vector: 14)

  /// The vectors that have a gate.
  static let count = 32

  /// Whether the processor pushes an error code below the return frame.
  var pushesErrorCode: Bool { [8, 10, 11, 12, 13, 14, 17, 21, 29, 30].contains(vector) }

  /// Whether a program may raise it with an instruction of its own (INT3, INTO).
  var isCallable: Bool { vector == 3 || vector == 4 }

  public var description: String {
    let name: String? =
      switch vector {
      case 0: "#DE, a division by zero"
      case 1: "#DB, a debug trap"
      case 3: "#BP, a breakpoint"
      case 4: "#OF, an overflow"
      case 5: "#BR, a bound exceeded"
      case 6: "#UD, an invalid instruction"
      case 7: "#NM, the floating-point unit missing"
      case 8: "#DF, a double fault"
      case 10: "#TS, an invalid task segment"
      case 11: "#NP, a segment missing"
      case 12: "#SS, a stack fault"
      case 13: "#GP, a general protection fault"
      case 14: "#PF, a page fault"
      case 16: "#MF, a floating-point error"
      case 17: "#AC, a misaligned access"
      case 19: "#XF, a vector floating-point error"
      default: nil
      }
    return name ?? "exception \(vector)"
  }

  var advice: String? {
    switch self {
    case .invalidInstruction: "a trap of the program itself (a failed check), or an instruction this processor lacks"
    case .generalProtection: "a privileged instruction, a port that is no hypercall, or an address that cannot exist"
    default: nil
    }
  }
}

/// A page fault, decoded.
public struct MemoryAccess: Equatable, Sendable, CustomStringConvertible {
  public enum Kind: String, Equatable, Sendable {
    case read = "read"
    case write = "wrote to"
    case fetch = "jumped to"
  }

  /// What the address hit.
  public enum Target: String, Equatable, Sendable {
    /// The first pages, where null pointers lead.
    case null = "near null"
    /// The guard below the stack.
    case stackGuard = "in the guard below its stack: the stack is full"
    case unmapped = "where nothing is mapped"
    /// Code and constants.
    case readOnly = "in read-only memory"
    case noExecute = "in memory that holds no code"
    /// The monitor's tables.
    case monitor = "in pages that belong to the monitor"
  }

  public var kind: Kind
  public var target: Target
  public var address: UInt64
  public var instruction: UInt64

  public var description: String {
    "\(kind.rawValue) 0x\(hex(address)), \(target.rawValue) (instruction at 0x\(hex(instruction)))"
  }

  var advice: String? {
    switch target {
    case .stackGuard: "less recursion or smaller local variables, or a larger stack in the machine's configuration"
    default: nil
    }
  }
}
