import Foundation
import MicroVM
import Testing
import Units

@Suite("A Linux guest", .enabled(if: Guests.hasKVM, Guests.needsKVM), .serialized)
struct LinuxTests {
  private func machine(_ configuration: MachineConfiguration = MachineConfiguration()) throws -> Machine {
    let machine = try Machine.create(Guests.image(Guests.linux), configuration)
    try machine.boot()
    return machine
  }

  private func answer(_ machine: Machine, _ request: String) throws -> String {
    String(decoding: try machine.invoke(Array(request.utf8)).result, as: UTF8.self)
  }

  private func fault(_ request: String, _ configuration: MachineConfiguration = MachineConfiguration()) throws
    -> MachineFault?
  {
    let machine = try machine(configuration)
    do throws(MachineFault) {
      _ = try machine.invoke(Array(request.utf8))
      return nil
    } catch {
      return error
    }
  }

  @Test("is an unmodified static C program: it prints, gets its arguments and ends with its status")
  func hello() throws {
    var configuration = MachineConfiguration()
    configuration.arguments = ["hello", "you"]
    let (status, output) = try Machine.create(Guests.image(Guests.linux), configuration).runToEnd()
    #expect(status == 3)
    #expect(String(decoding: output, as: UTF8.self) == "hello, you\n")
  }

  @Test("answers requests that it reads, one after the other, up to 64 KiB")
  func requests() throws {
    let machine = try machine()
    for size in [1, 10, 4096, 60_000] {
      let request = [UInt8](repeating: UInt8(ascii: "e"), count: size)
      #expect(try machine.invoke(request).result == request)
    }
  }

  @Test("computes with floating point as the host does")
  func floatingPoint() throws {
    var expected = 1.5
    for _ in 0..<10 { expected = expected * 1.5 + 0.25 }
    #expect(Double(try answer(machine(), "F1.5")) == expected)
  }

  @Test("finds its memory as it left it through mmap, mprotect, munmap, mremap, madvise and brk")
  func memory() throws {
    let machine = try machine()
    for _ in 0..<3 { #expect(try answer(machine, "m") == "0") }
  }

  @Test("has clocks that agree with the host's, run, and cost no exit once they are set")
  func clocks() throws {
    let machine = try machine()
    let before = Date().timeIntervalSince1970 * 1000
    let told = try #require(Double(try answer(machine, "r")))
    let after = Date().timeIntervalSince1970 * 1000
    #expect(told >= before - 50 && told <= after + 50)
    _ = try answer(machine, "c")
    // One exit to read the request, one for the result.
    let later = try machine.invoke(Array("c".utf8))
    #expect(later.sample.exits == 2)
    let difference = try #require(Int(String(decoding: later.result, as: UTF8.self)))
    #expect((0..<1_000_000).contains(difference))
    let slept = try machine.invoke(Array("z".utf8))
    #expect(slept.sample.wall >= .milliseconds(20))
  }

  // MARK: what it may not

  @Test("sees no file but those under its readable paths, by no way around them")
  func files() throws {
    let root = Guests.directory.appending(path: "root")
    let secret = Guests.directory.appending(path: "secret")
    let manager = FileManager.default
    try manager.createDirectory(at: root.appending(path: "sub"), withIntermediateDirectories: true)
    try manager.createDirectory(at: Guests.directory.appending(path: "root-other"), withIntermediateDirectories: true)
    try Data("inside".utf8).write(to: root.appending(path: "sub/file"))
    try Data("outside".utf8).write(to: secret)
    try Data("outside".utf8).write(to: Guests.directory.appending(path: "root-other/file"))
    try? manager.createSymbolicLink(at: root.appending(path: "way-out"), withDestinationURL: secret)
    try? manager.createSymbolicLink(at: root.appending(path: "in"), withDestinationURL: root.appending(path: "sub"))
    let machine = try machine(MachineConfiguration(readablePaths: [root.resolvingSymlinksInPath().path]))
    let base = root.resolvingSymlinksInPath().path
    #expect(try answer(machine, "f\(base)/sub/file") == "inside")
    #expect(try answer(machine, "f\(base)/in/file") == "inside")
    #expect(try answer(machine, "s\(base)/sub/file") == "6")
    for path in [
      secret.path, "\(base)/../secret", "\(base)/way-out", "\(base)/sub/../../secret", "\(base)-other/file",
      "/etc/passwd", "/proc/self/environ", "/proc/self/maps", "/dev/kvm", "/dev/mem", "/proc/1/root\(secret.path)", "/",
    ] {
      #expect(try answer(machine, "f\(path)") == "-2", "\(path)")
      #expect(try answer(machine, "s\(path)") == "-2", "\(path)")
    }
    // Nothing can be written, and what is there stays.
    #expect(try answer(machine, "W\(base)/sub/file") == "-30")
    #expect(try answer(machine, "W\(base)/new") == "-30")
    #expect(!manager.fileExists(atPath: base + "/new"))
  }

  @Test("has no network, no children, no other programs and no threads")
  func denied() throws {
    let machine = try machine()
    #expect(try answer(machine, "n") == "-38")
    #expect(try answer(machine, "k") == "-38")
    #expect(try answer(machine, "x") == "-38")
    #expect(Int(try answer(machine, "t")) != 0)
    #expect(try answer(machine, "N") == "-38")
    #expect(try answer(machine, "O") == "-38")
    #expect(machine.unservedCalls == ["socket": 1, "clone": 2, "execve": 1, "bpf": 1, "unknown": 1])
  }

  @Test("has calls that are always answered alike answered inside it, and others by the monitor")
  func gate() throws {
    let machine = try machine()
    _ = try answer(machine, "C39")
    var exits: [Int: UInt64] = [:]
    for (call, expected) in [
      (39, "1"), (102, "1000"), (218, "1"), (157, "-22"), (334, "-38"), (511, "-38"), (63, "-14"),
    ] {
      let sample = try machine.invoke(Array("C\(call)".utf8))
      #expect(String(decoding: sample.result, as: UTF8.self) == expected, "call \(call)")
      exits[call] = sample.sample.exits
    }
    // A read and a write are all that others need.
    let inside = try #require(exits[39])
    #expect([102, 218, 157, 334].allSatisfy { exits[$0] == inside })
    #expect([511, 63].allSatisfy { exits[$0] == inside + 1 })
    #expect(try machine.invoke(Array("C12".utf8)).sample.exits == inside)
    #expect(try answer(machine, "B") == "81921")
    #expect(try answer(machine, "Y") == String(1000 * 99 * 50))
    #expect(machine.unservedCalls.values.reduce(0, +) == 1)
  }

  @Test("ends with a named fault when it does what it may not with its memory")
  func faults() throws {
    for (request, kind, target) in [
      ("P", MemoryAccess.Kind.write, MemoryAccess.Target.readOnly), ("U", .read, .unmapped), ("X", .fetch, .noExecute),
      ("S", .write, .stackGuard),
    ] {
      guard case .memoryAccess(let access) = try fault(request) else {
        Issue.record("\(request) was no memory fault")
        continue
      }
      #expect(access.kind == kind)
      #expect(access.target == target)
    }
    guard case .outOfMemory = try fault("M", MachineConfiguration(memory: 16 << 20)) else {
      Issue.record("exhausted memory went unnoticed")
      return
    }
    guard case .exception(let exception, _) = try fault("d0") else {
      Issue.record("a division by zero went unnoticed")
      return
    }
    #expect(exception.vector == 0)
  }

  @Test("that aborts, exits or never answers is told apart")
  func endings() throws {
    guard case .exited(134, _) = try fault("a") else { throw Unexpected() }
    guard case .exited(7, _) = try fault("q7") else { throw Unexpected() }
    // Long enough for a boot under emulation.
    let short = MachineConfiguration(deadline: .milliseconds(500))
    #expect(try fault("l", short) == .deadline(step: "invocation", limitMilliseconds: 500))
    #expect(try fault("L", short) == .deadline(step: "invocation", limitMilliseconds: 500))
  }

  private struct Unexpected: Error {}

  @Test("may be Swift with Foundation")
  func foundation() throws {
    let machine = try Machine.create(Guests.image(Guests.foundation))
    try machine.boot()
    for _ in 0..<3 {
      #expect(try answer(machine, #"{"name":"a","values":[1,2,3]}"#) == #"{"name":"a","values":[2,4,6]}"#)
    }
  }

  @Test("may be a Python handler, whose failures are answers", .enabled(if: Guests.hasPython, "needs /usr/bin/python3"))
  func python() throws {
    let machine = try Machine.create(Guests.image(Guests.python))
    try machine.boot()
    // printf '"x"' | sha256sum
    let hash = "ba2df4903a2c14e86dc3bcca58911b44ac1d2514b7227bf6eb08cfb978f55a1b"
    let first = try answer(machine, #""x""#)
    #expect(first.contains(#""calls": 1"#))
    #expect(first.contains(hash))
    #expect(try answer(machine, #""x""#).contains(#""calls": 2"#))
    #expect(try answer(machine, #""fail""#) == #"{"errorMessage": "as asked", "errorType": "ValueError"}"#)
    #expect(try answer(machine, #"{"open": "/etc/passwd"}"#).contains("FileNotFoundError"))
  }

  @Test("that needs two processors is refused in words")
  func processors() throws {
    let two = MachineConfiguration(processors: 2)
    guard
      case .unsupported(let what, _) = #expect(
        throws: MachineFault.self,
        performing: {
          try Machine.create(Guests.image(Guests.linux), two)
        })
    else { throw Unexpected() }
    #expect(what.contains("2 virtual processors"))
  }
}
