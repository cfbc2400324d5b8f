import Glibc
import Testing

@testable import Statistics

@Suite("Random streams")
struct RandomStreamTests {
  @Test("Philox gives Random123's known answers")
  func knownAnswers() {
    var zero = Philox4x64(key: (0, 0), counter: (0, 0, 0, 0))
    #expect(
      zero.nextBlock() == (0x1655_4d9e_ca36_314c, 0xdb20_fe9d_672d_0fdc, 0xd7e7_72ce_e186_176b, 0x7e68_b68a_ec7b_a23b))
    var ones = Philox4x64(key: (.max, .max), counter: (.max, .max, .max, .max))
    #expect(
      ones.nextBlock() == (0x87b0_92c3_013f_e90b, 0x438c_3c67_be8d_0224, 0x9cc7_d7c6_9cd7_77b6, 0xa09c_aebf_594f_0ba0))
  }

  @Test("Philox gives what NumPy's does, which counts on before it draws")
  func numpy() {
    var plain = Philox4x64(key: (0, 0), counter: (1, 0, 0, 0))
    #expect(
      plain.nextBlock() == (0x02f4_ba64_08e4_d89b, 0x3dd6_2b0b_9ca8_c5b2, 0x1c86_67a5_5d90_2e79, 0x907d_7a05_2fd5_b4dc))
    #expect(
      plain.nextBlock() == (0x809b_f322_8839_87c3, 0x4711_28b9_e807_f7dd, 0xf250_ba0d_bec0_65b7, 0xfc6e_d667_67a4_57bc))
    var other = Philox4x64(key: (0x0123_4567_89ab_cdef, 0xfedc_ba98_7654_3210), counter: (6, 6, 7, 8))
    #expect(
      other.nextBlock() == (0x1b6b_1530_de56_12ce, 0x2532_e591_e8df_8183, 0x6f75_f911_7fcf_d3de, 0x07ce_9de7_c5d9_ce22))
    #expect(
      other.nextBlock() == (0x61d0_32e5_d871_7eb2, 0xeae5_4719_83bc_b828, 0x347f_77da_b8d0_a242, 0xbdbc_a858_8dba_557f))
  }

  @Test("Philox carries from one word of the counter to the next, and back")
  func carry() {
    var philox = Philox4x64(key: (7, 9), counter: (.max, 3, 0, 0))
    let beforeCarry: Philox4x64.Block = (
      0x7ccb_26b7_f02b_2b50, 0x051b_4702_14cf_3dd2, 0xe118_a59e_e3f1_a840, 0xff97_1b35_e56e_2e42
    )
    let afterCarry: Philox4x64.Block = (
      0x4fde_0477_ac8f_6d97, 0x3a93_a6e7_cb60_5404, 0x1c54_a26e_a929_b5f8, 0x6461_efd0_30d5_1c5e
    )
    #expect(philox.nextBlock() == beforeCarry)
    #expect(philox.nextBlock() == afterCarry)
    philox.stepBack(2)
    #expect(philox.nextBlock() == beforeCarry)
    philox.stepBack(1)
    withUnsafeTemporaryAllocation(of: UInt64.self, capacity: 8) { words in
      guard let base = words.baseAddress else { return }
      philox.nextBlocks(2, into: base)
      #expect((words[0], words[1], words[2], words[3]) == beforeCarry)
      #expect((words[4], words[5], words[6], words[7]) == afterCarry)
    }
  }

  @Test("a stream is keyed by seed, replication, subject and purpose, and by nothing else")
  func keys() {
    // NumPy: Philox(key=[42, 1], counter=[0, 0, 0x1111, 3]), whose first block has counter 1: our second.
    var stream = RandomStream(seed: 42, replication: 3, subject: 0x1111, purpose: .arrivals)
    for _ in 0..<4 { _ = stream.next() }
    #expect((0..<2).map { _ in stream.next() } == [0x5d67_7f96_9085_a38d, 0x3872_2664_3f2a_0d37])
    let streams = [
      RandomStream(seed: 1, purpose: .arrivals), RandomStream(seed: 2, purpose: .arrivals),
      RandomStream(seed: 1, replication: 1, purpose: .arrivals), RandomStream(seed: 1, subject: 1, purpose: .arrivals),
      RandomStream(seed: 1, purpose: .durations),
    ]
    #expect(
      Set(
        streams.map { stream in
          var stream = stream
          return stream.next()
        }
      ).count == streams.count)
  }

  /// Draws by twos, threes, hundreds… and compares with drawing one by one.
  private func expectSame(
    _ name: String, _ one: (inout RandomStream) -> Double,
    _ fill: (UnsafeMutableBufferPointer<Double>, inout RandomStream) -> Void
  ) {
    var single = RandomStream(seed: 5, purpose: .durations)
    var blocks = single
    for size in [1, 2, 3, 7, 8, 9, 255, 0, 256, 257, 1000, 5, 64, 1, 2048] {
      var block = Array(repeating: 0.0, count: size)
      block.withUnsafeMutableBufferPointer { fill($0, &blocks) }
      let expected = (0..<size).map { _ in one(&single) }
      #expect(block == expected, "\(name), \(size) at once")
      #expect(blocks.next() == single.next(), "\(name): the stream stands elsewhere after \(size)")
    }
  }

  @Test("variates drawn in stretches are those drawn one by one")
  func stretches() throws {
    expectSame("uniform", { $0.uniform() }, { $1.fillUniform($0) })
    expectSame("exponential", { $0.exponential() }, { $1.fillExponential($0) })
    expectSame("normal", { $0.normal() }, { $1.fillNormal($0) })
    for law in try TestLaws.all() { expectSame("\(law)", { law.sample(&$0) }, { law.fill($0, from: &$1) }) }
  }

  @Test("appending keeps what was there")
  func appending() {
    var stream = RandomStream(seed: 5, purpose: .durations)
    var samples = [1.0, 2.0]
    Distribution.exponential(mean: 3).append(100, to: &samples, from: &stream)
    #expect(samples.count == 102)
    #expect(Array(samples.prefix(2)) == [1, 2])
    #expect(samples.dropFirst(2).allSatisfy { $0 > 0 })
  }

  @Test("uniforms lie strictly between 0 and 1, whatever the word")
  func openInterval() {
    for word: UInt64 in [0, 1, 2047, 2048, .max, .max - 2047, 1 << 63] {
      #expect(openUnitInterval(word) > 0)
      #expect(openUnitInterval(word) < 1)
    }
  }

  @Test("an index is unbiased, even for a bound just above half of all words")
  func indices() {
    var stream = RandomStream(seed: 11, purpose: .reuse)
    let bound = Int.max / 3 * 2
    let low = (0..<20_000).count { _ in stream.index(below: bound) < bound / 2 }
    #expect((Double(low) - 10_000).magnitude < 4 * 70.7)
    #expect((0..<100).allSatisfy { _ in stream.index(below: 1) == 0 })
    var counts = Array(repeating: 0.0, count: 10)
    for _ in 0..<50_000 { counts[stream.index(below: 10)] += 1 }
    let chiSquare = counts.reduce(0) { $0 + ($1 - 5000) * ($1 - 5000) / 5000 }
    #expect(chiSquare < 27.9, "nine degrees of freedom, one in a thousand")
  }

  @Test("the stable hash does not change between versions")
  func stableHash() {
    #expect(Set((0..<10_000).map { StableHash.of("function-\($0)") }).count == 10_000)
    // SplitMix64's finaliser over FNV-1a, computed independently.
    #expect(StableHash.of("") == 0xf52a_15e9_a9b5_e89b)
    #expect(StableHash.of("checkout") == 0x0728_c506_b4e6_f024)
  }

  @Test(
    "Poisson variates have their mean as mean and as variance, small and large",
    arguments: [
      0.3, 1, 9.9, 10, 37, 400, 1e6, 1e9,
    ])
  func poisson(_ mean: Double) {
    var stream = RandomStream(seed: 3, purpose: .arrivals)
    let count = 4_000
    let deviations = (0..<count).map { _ in Double(stream.poisson(mean: mean)) - mean }
    let average = deviations.reduce(0, +) / Double(count)
    let variance = deviations.reduce(0) { $0 + $1 * $1 } / Double(count)
    #expect(average.magnitude < 4 * (mean / Double(count)).squareRoot())
    // The fourth moment of a Poisson law is mean + 3 mean^2.
    #expect((variance - mean).magnitude < 4 * ((mean + 2 * mean * mean) / Double(count)).squareRoot())
  }

  @Test("Poisson variates follow their probabilities", arguments: [2.5, 14])
  func poissonProbabilities(_ mean: Double) {
    var stream = RandomStream(seed: 4, purpose: .arrivals)
    let count = 10_000
    var counts: [Int: Double] = [:]
    for _ in 0..<count { counts[stream.poisson(mean: mean), default: 0] += 1 }
    for k in 0..<30 {
      let expected = Double(count) * exp(Double(k) * log(mean) - mean - lgamma(Double(k + 1)))
      #expect(((counts[k] ?? 0) - expected).magnitude < 4.5 * (expected + 1).squareRoot(), "\(k)")
    }
  }

  @Test("a Poisson variate of a mean out of range traps nothing")
  func poissonRange() {
    var stream = RandomStream(seed: 4, purpose: .arrivals)
    #expect(stream.poisson(mean: 0) == 0)
    #expect(stream.poisson(mean: -1) == 0)
    #expect(stream.poisson(mean: .nan) == 0)
    #expect(stream.poisson(mean: .infinity) > 999_000_000_000)
  }
}
