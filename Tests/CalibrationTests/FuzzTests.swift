import Diagnostics
import Foundation
import Platforms
import Statistics
import Testing

@testable import Calibration

/// Feeds `calibrate` with damaged copies of good inputs of every kind. Whatever it is given, it is fitted or refused with an
/// `InputFault`; nothing traps, and nothing takes long. FAASCAST_FUZZ sets how many inputs are tried.
@Suite("Damaged inputs of calibrate")
struct CalibrationFuzzTests {
  private static let inputs = ProcessInfo.processInfo.environment["FAASCAST_FUZZ"].flatMap(Int.init) ?? 700

  private static let seeds: [String] = {
    var environments = "function,start_s,end_s,environment,cold\n"
    for index in 0..<60 {
      environments += "f,\(index * 40),\(index * 40 + 2),\(index / 20),\(index % 20 == 0 ? 1 : 0)\n"
    }
    var inits = "day,runtime,arch,pkg,mem,init_ms\n"
    for index in 0..<80 {
      inits += "2026-06-\(10 + index / 8),r\(index % 2),arm64,zip,\(128 << (index % 3)),\(80 + index)\n"
    }
    var logs = ""
    for index in 0..<50 {
      logs +=
        "2026-06-01T10:00:\(10 + index).000Z REPORT RequestId: 00000000-0000-0000-0000-0000000000\(10 + index) "
        + "Duration: \(20 + index % 7).5 ms Billed Duration: \(30 + index % 7) ms Memory Size: 128 MB "
        + "Max Memory Used: 60 MB\(index == 0 ? " Init Duration: 140.2 ms" : "")\n"
    }
    return [
      environments, inits, logs,
      "function,memory_mb,duration_ms\nf,128,1000\nf,256,500\nf,512,250\nf,1024,125\nf,2048,75\nf,3008,75\n",
      ",ArrivalRate,ServiceTimeWarm,ServiceTimeCold,AverageInstanceCount,ColdStartProbability,ColdStartProbabilitySE\n"
        + "a,0.01,1991,2244,1.5,0.02,0.002\nb,0.1,1991,2244,3.5,0.005,0.0005\n",
      #"{"power":512,"cost":2e-7,"stats":[{"value":512,"averageDuration":20.5,"averagePrice":1e-7},"#
        + #"{"value":128,"averageDuration":80,"averagePrice":2e-7}]}"#,
      PowerTuningTests.link, MachineFitTests.profile(work: 3_000_000, exit: 30_000, page: 4_800),
    ]
  }()

  /// Bytes changed, removed, doubled, or replaced by what readers stumble over.
  private static func damage(_ bytes: inout [UInt8], _ stream: inout RandomStream) {
    let snippets = [
      "-1", "1e999", "nan", "inf", "99999999999999999999", "\"", ",", "\n", "{", "[", "null", "\u{0}", "-0",
    ]
    guard !bytes.isEmpty else { return }
    let place = stream.index(below: bytes.count)
    switch stream.index(below: 6) {
    case 0: bytes[place] = UInt8(truncatingIfNeeded: stream.next())
    case 1: bytes.remove(at: place)
    case 2: bytes.removeSubrange(place..<min(bytes.count, place + stream.index(below: 40)))
    case 3: bytes.insert(contentsOf: Array(snippets[stream.index(below: snippets.count)].utf8), at: place)
    case 4:
      // A number, from its place to its end.
      var end = place
      while end < bytes.count, UInt8(ascii: "0")...UInt8(ascii: "9") ~= bytes[end] { end += 1 }
      bytes.replaceSubrange(place..<end, with: Array(snippets[stream.index(below: snippets.count)].utf8))
    default: bytes.insert(contentsOf: bytes[place..<min(bytes.count, place + 60)], at: place)
    }
  }

  /// All that calibrate does with an input, with few draws.
  private func use(_ path: String) throws {
    switch try CalibrationInput(path: path) {
    case .durations(let table):
      for function in table.functions {
        let fit = MemoryFit(to: function, replicates: 0)
        #expect(fit.map { $0.scaling.work.isFinite && $0.scaling.fixed.isFinite } ?? true)
        _ = fit?.advice
      }
    case .powerTuning(let tuning): _ = MemoryFit(to: tuning.function, replicates: 0)?.advice
    case .inits(let table):
      _ = WindowDrift(table.fits(families: [.lognormal]))
      _ = MemoryEffect(table, replicates: 19)
    case .environments(let trace):
      let fit = PlatformFit(trace)
      #expect(fit.keepAlive.sole.mean.isFinite)
    case .logs(let listing): _ = LogFit.all(in: listing, among: [.lognormal])
    case .experiments(let table): #expect(!table.experiments.isEmpty)
    case .machines(let timings):
      for fit in MachineFit.all(in: timings) { #expect(fit.warm.there.isFinite && fit.warm.there >= 0) }
    }
  }

  @Test("every damaged input is fitted or refused")
  func damaged() throws {
    let file = FileManager.default.temporaryDirectory.appending(path: "faascast-fuzz-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: file) }
    var refused = 0
    for number in 0..<Self.inputs {
      var stream = RandomStream(seed: 1, replication: UInt64(number), purpose: .resampling)
      var bytes = Array(Self.seeds[number % Self.seeds.count].utf8)
      for _ in 0...stream.index(below: 3) { Self.damage(&bytes, &stream) }
      try Data(bytes).write(to: file)
      let begin = ContinuousClock.now
      do {
        try use(file.path)
      } catch is InputFault {
        refused += 1
      } catch {
        Issue.record("input \(number): \(error)")
      }
      let time = ContinuousClock.now - begin
      if time > .seconds(20) { Issue.record("input \(number) took \(time)") }
    }
    #expect(refused > 0 && refused < Self.inputs, "\(refused) of \(Self.inputs)")
  }

  @Test("good inputs of every kind are taken")
  func good() throws {
    for seed in Self.seeds where !PowerTuning.isLink(seed) {
      let file = FileManager.default.temporaryDirectory.appending(path: "faascast-good-\(UUID().uuidString)")
      defer { try? FileManager.default.removeItem(at: file) }
      try Data(seed.utf8).write(to: file)
      try use(file.path)
    }
  }
}
