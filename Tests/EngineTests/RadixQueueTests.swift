import Statistics
import Testing

@testable import Engine

@Suite("The radix queue")
struct RadixQueueTests {
  @Test("gives events in the order of the heap, ties and long gaps included")
  func matchesHeap() {
    for seed in 0..<60 as Range<UInt64> {
      var stream = RandomStream(seed: seed, purpose: .resampling)
      var radix = RadixQueue<Completion>()
      var heap = EventQueue<Completion>()
      defer {
        radix.deallocate()
        heap.deallocate()
      }
      let spread = [1, 10, 1_000_000, 1 << 50][stream.index(below: 4)]
      var now: Int64 = 0
      for step in 0..<1500 {
        #expect(radix.nextTime == heap.nextTime && radix.count == heap.count, "seed \(seed)")
        if stream.index(below: 5) < (step < 900 ? 3 : 1) {
          let event = Completion(
            time: now + Int64(stream.index(below: spread)), lifetimeEnd: Int64(step),
            serial: UInt32(stream.index(below: 1000)), isProvisioned: false)
          radix.insert(event)
          heap.insert(event)
        } else if let first = heap.popFirst() {
          let other = radix.popFirst()
          #expect(other?.time == first.time && other?.serial == first.serial, "seed \(seed)")
          now = first.time
        }
      }
    }
  }
}
