import Foundation
import MicroVM
import Testing

@Suite("A snapshot", .enabled(if: Guests.hasKVM, Guests.needsKVM), .serialized)
struct SnapshotTests {
  private func count(_ machine: Machine) throws -> UInt8? { try machine.invoke([UInt8(ascii: "c")]).result.first }

  @Test("gives machines that go on from it, each by itself, whatever way they were restored")
  func independence() throws {
    let original = try Machine.create(Guests.image(Guests.probe))
    try original.boot()
    for expected in 1...3 { #expect(try count(original) == UInt8(expected)) }
    let snapshot = try original.snapshot()
    #expect(try count(original) == 4)

    let recorder = try Machine.restore(from: snapshot)
    #expect(try count(recorder) == 4)
    let set = try recorder.workingSet()
    #expect(set.size > 0 && set.size <= snapshot.size + (16 << 10))

    for method: RestoreMethod in [.lazyPrivate, .copy, .workingSet(set)] {
      let first = try Machine.restore(from: snapshot, method)
      let second = try Machine.restore(from: snapshot, method)
      #expect(first.samples.map(\.phase) == [.restore])
      #expect(try count(first) == 4)
      #expect(try count(first) == 5)
      #expect(try count(second) == 4)
    }
    #expect(try count(original) == 5)
  }

  @Test("can be gone back to in place, after any number of invocations and after a fault")
  func reset() throws {
    let original = try Machine.create(Guests.image(Guests.probe))
    try original.boot()
    let snapshot = try original.snapshot()
    let machine = try Machine.restore(from: snapshot)
    for calls in [1, 3, 0, 2] {
      for expected in 0..<calls { #expect(try count(machine) == UInt8(expected + 1)) }
      try machine.reset(to: snapshot)
    }
    #expect(throws: MachineFault.self) { try machine.invoke([UInt8(ascii: "u")]) }
    try machine.reset(to: snapshot)
    #expect(try count(machine) == 1)
    // One that was made otherwise cannot.
    #expect(throws: MachineFault.self) { try original.reset(to: snapshot) }
    #expect(throws: MachineFault.self) { try Machine.restore(from: snapshot, .copy).reset(to: snapshot) }
  }

  @Test("of a Linux guest keeps its memory, its files and its clocks right")
  func linux() throws {
    let original = try Machine.create(Guests.image(Guests.linux))
    try original.boot()
    _ = try original.invoke(Array("c".utf8))
    let snapshot = try original.snapshot()
    for method: RestoreMethod in [.lazyPrivate, .copy] {
      let machine = try Machine.restore(from: snapshot, method)
      for _ in 0..<2 { #expect(try machine.invoke(Array("m".utf8)).result == Array("0".utf8)) }
      let told = Double(String(decoding: try machine.invoke(Array("r".utf8)).result, as: UTF8.self))
      #expect(abs(try #require(told) - Date().timeIntervalSince1970 * 1000) < 2000)
    }
    let machine = try Machine.restore(from: snapshot)
    for _ in 0..<3 {
      #expect(try machine.invoke(Array("m".utf8)).result == Array("0".utf8))
      try machine.reset(to: snapshot)
    }
    #expect(try original.invoke(Array("m".utf8)).result == Array("0".utf8))
  }

  @Test("cannot be taken of a machine that was not started or has failed")
  func stages() throws {
    let machine = try Machine.create(Guests.image(Guests.probe))
    #expect(throws: MachineFault.self) { try machine.snapshot() }
    try machine.boot()
    #expect(throws: MachineFault.self) { try machine.boot() }
    #expect(throws: MachineFault.self) { try machine.invoke([UInt8(ascii: "u")]) }
    #expect(throws: MachineFault.self) { try machine.snapshot() }
  }
}
