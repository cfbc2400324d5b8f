import Glibc
import Testing

@testable import MicroVM

/// xorshift: the tests' own small source of numbers, so that a seed names a case.
struct Chance {
  var state: UInt64

  init(seed: UInt64) { state = seed &* 0x9e37_79b9_7f4a_7c15 | 1 }

  mutating func next() -> UInt64 {
    state ^= state << 13
    state ^= state >> 7
    state ^= state << 17
    return state
  }

  mutating func below(_ bound: Int) -> Int { Int(next() % UInt64(bound)) }
}

func guestMemory(_ bytes: Int) throws -> GuestMemory {
  GuestMemory(try Kernel.map(bytes, flags: MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE))
}

extension GuestMemory {
  /// Frames that the page tables use or lead to, each once; nil when one is met twice.
  func reachableFrames() -> Set<Int>? {
    var seen: Set<Int> = []
    func visit(_ frame: Int, level: Int) -> Bool {
      guard seen.insert(frame).inserted else { return false }
      guard level > 0 else { return true }
      let table = host(frame: frame).assumingMemoryBound(to: UInt64.self)
      return (0..<512).allSatisfy { index in
        let entry = PageEntry(bits: table[index])
        return entry.isEmpty || visit(entry.frame, level: level - 1)
      }
    }
    return visit(Self.rootFrame, level: 4) ? seen : nil
  }
}

@Suite("Guest memory")
struct MemoryTests {
  @Test("frames taken are free no more, frames given back are one with their neighbours")
  func frames() {
    for seed in 1...50 as ClosedRange<UInt64> {
      var chance = Chance(seed: seed)
      var allocator = FrameAllocator(16..<200)
      var taken: [Range<Int>] = []
      for _ in 0..<200 {
        if chance.below(2) == 0, let run = allocator.takeSome(1 + chance.below(40)) {
          #expect(taken.allSatisfy { !$0.overlaps(run) }, "seed \(seed)")
          taken.append(run)
        } else if !taken.isEmpty {
          allocator.give(taken.remove(at: chance.below(taken.count)))
        }
        #expect(allocator.freeCount + taken.reduce(0) { $0 + $1.count } == 184, "seed \(seed)")
        #expect(zip(allocator.free, allocator.free.dropFirst()).allSatisfy { $0.upperBound < $1.lowerBound })
      }
      for run in taken { allocator.give(run) }
      #expect(allocator.free == [16..<200], "seed \(seed)")
    }
  }

  @Test("the ledger of addresses agrees with one that has an entry for every page")
  func ledger() {
    for seed in 1...50 as ClosedRange<UInt64> {
      var chance = Chance(seed: seed)
      var space = AddressSpace()
      var pages: [UInt64: PageProtection?] = [:]
      for _ in 0..<150 {
        let start = UInt64(chance.below(64)) * 4096
        let range = start..<start + UInt64(1 + chance.below(16)) * 4096
        let protection: PageProtection? = [nil, .read, .write, .execute][chance.below(4)]
        let each = stride(from: range.lowerBound, to: range.upperBound, by: 4096)
        if chance.below(3) == 0 {
          space.remove(range)
          for page in each { pages.removeValue(forKey: page) }
        } else {
          space.insert(range, protection)
          for page in each { pages[page] = .some(protection) }
        }
        let asked = UInt64(chance.below(64)) * 4096
        let question = asked..<asked + UInt64(1 + chance.below(8)) * 4096
        let held = stride(from: question.lowerBound, to: question.upperBound, by: 4096).map { pages[$0] != nil }
        #expect(space.covers(question) == held.allSatisfy { $0 }, "seed \(seed)")
        #expect(space.isFree(question) == held.allSatisfy { !$0 }, "seed \(seed)")
        for (lower, upper) in zip(space.regions, space.regions.dropFirst()) {
          #expect(lower.range.upperBound <= upper.range.lowerBound)
          #expect(lower.range.upperBound < upper.range.lowerBound || lower.protection != upper.protection)
        }
        if let gap = space.gap(3 * 4096, in: 0..<100 * 4096) {
          #expect(space.isFree(gap))
        }
      }
    }
  }

  @Test("the monitor reaches a guest's bytes exactly where all pages are the guest's and allow it")
  func access() throws {
    var memory = try guestMemory(4 << 20)
    try SystemPages.install(in: &memory)
    var readable: Set<UInt64> = []
    var writable: Set<UInt64> = []
    var chance = Chance(seed: 7)
    for page in 0x10..<0x60 as Range<UInt64> where chance.below(4) > 0 {
      let protection: PageProtection = chance.below(2) == 0 ? .read : .write
      try memory.mapFresh(page << 12, pages: 1, protection)
      readable.insert(page)
      if protection == .write { writable.insert(page) }
    }
    for number in 0..<20_000 {
      let address = chance.below(8) == 0 ? chance.next() : UInt64(chance.below(0x70_000))
      let count = chance.below(3) == 0 ? chance.below(1 << 40) : 1 + chance.below(9000)
      let writing = chance.below(2) == 0
      let (end, overflow) = address.addingReportingOverflow(UInt64(count))
      let pages = writing ? writable : readable
      let expected =
        !overflow && count > 0 && end - 1 < 0x60_000
        && ((address >> 12)...((end - 1) >> 12)).allSatisfy(pages.contains)
      let pieces = memory.pieces(address, count, writing: writing)
      #expect((pieces != nil) == (expected || count == 0), "case \(number)")
      #expect(pieces?.reduce(0) { $0 + $1.count } ?? count == count)
    }
    // The monitor's own pages are not the guest's, though its address space has them.
    #expect(memory.bytes(SystemPages.gate, 1) == nil)
    #expect(memory.bytes(SystemPages.descriptors, 1) == nil)
  }
}
