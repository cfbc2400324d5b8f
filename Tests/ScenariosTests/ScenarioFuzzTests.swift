import Diagnostics
import Foundation
import Statistics
import Testing

@testable import Scenarios

@Suite("Damaged scenarios")
struct ScenarioFuzzTests {
  /// A scenario with most of what can stand in one.
  private static let whole = """
    name: everything
    seed: 42
    workload:
      synthetic:
        horizon: 7d
        start: 2026-03-02T00:00:00Z
        functions:
          a: &a {arrivals: {poisson: 50/m, profile: {weekly: [1, 1, 1, 1, 1, 0, 0]}}, duration: {exponential: 1.9s}}
          b: {arrivals: {mmpp: [{rate: 1, stay: 1m}, {rate: 2, stay: 2m}]}, duration: {gamma: {median: 1s, p99: 5s}}}
          c: {arrivals: {timer: "*/5 * * * *"}, duration: {mixture: [{weight: 2, constant: 1s}, {uniform: [1s, 2s]}]}}
          d: {arrivals: {batch: {rate: 1, size: {weights: {1: 1, 5: 2}}}}, duration: {empirical: {p0: 1s, p100: 2s}}}
          e: *a
        population: {like: azure-2019, functions: 10, triggers: {http: 1}}
      window: {from: 1h, to: 2h30m}
    platform:
      region: us-east-1
      account-concurrency: unlimited
      limits: {scaling: {burst: 3000, per-minute: 500}, init: 10s}
      keep-alive: {uniform: [620s, 655s], deeper: {lognormal: {median: 900s, cv: 0.3}}}
    functions:
      "*": {memory: 1024, architecture: arm64, init: {weibull: {mean: 145ms, cv: 0.4}}, timeout: 30s}
      "a*b": {memory: 2 GB, reserved-concurrency: 1_000, provisioned-concurrency: 5}
      c: {failures: {errors: 0.1}, deployments: [1h, {at: 2h, shift: {linear: 0.1, every: 1m}}], caller: aws-sdk}
      d: {asynchronous: {on-failure: {function: e, duration: 1s}}, users: {count: 5, think-time: 1s, duration: 1s}}
      e: {provisioning: {schedule: [{cron: "0 8 * * *", level: 5}], tracking: {target: 0.7, minimum: 1, maximum: 9}}}
    """

  @Test("are faults with a place or still scenarios, never the end of the process")
  func damage() throws {
    let whole = Array(Self.whole.utf8)
    _ = try Scenario(decoding: whole, file: "whole.yaml")
    let splices: [[UInt8]] =
      [
        "*a", "&b ", "{", "}", "[", "]", ": ", "- ", "\n", "\t", "\"", "'", "!!", "|", ">", "%", "@", "---\n", "? ",
        "#",
        "-1", "1e308", "nan", ".inf", "99999999999999999999", "\u{0}", "\u{FEFF}", "é", "~", "<<: *a", "\\uD800",
      ].map { Array($0.utf8) } + [[0xFF], [0xC3]]
    for seed in UInt64(0)..<2000 {
      var stream = RandomStream(seed: seed, purpose: .population)
      var bytes = whole
      for _ in 0...stream.index(below: 4) {
        let place = stream.index(below: bytes.count)
        switch stream.index(below: 4) {
        case 0: bytes.removeSubrange(place..<min(bytes.count, place + 1 + stream.index(below: 20)))
        case 1: bytes.insert(contentsOf: splices[stream.index(below: splices.count)], at: place)
        case 2: bytes[place] = UInt8(stream.index(below: 256))
        default: bytes.removeSubrange(place...)
        }
        if bytes.isEmpty { bytes = [10] }
      }
      do {
        _ = try Scenario(decoding: bytes, file: "damaged.yaml")
      } catch {
        #expect(error.place.file == "damaged.yaml", "seed \(seed): \(error)")
        #expect(!error.found.isEmpty && !error.expected.isEmpty, "seed \(seed): \(error)")
      }
    }
  }
}
