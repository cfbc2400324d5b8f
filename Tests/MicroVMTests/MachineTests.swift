import MicroVM
import Testing
import Units

@Suite("A machine", .enabled(if: Guests.hasKVM, Guests.needsKVM), .serialized)
struct MachineTests {
  @Test("boots a freestanding guest, answers its first request and later ones, and says how long each took")
  func phases() throws {
    let machine = try Machine.create(Guests.image(Guests.probe))
    try machine.boot()
    #expect(machine.samples.map(\.phase) == [.machineCreate, .memoryMap, .processorSetup, .load, .boot, .runtimeInit])
    let first = try machine.invoke([UInt8]("echo".utf8))
    #expect(String(decoding: first.result, as: UTF8.self) == "echo")
    #expect(first.sample.phase == .firstInvoke)
    #expect(first.sample.exits == 1)
    for count in 1...5 {
      let later = try machine.invoke([UInt8(ascii: "c")])
      #expect(later.result == [UInt8(count)])
      #expect(later.sample.phase == .warmInvoke)
    }
    #expect((machine.samples + [first.sample]).allSatisfy { $0.wall > .zero })
  }

  @Test("has KVM count the pages that its guest touches for the first time, of which a warm call has none")
  func statistics() throws {
    let machine = try Machine.create(Guests.image(Guests.probe), MachineConfiguration(counters: .all))
    try machine.boot()
    let touched = machine.samples.compactMap(\.guestPageFaults).reduce(0, +)
    #expect(touched > 0, "code, stack and the mailbox at least")
    _ = try machine.invoke([UInt8(ascii: "c")])
    let later = try machine.invoke([UInt8(ascii: "c")])
    #expect(later.sample.guestPageFaults == 0)
    #expect(later.sample.emulatedInstructions != nil)
  }

  @Test("is destroyed by its last owner, and how long that takes is told")
  func destroy() throws {
    var machine: Machine? = try Machine.create(Guests.image(Guests.probe), MachineConfiguration(counters: .all))
    try machine?.boot()
    weak let held = machine
    let sample = try Machine.destroy(&machine)
    #expect(held == nil)
    #expect(machine == nil)
    #expect(sample.phase == .destroy && sample.wall > .zero && sample.exits == 0)
  }
}
