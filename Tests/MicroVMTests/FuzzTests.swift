import Foundation
import Testing
import Units

@testable import MicroVM

/// Whatever a file or a guest holds, the monitor either serves it or names a fault; it never traps, and never loses
/// track of memory. FAASCAST_FUZZ sets the number of cases, 100,000 for the full run.
@Suite("Under hostile input")
struct FuzzTests {
  private static let cases = ProcessInfo.processInfo.environment["FAASCAST_FUZZ"].flatMap(Int.init) ?? 3_000

  /// A small valid program: two segments, a note, and an interpreter's name.
  private static let program: [UInt8] = {
    var file = [UInt8](repeating: 0, count: 0x3000)
    func put<Number: FixedWidthInteger>(_ number: Number, at offset: Int) {
      withUnsafeBytes(of: number.littleEndian) { file.replaceSubrange(offset..<offset + $0.count, with: $0) }
    }
    file.replaceSubrange(0..<7, with: [0x7f, 0x45, 0x4c, 0x46, 2, 1, 1])
    put(UInt16(2), at: 16)
    put(UInt16(62), at: 18)
    put(UInt64(0x40_1000), at: 24)
    put(UInt64(64), at: 32)
    put(UInt16(56), at: 54)
    put(UInt16(4), at: 56)
    let headers: [(UInt32, UInt32, UInt64, UInt64, UInt64, UInt64)] = [
      (1, 5, 0x1000, 0x40_1000, 0x800, 0x800), (1, 6, 0x2000, 0x40_2000, 0x100, 0x5000),
      (4, 4, 0x200, 0x40_0200, 0x20, 0x20), (3, 4, 0x300, 0x40_0300, 0x10, 0x10),
    ]
    for (index, header) in headers.enumerated() {
      let place = 64 + index * 56
      put(header.0, at: place)
      put(header.1, at: place + 4)
      put(header.2, at: place + 8)
      put(header.3, at: place + 16)
      put(header.4, at: place + 32)
      put(header.5, at: place + 40)
    }
    return file
  }()

  private static let interesting: [UInt64] = [
    0, 1, 0xfff, 0x1000, 0xffff, 0x1_0000, 0x40_1000, 0x40_2000, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff,
    0x7fff_ffff_efff, 0x7fff_ffff_f000, 0x8000_0000_0000, .max >> 1, 1 << 63, .max - 4096, .max,
  ]

  @Test("programs are refused with the place of the fault, or loaded within the guest's memory")
  func programs() throws {
    #expect(throws: Never.self) { try ELF(Self.program, path: "whole") }
    var loaded = 0
    for number in 0..<Self.cases {
      var chance = Chance(seed: UInt64(number) + 1)
      var file = Self.program
      for _ in 0...chance.below(3) {
        switch chance.below(4) {
        case 0: file[chance.below(0x120)] = UInt8(truncatingIfNeeded: chance.next())
        case 1:
          let value = Self.interesting[chance.below(Self.interesting.count)]
          let place = 16 + chance.below(0x100)
          withUnsafeBytes(of: value) { file.replaceSubrange(place..<place + 8, with: $0) }
        case 2: file[16 + chance.below(0x110)] ^= 1 << UInt8(chance.below(8))
        default: if chance.below(8) == 0 { file.removeLast(chance.below(file.count)) }
        }
        if file.count < 0x200 { break }
      }
      do throws(MachineFault) {
        let elf = try ELF(file, path: "case \(number)")
        // One in a few is really loaded: the reader is what most cases are for.
        guard number % 8 == 0, elf.addresses.upperBound < 1 << 40 else { continue }
        var memory = GuestMemory(try Kernel.map(1 << 20, flags: MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE))
        try ProgramFile(file, path: "case \(number)").load(at: 0, into: &memory)
        loaded += 1
      } catch {
        switch error {
        case .badImage, .outOfMemory: break
        default: Issue.record("case \(number): \(error)")
        }
      }
    }
    #expect(loaded > 0)
  }

  @Test("system calls with any number and any arguments leave the guest's memory in order")
  func systemCalls() throws {
    let served = LinuxCallTable.rules.indices.filter {
      if case .served = LinuxCallTable.rules[$0] { true } else { false }
    }
    var number = 0
    var ended = 0
    while number < Self.cases {
      // A few hundred calls in a row on one process, so that states build up.
      let seed = UInt64(number) + 1
      var chance = Chance(seed: seed)
      var memory = try guestMemory(3 << 20)
      var process = try Self.process(in: &memory)
      for _ in 0..<300 {
        number += 1
        let call =
          chance.below(8) == 0 ? chance.next() >> UInt64(chance.below(64)) : UInt64(served[chance.below(served.count)])
        let arguments = LinuxProcess.Arguments(
          a: Self.argument(&chance), b: Self.argument(&chance), c: Self.argument(&chance), d: Self.argument(&chance),
          e: Self.argument(&chance), f: Self.argument(&chance))
        do throws(MachineFault) {
          if case .end = try process.serve(call, arguments, &memory) { ended += 1 }
        } catch {
          switch error {
          case .unsupported: break
          default: Issue.record("seed \(seed), case \(number), call \(call) \(arguments): \(error)")
          }
        }
      }
      try Self.check(process, memory, "seed \(seed)")
    }
    #expect(ended > 0)
  }

  @Test(
    "hypercalls with any pointers and lengths give the guest's own bytes, or end it by name",
    .enabled(if: Guests.hasKVM, Guests.needsKVM))
  func hypercalls() throws {
    let original = try Machine.create(
      Guests.image(Guests.probe), MachineConfiguration(memory: 4 << 20, deadline: .milliseconds(100)))
    try original.boot()
    let snapshot = try original.snapshot()
    let machine = try Machine.restore(from: snapshot)
    let places =
      Self.interesting + [SystemPages.descriptors, SystemPages.gate, ClockPage.address, 0x10_0000, 0x1f_e000]
    var (answered, refused) = (0, 0)
    for number in 0..<Self.cases {
      var chance = Chance(seed: UInt64(number) + 1)
      func argument() -> UInt64 {
        switch chance.below(4) {
        case 0: chance.next() >> UInt64(chance.below(64))
        case 1: places[chance.below(places.count)] &+ UInt64(chance.below(16)) &- 8
        case 2: 0x10_0000 + UInt64(chance.below(0x10_0000))
        default: UInt64(chance.below(8192))
        }
      }
      let (address, size) = (argument(), argument())
      try machine.reset(to: snapshot)
      let own = machine.memory.pieces(address, Int(clamping: size), writing: number % 2 == 1) != nil
      do throws(MachineFault) {
        if number % 2 == 0 {
          let words = withUnsafeBytes(of: (address.littleEndian, size.littleEndian)) { Array($0) }
          let result = try machine.invoke([UInt8(ascii: "H")] + words).result
          #expect(own && result.count == Int(clamping: size), "case \(number)")
        } else {
          // Where the guest wants its request: a place of its own may be its stack or its variables.
          machine.begin(with: nil, mailbox: Machine.Mailbox(address: address, size: size))
          _ = try machine.invoke([UInt8](repeating: 0, count: min(64, Int(clamping: size))))
          #expect(own || size == 0 || size > 64, "case \(number)")
        }
        answered += 1
      } catch {
        refused += 1
        switch error {
        case .badArgument: #expect(!own, "case \(number): \(error)")
        case .memoryAccess, .exception, .deadline, .wrongStage, .forbiddenPort:
          #expect(own && number % 2 == 1, "case \(number): \(error)")
        default: Issue.record("case \(number): \(error)")
        }
      }
    }
    #expect(answered > 0 && refused > 0)
    try machine.reset(to: snapshot)
    #expect(try machine.invoke([UInt8(ascii: "c")]).result == [1])
  }

  private static func process(in memory: inout GuestMemory) throws -> LinuxProcess {
    try SystemPages.install(in: &memory)
    try ClockPage.install(in: &memory)
    let layout = try LinuxLayout(program: ELF(program, path: "process"), path: "process", stackBytes: 64 << 10)
    var space = AddressSpace()
    for range in [layout.stack, 0x40_0000..<0x40_8000, LinuxLayout.mappings.lowerBound..<0x2001_0000] {
      try memory.mapFresh(range.lowerBound, pages: Int(range.upperBound - range.lowerBound) / 4096, .write)
      space.insert(range, .write)
    }
    var process = LinuxProcess(
      layout: layout, space: space,
      files: GuestFiles(held: ["/file": [UInt8](repeating: 1, count: 10_000)], allowed: ["/etc"], program: "/program"))
    process.deadline = 0  // nobody sleeps
    // Paths where arguments often point.
    for (path, place) in [("/file", 0x40_1000), ("/etc", 0x40_2000), ("/etc/../proc/self/mem", 0x2000_0000)]
      as [(String, UInt64)]
    {
      #expect(process.putBytes(Array(path.utf8) + [0], at: place, &memory))
    }
    return process
  }

  private static func argument(_ chance: inout Chance) -> UInt64 {
    switch chance.below(8) {
    case 0: chance.next()
    case 1: interesting[chance.below(interesting.count)]
    case 2: interesting[chance.below(interesting.count)] &+ UInt64(chance.below(64)) &- 32
    case 3: UInt64(chance.below(8))
    case 4: UInt64(chance.below(64)) << 12
    case 5: LinuxLayout.mappings.lowerBound + UInt64(chance.below(64)) << 12
    case 6: [0x40_1000, 0x40_2000, 0x2000_0000][chance.below(3)]
    default: 1 << UInt64(chance.below(64))
    }
  }

  private static func check(_ process: LinuxProcess, _ memory: borrowing GuestMemory, _ name: String) throws {
    // Each frame is free, one of the first, or led to once; nothing is lost and nothing is shared.
    let found = memory.reachableFrames()
    let reachable = try #require(found, "\(name): a frame has two owners")
    let free = Set(memory.frames.free.flatMap { Array($0) })
    #expect(free.isDisjoint(with: reachable), "\(name)")
    let own = reachable.filter { $0 >= GuestMemory.firstGuestFrame }.count
    #expect(own + free.count == memory.size / 4096 - GuestMemory.firstGuestFrame, "\(name)")
    for (lower, upper) in zip(process.space.regions, process.space.regions.dropFirst()) {
      #expect(lower.range.upperBound <= upper.range.lowerBound, "\(name)")
    }
    // What the ledger calls touchable has pages with just that protection.
    for region in process.space.regions {
      guard let protection = region.protection else { continue }
      for address in stride(from: region.range.lowerBound, to: region.range.upperBound, by: 4096) {
        let entry = memory.entry(address)
        #expect(entry.isPresent && entry.isUsers, "\(name) at \(address)")
        #expect(entry.isWritable == protection.contains(.write), "\(name) at \(address)")
        #expect(entry.isExecutable == protection.contains(.execute), "\(name) at \(address)")
      }
    }
    #expect(memory.entry(SystemPages.descriptors).isUsers == false, "\(name)")
    #expect(process.open.count <= LinuxProcess.descriptorLimit)
  }
}
