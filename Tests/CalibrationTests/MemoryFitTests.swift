import Diagnostics
import Foundation
import Platforms
import TestSupport
import Testing
import Units

@testable import Calibration

private let sizes46 = "aws/aws_lambda_duration_vs_memory_46sizes.csv.gz"

@Suite("Duration by memory", .enabled(if: RealData.has(sizes46)))
struct MemoryFitTests {
  private static let table = Result { try DurationTable(path: RealData.path(sizes46)) }

  /// Mean absolute error over all sizes and functions when trained on some.
  private func error(_ megabytes: [Int]) throws -> Double {
    let table = try Self.table.get()
    let errors = try table.functions.map { function in
      let trained = function.at(megabytes.map { MemorySize(megabytes: $0) })
      #expect(trained.sizes.count == megabytes.count)
      return try #require(MemoryFit(to: trained.means)).error(over: function.means)
    }
    return errors.reduce(0, +) / Double(errors.count)
  }

  @Test("trained on Power Tuning's six default sizes, it is within 2 % over all 46")
  func six() throws {
    #expect(try Self.table.get().functions.count == 6)
    #expect(try Self.table.get().rows == 27_600)
    #expect(try error([128, 256, 512, 1024, 1536, 3008]) <= 0.02)
    #expect(try error([128, 256, 512, 1024, 2048, 3008]) <= 0.02)
  }

  @Test("trained on three sizes, whichever, it is within 4 %")
  func three() throws {
    for sizes in [[128, 512, 3008], [128, 1024, 3008], [256, 1024, 3008], [128, 1024, 2048], [128, 512, 1792]] {
      #expect(try error(sizes) <= 0.04, "\(sizes)")
    }
  }

  @Test("processor-bound functions stop gaining at 1,769 MB, within 2 %; a disk or a network has its own limit")
  func caps() throws {
    for function in try Self.table.get().functions {
      let fit = try #require(MemoryFit(to: function, replicates: 19))
      let interval = try #require(fit.cap)
      switch function.name {
      case "f1": #expect((750...950).contains(fit.scaling.cap))
      case "f4": #expect(fit.scaling.cap > 1900 && fit.scaling.fixed > 0.3)
      default:
        #expect((fit.scaling.cap / 1769 - 1).magnitude <= 0.02, "\(function.name) \(fit.scaling.cap)")
        #expect(interval.upperBound - interval.lowerBound < 60)
        #expect(fit.advice == nil)
      }
    }
  }
}

@Suite("Memory models")
struct MemoryModelTests {
  private func points(_ scaling: MemoryScaling, _ sizes: [Int]) -> [MemoryFit.Point] {
    sizes.map { MemorySize(megabytes: $0) }.map { .init(memory: $0, duration: scaling.duration(at: $0)) }
  }

  @Test("what the model made, the fit finds again")
  func recovery() throws {
    for truth in [
      MemoryScaling(fixed: 0, work: 2), MemoryScaling(fixed: 0.4, work: 1, parallelism: 0.5),
      MemoryScaling(fixed: 1, work: 5, parallelism: 3),
    ] {
      let sizes = points(truth, [128, 256, 512, 768, 1024, 1536, 2048, 3008, 4096, 6144, 8192, 10_240])
      let fit = try #require(MemoryFit(to: sizes))
      #expect(fit.error(over: sizes) < 0.002, "\(truth): \(fit.scaling)")
      #expect((fit.scaling.cap / truth.cap - 1).magnitude < 0.02)
    }
  }

  @Test("wall times under a quota are those of the reference")
  func quota() {
    let cases: [(work: Double, quota: Double, period: Double, wall: Double)] = [
      (1, 1.447, 20, 1), (10, 1.447, 20, 121.318), (57.5, 2.8943, 20, 382.5083), (57.5, 5.7886, 20, 185.4026),
      (100, 50, 100, 150), (50, 50, 100, 50),
    ]
    for (work, quota, period, wall) in cases {
      let law = ProcessorQuota(share: quota / period, period: period / 1000)
      #expect((law.wallTime(of: work / 1000) * 1000 - wall).magnitude < 1e-6, "\(work) ms")
    }
    // In the long run the share is all that counts.
    #expect((ProcessorQuota(share: 0.25).meanWallTime(of: 60) / 240 - 1).magnitude < 1e-3)
    #expect(ProcessorQuota(share: 1).meanWallTime(of: 0.5) == 0.5)
  }

  @Test("short work shows the quota's periods, and the fit takes them")
  func shortWork() throws {
    let truth = MemoryScaling(fixed: 0.002, work: 0.012, showsQuota: true)
    let sizes = points(truth, [128, 256, 512, 1024, 1769, 3008])
    let fit = try #require(MemoryFit(to: sizes))
    #expect(fit.scaling.showsQuota)
    #expect(fit.error(over: sizes) < 0.02)
  }

  @Test("says what to measure next when the sizes leave the knee open")
  func advice() throws {
    let truth = MemoryScaling(fixed: 0.1, work: 2)
    let low = try #require(MemoryFit(to: points(truth, [128, 256, 512, 1024])))
    #expect(low.advice?.memory.megabytes == 2048)
    let gap = try #require(MemoryFit(to: points(truth, [128, 512, 3008])))
    let between = try #require(gap.advice)
    #expect((1000...2000).contains(between.memory.megabytes))
    let wide = MemoryScaling(fixed: 0, work: 9, parallelism: 5.5)
    let more = try #require(MemoryFit(to: points(wide, [512, 1024, 2048, 3008])))
    #expect(more.advice?.memory.megabytes ?? 0 > 3008)
    let known = try #require(MemoryFit(to: points(truth, [128, 512, 1024, 1536, 2048, 3008])))
    #expect(known.advice == nil)
    let flat = try #require(MemoryFit(to: points(MemoryScaling(fixed: 1, work: 0.0001), [128, 512, 1024])))
    #expect(flat.advice == nil)
    #expect(MemoryFit(to: points(truth, [128])) == nil)
  }
}

@Suite("Power Tuning")
struct PowerTuningTests {
  /// The sample of the tool's README (processor-bound, before 2020, when Lambda billed by 100 ms), typed off its page.
  static let sizes: [UInt16] = [128, 256, 512, 1024, 1536, 3008]
  static let milliseconds: [Float] = [37_002, 18_648, 8_489, 3_891, 2_512, 2_010]
  static let cents: [Float] = [7.717e-5, 7.779e-5, 7.072e-5, 6.490e-5, 6.490e-5, 1.026e-4]

  static var link: String {
    func base64<Number>(_ numbers: [Number]) -> String { numbers.withUnsafeBytes { Data($0) }.base64EncodedString() }
    return "https://lambda-power-tuning.show/#\(base64(sizes));\(base64(milliseconds));\(base64(cents))"
  }

  @Test("the README's sample: link, durations and the bill of its day")
  func sample() throws {
    let tuning = try PowerTuning(link: Self.link)
    #expect(tuning.points.map(\.memory.megabytes) == Self.sizes.map(Int.init))
    for (point, milliseconds) in zip(tuning.points, Self.milliseconds) {
      #expect((point.duration * 1000 - Double(milliseconds)).magnitude < 0.01)
      // $0.000000208 for 100 ms of 128 MB (AWS price list of 2019), duration rounded up to 100 ms.
      let billed = (point.duration * 10).rounded(.up) * 2.08e-7 * Double(point.memory.megabytes) / 128
      #expect((billed / (point.cost ?? 0) - 1).magnitude < 5e-4, "\(point)")
    }
    let fit = try #require(MemoryFit(to: tuning.function.means))
    // It was twice as fast at 256 as at 128 MB, and more than that from 512 to 1024: no model of shares goes along.
    #expect(fit.error(over: tuning.function.means) < 0.10)
    #expect((1536...3008).contains(fit.scaling.cap) && fit.scaling.fixed < 0.05 * fit.scaling.work)
  }

  @Test("results in JSON, with statistics or with a link alone")
  func results() throws {
    let directory = FileManager.default.temporaryDirectory
    func file(_ text: String) throws -> String {
      let path = directory.appending(path: "\(UUID().uuidString).json").path
      try Data(text.utf8).write(to: URL(filePath: path))
      return path
    }
    let stats = try file(
      #"{"power":512,"cost":2e-7,"stats":[{"value":512,"averageDuration":20.5,"averagePrice":1e-7},"#
        + #"{"value":128,"averageDuration":80,"averagePrice":2e-7}]}"#)
    let links = try file(#"{"power": 128, "stateMachine": {"visualization": "\#(Self.link)"}}"#)
    let none = try file(#"{"power": 128}"#)
    defer { for path in [stats, links, none] { try? FileManager.default.removeItem(atPath: path) } }
    let tuning = try PowerTuning(path: stats)
    #expect(tuning.points.map(\.memory.megabytes) == [128, 512])
    #expect(tuning.points.map(\.duration) == [0.08, 0.0205])
    #expect(try PowerTuning(path: links).points.count == 6)
    #expect(throws: InputFault.self) { try PowerTuning(path: none) }
  }

  @Test("damaged links are faults, never traps")
  func damage() throws {
    let whole = Array(Self.link.utf8)
    var seed: UInt64 = 12_345
    for _ in 0..<600 {
      var bytes = whole
      for _ in 0..<3 {
        seed = seed &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        let place = Int(seed >> 33) % bytes.count
        if seed & 1 == 0 { bytes.remove(at: place) } else { bytes[place] = UInt8(truncatingIfNeeded: seed >> 20) }
      }
      _ = try? PowerTuning(link: String(decoding: bytes, as: UTF8.self))
    }
    for link in ["", "https://lambda-power-tuning.show/#", "https://lambda-power-tuning.show/#;;", "https://x.org"] {
      #expect(throws: InputFault.self) { try PowerTuning(link: link) }
    }
  }
}
