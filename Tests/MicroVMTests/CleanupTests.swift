import Diagnostics
import Foundation
import Synchronization
import Testing
import Units

@testable import MicroVM

@Suite("After a machine", .enabled(if: Guests.hasKVM, Guests.needsKVM), .serialized)
struct CleanupTests {
  @Test("nothing is left in the process, however it ended")
  func nothingIsLeft() async {
    // In a process of its own: other tests open and close things all the time.
    await #expect(processExitsWith: .success) {
      try fail("e")  // the watchdog's thread and the device stay for the next machine
      let before = try Holdings()
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
      #expect(after == before)
    }
  }

  #if DEBUG
    // The kernel can be made to refuse in debug builds only.
    @Test("that could not be made nothing is left either, whichever call of the kernel fails")
    func refusals() async {
      await #expect(processExitsWith: .success) {
        let image = try Guests.image(Guests.probe)
        let names = Mutex<[String]>([])
        func live() throws {
          let machine = try Machine.create(image, MachineConfiguration(counters: .all))
          try machine.boot()
          let snapshot = try machine.snapshot()
          _ = try Machine.restore(from: snapshot)
        }
        try live()  // the device is opened once, and stays
        let before = try Holdings()
        let record: @Sendable (String) -> Int32? = { name in
          names.withLock { $0.append(name) }
          return nil
        }
        try Kernel.$refusal.withValue(record, operation: live)
        let calls = names.withLock { $0 }
        #expect(calls.contains("KVM_CREATE_VM") && calls.contains("KVM_SET_MSRS") && calls.contains("memfd_create"))
        for index in calls.indices {
          let count = Mutex(0)
          let refuse: @Sendable (String) -> Int32? = { _ in
            count.withLock { number in
              defer { number += 1 }
              return number == index ? ENOMEM : nil
            }
          }
          #expect(throws: MachineFault.self, "\(calls[index])") {
            try Kernel.$refusal.withValue(refuse, operation: live)
          }
        }
        #expect(try Holdings() == before)
      }
    }
  #endif

  @Test("without KVM, or without permission, the fault says so and what to do")
  func noDevice() throws {
    #expect(throws: MachineFault.noHypervisor(path: "/nonexistent/kvm")) { try Hypervisor(path: "/nonexistent/kvm") }
    #if DEBUG
      let forbid: @Sendable (String) -> Int32? = { $0 == "open" ? EACCES : nil }
      let found = Kernel.$refusal.withValue(forbid) {
        #expect(throws: MachineFault.self) { try Hypervisor(path: "/dev/kvm") }
      }
      #expect(found == .noPermission(path: "/dev/kvm"))
    #endif
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

/// What a process holds: open descriptors and threads of its own.
private struct Holdings: Equatable {
  var descriptors: [String]
  var threads: Int

  init() throws {
    let manager = FileManager.default
    // What Foundation and Dispatch open for themselves is not the machines'.
    descriptors = try manager.contentsOfDirectory(atPath: "/proc/self/fd").compactMap {
      try? manager.destinationOfSymbolicLink(atPath: "/proc/self/fd/" + $0)
    }.filter { $0.contains("kvm") || $0.contains("memfd") || $0.contains("schedstat") || $0.contains("pagemap") }
      .sorted()
    threads = try manager.contentsOfDirectory(atPath: "/proc/self/task").count {
      (try? String(contentsOfFile: "/proc/self/task/\($0)/comm", encoding: .utf8))?.hasPrefix("kvm") ?? false
    }
  }
}

private func fail(_ command: String) throws {
  let machine = try Machine.create(
    Guests.image(Guests.probe), MachineConfiguration(deadline: .milliseconds(300), counters: .all))
  try machine.boot()
  _ = try? machine.invoke(Array(command.utf8))
}
