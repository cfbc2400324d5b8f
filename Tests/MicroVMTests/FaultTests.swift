import Diagnostics
import Testing
import Units

@testable import MicroVM

/// Every way in which a freestanding guest can misbehave, and the name that it is given.
@Suite("A guest's fault", .enabled(if: Guests.hasKVM, Guests.needsKVM), .serialized)
struct FaultTests {
  /// The fault with which the probe ends at a command, with a number for it.
  private func fault(
    _ command: Character, _ number: UInt64 = 0, deadline: TimeSpan = .seconds(20)
  ) throws -> MachineFault? {
    let machine = try Machine.create(Guests.image(Guests.probe), MachineConfiguration(deadline: deadline))
    try machine.boot()
    let request = Array(String(command).utf8) + (0..<8).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) }
    do throws(MachineFault) {
      _ = try machine.invoke(request)
      return nil
    } catch {
      // A machine that failed says so, and does nothing more.
      #expect(throws: MachineFault.wrongStage(found: "failed", expected: "one that waits for requests")) {
        try machine.invoke([])
      }
      return error
    }
  }

  private func access(_ command: Character, _ address: UInt64 = 0) throws -> MemoryAccess? {
    guard case .memoryAccess(let access) = try fault(command, address) else { return nil }
    return access
  }

  @Test(
    "in memory names what was touched, how, and where",
    arguments: [
      ("r", 0x10, .read, .null), ("w", 0x10, .write, .null), ("j", 0, .fetch, .null),
      ("r", 0x5000_0000, .read, .unmapped), ("w", 0x7fff_0000_0000, .write, .unmapped),
      ("j", 0x4000_0000, .fetch, .unmapped),
      ("r", 0xf000, .read, .monitor), ("w", 0xf200, .write, .monitor), ("w", 0xcf00, .write, .monitor),
      ("r", 0xb000, .read, .monitor), ("w", 0xe000, .write, .monitor),
    ] as [(Character, UInt64, MemoryAccess.Kind, MemoryAccess.Target)])
  func memory(_ command: Character, _ address: UInt64, _ kind: MemoryAccess.Kind, _ target: MemoryAccess.Target) throws
  {
    let found = try access(command, address)
    #expect(found?.kind == kind)
    #expect(found?.target == target)
    #expect(found?.address == address)
  }

  @Test("of writing to code or constants, running data or filling the stack is named as such")
  func protection() throws {
    #expect(try access("t")?.target == .readOnly)
    #expect(try access("k")?.target == .readOnly)
    #expect(try access("n")?.target == .noExecute)
    #expect(try access("s")?.target == .stackGuard)
  }

  @Test(
    "of the processor carries its exception",
    arguments: [
      ("u", 6), ("h", 13), ("p", 13), ("i", 13), ("b", 3), ("d", 0),
    ] as [(Character, UInt8)])
  func exceptions(_ command: Character, _ vector: UInt8) throws {
    let found = try #require(try fault(command))
    // Hardware lets guests use ports by IOPL: the monitor forbids then what the I/O bitmap did not.
    let isForbidden =
      switch found {
      case .forbiddenPort, .unexpectedExit: command == "p" || command == "i"
      case .exception(let exception, _): exception.vector == vector
      default: false
      }
    #expect(isForbidden, "\(found)")
  }

  @Test("with a wild stack pointer, an address that cannot exist or an old system call gate is caught too")
  func wild() throws {
    guard case .exception(let first, _) = try fault("3", 0x10) else { throw Unexpected() }
    #expect(first.vector == 6)
    guard case .exception(let second, _) = try fault("r", 0x8000_0000_0000_0000) else { throw Unexpected() }
    #expect(second.vector == 13)
    guard case .exception = try fault("8") else { throw Unexpected() }
    guard case .unsupported = try fault("y") else { throw Unexpected() }
    #expect(try fault("x") != nil)
  }

  private struct Unexpected: Error {}

  @Test("for which there is no gate any more, and none for that either, is a triple fault by name")
  func tripleFault() throws {
    let machine = try Machine.create(Guests.image(Guests.probe))
    try machine.boot()
    // No guest reaches its descriptors: the test takes them away.
    machine.memory.host(frame: SystemPages.descriptorFrame).initializeMemory(
      as: UInt8.self, repeating: 0, count: 32 * 16)
    let found = #expect(throws: MachineFault.self) { try machine.invoke([UInt8(ascii: "u")]) }
    #expect(found == .tripleFault)
    #expect(found?.description == "the guest's processor shut down (triple fault)")
  }

  @Test("of pointers in hypercalls is refused before anything is read")
  func hypercalls() throws {
    for address: UInt64 in [0, 0xf000, 0x5000_0000, .max - 8, 0x7fff_ffff_efff, 1 << 63] {
      guard case .badArgument("RESULT", address, 64) = try fault("R", address) else { throw Unexpected() }
    }
    guard case .badArgument("RESULT", _, .max) = try fault("L") else { throw Unexpected() }
  }

  @Test("of running for ever ends at the deadline")
  func deadline() throws {
    let clock = ContinuousClock()
    let start = clock.now
    let found = try fault("l", deadline: .milliseconds(50))
    #expect(found == .deadline(step: "invocation", limitMilliseconds: 50))
    let took = clock.now - start
    #expect(took >= .milliseconds(50))
    #expect(took < .seconds(5))
  }

  @Test("is said in one line with what to do, and has an exit status")
  func words() throws {
    let found = try #require(try fault("s"))
    #expect(found.description.contains("stack"))
    #expect(found.exitStatus == .badInput)
    #expect(MachineFault.noPermission(path: "/dev/kvm").exitStatus == .unavailable)
    #expect(MachineFault.noHypervisor(path: "/dev/kvm").exitStatus == .unavailable)
    #expect(MachineFault.noPermission(path: "/dev/kvm").description.contains("usermod -aG kvm"))
  }

  @Test("does not come of a request that fills the mailbox, and does of a larger one")
  func requests() throws {
    let machine = try Machine.create(Guests.image(Guests.probe))
    try machine.boot()
    let full = [UInt8](repeating: UInt8(ascii: "e"), count: 4096)
    #expect(try machine.invoke(full).result == full)
    #expect(throws: MachineFault.requestTooLarge(bytes: 4097, limit: 4096)) { try machine.invoke(full + [0]) }
    #expect(try machine.invoke(full).result == full)
  }
}
