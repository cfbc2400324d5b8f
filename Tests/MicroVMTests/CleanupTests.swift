import Diagnostics
import Foundation
import Synchronization
import Testing
import Units

@testable import MicroVM

@Suite("After a machine", .enabled(if: Guests.hasKVM, Guests.needsKVM), .serialized)
struct CleanupTests {
  /// What the process holds: open descriptors, threads, mapped machines.
  private struct Holdings: Equatable {
    var descriptors: Int
    var threads: Int
    var machines: Int

    init() throws {
      let manager = FileManager.default
      descriptors = try manager.contentsOfDirectory(atPath: "/proc/self/fd").count
      threads = try manager.contentsOfDirectory(atPath: "/proc/self/task").count
      let links = try manager.contentsOfDirectory(atPath: "/proc/self/fd").compactMap {
        try? manager.destinationOfSymbolicLink(atPath: "/proc/self/fd/" + $0)
      }
      machines = links.filter { $0.contains("kvm-v") }.count
    }
  }

  private func fail(_ command: String) throws {
    let machine = try Machine.create(
      Guests.image(Guests.probe), MachineConfiguration(deadline: .milliseconds(300), counters: .all))
    try machine.boot()
    _ = try? machine.invoke(Array(command.utf8))
  }

  @Test("nothing is left in the process, however it ended")
  func nothingIsLeft() throws {
    try fail("e")  // the watchdog's thread and the device stay for the next machine
    let before = try Holdings()
    #expect(before.machines == 0)
    for command in ["e", "u", "s", "t", "l", "R", "p"] { try fail(command) }
    let original = try Machine.create(Guests.image(Guests.probe))
    try original.boot()
    do {
      let snapshot = try original.snapshot()
      let copies = try (0..<5).map { _ in try Machine.restore(from: snapshot) }
      #expect(copies.count == 5)
    }
    _ = consume original
    let after = try Holdings()
    #expect(after.machines == 0)
    #expect(after.descriptors <= before.descriptors)
    #expect(after.threads <= before.threads)
  }

  @Test("that could not be made nothing is left either, whichever call of the kernel fails")
  func refusals() throws {
    let image = try Guests.image(Guests.probe)
    let names = Mutex<[String]>([])
    func live() throws {
      let machine = try Machine.create(image, MachineConfiguration(counters: .all))
      try machine.boot()
      let snapshot = try machine.snapshot()
      _ = try Machine.restore(from: snapshot)
    }
    let record: @Sendable (String) -> Int32? = { name in
      names.withLock { $0.append(name) }
      return nil
    }
    try Kernel.$refusal.withValue(record, operation: live)
    let calls = names.withLock { $0 }
    #expect(calls.contains("KVM_CREATE_VM") && calls.contains("KVM_SET_MSRS") && calls.contains("memfd_create"))
    let before = try Holdings()
    for index in calls.indices {
      let count = Mutex(0)
      let refuse: @Sendable (String) -> Int32? = { _ in
        count.withLock { number in
          defer { number += 1 }
          return number == index ? ENOMEM : nil
        }
      }
      #expect(throws: MachineFault.host(call: calls[index], code: ENOMEM)) {
        try Kernel.$refusal.withValue(refuse, operation: live)
      }
    }
    #expect(try Holdings() == before)
  }

  @Test("without KVM, or without permission, the fault says so and what to do")
  func noDevice() throws {
    #expect(throws: MachineFault.noHypervisor(path: "/nonexistent/kvm")) { try Hypervisor(path: "/nonexistent/kvm") }
    let forbid: @Sendable (String) -> Int32? = { $0 == "open" ? EACCES : nil }
    let found = Kernel.$refusal.withValue(forbid) {
      #expect(throws: MachineFault.self) { try Hypervisor(path: "/dev/kvm") }
    }
    #expect(found == .noPermission(path: "/dev/kvm"))
    let other = #expect(throws: MachineFault.self) { try Hypervisor(path: "/dev/null") }
    #expect(other?.exitStatus == .inputOutput)
  }

  @Test("another is not affected: many live side by side, and one's fault is its own")
  func sideBySide() throws {
    let image = try Guests.image(Guests.probe)
    let machines = try (0..<20).map { _ in try Machine.create(image) }
    for machine in machines { try machine.boot() }
    for (index, machine) in machines.enumerated() {
      for _ in 0..<index { _ = try machine.invoke([UInt8(ascii: "c")]) }
    }
    #expect(throws: MachineFault.self) { try machines[7].invoke([UInt8(ascii: "u")]) }
    for (index, machine) in machines.enumerated() where index != 7 {
      #expect(try machine.invoke([UInt8(ascii: "c")]).result == [UInt8(index + 1)])
    }
  }

  @Test("what it holds of the host is known: little, and most of it its own")
  func memoryUse() throws {
    let machine = try Machine.create(Guests.image(Guests.probe))
    try machine.boot()
    _ = try machine.invoke([UInt8(ascii: "c")])
    let use = try machine.memoryUse()
    #expect(use.resident > 0 && use.resident < 256 << 10)
    #expect(use.own > 0 && use.own <= use.resident)
  }
}
