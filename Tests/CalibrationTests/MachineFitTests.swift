import Diagnostics
import Foundation
import Platforms
import Statistics
import Testing
import Units

@testable import Calibration

@Suite("Measured profiles")
struct MachineFitTests {
  /// A profile of a function with `work` ns of work, ten exits, a hundred page faults and a wait of 5 ms, on a host where
  /// these cost what is said.
  static func profile(work: Int, exit: Int, page: Int, fit: Bool = true, noisy: Bool = false) -> String {
    func series(_ phase: String, exits: Int, pages: Int, waits: Int, restored: String = "null") -> String {
      let processor = work + exits * exit + pages * page
      func column(_ value: Int) -> String { "[\(value),\(value),\(value)\(noisy ? ",\(50 * value + 1)" : "")]" }
      return """
        {"phase":"\(phase)","host":"warm","restored":\(restored),"samples":{"wallNs":\(column(processor + waits)),
        "processorNs":\(column(processor)),"runDelayNs":\(column(0)),"throttledNs":\(column(0)),"exits":\(column(exits)),
        "pageFaults":\(column(pages)),"noisy":\(noisy ? "[0,0,0,1]" : "[0,0,0]")}}
        """
    }
    return """
      {
        "schema": "faascast.profile-measured/1",
        "complete": true, "created": "2026-11-26T10:00:00Z", "host": {"processor": "a processor"},
        "engine": {"virtualisation": "software", "fitForCalibration": \(fit)},
        "unitCosts": {"exitNs": \(exit), "pageFaultNs": \(page)},
        "functions": [{"name": "f", "kind": "linux", "conditions": [{"memoryMB": 1769, "quota": null, "series": [
          \(series("vm_create", exits: 0, pages: 3, waits: 0)), \(series("boot", exits: 30, pages: 100, waits: 0)),
          \(series("runtime_init", exits: 2, pages: 0, waits: 0)), \(series("first_invoke", exits: 10, pages: 40, waits: 0)),
          \(series("first_invoke", exits: 10, pages: 60, waits: 0, restored: "\"lazy\"")),
          \(series("warm_invoke", exits: 10, pages: 0, waits: 5_000_000))]}]}]
      }
      """
  }

  private func timings(_ text: String) throws -> MachineTimings {
    let path = FileManager.default.temporaryDirectory.appending(path: "measured-\(UUID().uuidString).json").path
    defer { try? FileManager.default.removeItem(atPath: path) }
    try Data(text.utf8).write(to: URL(filePath: path))
    guard case .machines(let timings) = try CalibrationInput(path: path) else {
      throw InputFault(at: .init(file: path), found: "another kind", expected: "a measured profile")
    }
    return timings
  }

  @Test("work, counts and waits are those that were put in, whatever exits and pages cost on the host that measured")
  func transfer() throws {
    let target = TargetCosts(systemCall: 0.5e-6, page: 1e-6, clock: 1.5)
    for (exit, page) in [(30_000, 4_800), (2_000, 250), (0, 0)] {
      let fits = MachineFit.all(
        in: try timings(Self.profile(work: 3_000_000, exit: exit, page: page)), at: target)
      let fit = try #require(fits.first)
      #expect((fit.warm.work - 0.003).magnitude < 1e-9 && (fit.warm.waits - 0.005).magnitude < 1e-9)
      // Two phases of work, 32 exits and 100 pages.
      #expect((fit.initialisation.there - (1.5 * 0.006 + 32 * 0.5e-6 + 100e-6)).magnitude < 1e-9)
      #expect((fit.warm.there - (1.5 * 0.003 + 10 * 0.5e-6 + 0.005)).magnitude < 1e-9)
      #expect(fit.restorePages == 60 && fit.overpriced == 0)
      let scaling = try #require(fit.profiled.memoryScaling)
      #expect((scaling.fixed - 0.005).magnitude < 1e-9 && scaling.parallelism == 1)
      // Half of the memory doubles the work and not the wait.
      #expect((scaling.duration(megabytes: 884.5) - (0.005 + 2 * (1.5 * 0.003 + 5e-6))).magnitude < 1e-9)
      #expect((try #require(fit.profiled.duration).mean - fit.warm.there).magnitude < 1e-9)
    }
  }

  @Test("noisy samples are left out, and costs that exceed all processor time are told")
  func noise() throws {
    let fits = MachineFit.all(in: try timings(Self.profile(work: 1_000_000, exit: 30_000, page: 4_800, noisy: true)))
    #expect((try #require(fits.first).warm.work - 0.001).magnitude < 1e-9)
    let dear = Self.profile(work: 1_000_000, exit: 30_000, page: 4_800)
      .replacing("\"exitNs\": 30000", with: "\"exitNs\": 300000")
    let fit = try #require(MachineFit.all(in: try timings(dear)).first)
    #expect(fit.overpriced > 0 && fit.initialisation.work >= 0)
  }

  @Test("times of an emulator, and files that are no profile, are refused with the place")
  func refusals() throws {
    func fault(_ text: String) -> InputFault? {
      do { _ = try timings(text) } catch { return error as? InputFault }
      return nil
    }
    let good = Self.profile(work: 1, exit: 1, page: 1)
    #expect(fault(good) == nil)
    #expect(fault(Self.profile(work: 1, exit: 1, page: 1, fit: false))?.place.key == "engine.fitForCalibration")
    #expect(fault(good.replacing("\"unitCosts\"", with: "\"costs\""))?.place.key == "unitCosts")
    #expect(
      fault(good.replacing("\"memoryMB\": 1769", with: "\"memoryMB\": \"1769\""))?.place.key?.contains("memoryMB")
        == true)
    #expect(fault(String(good.dropLast(20))) != nil)
    #expect(fault(good.replacing("\"wallNs\":[", with: "\"wallNs\":[7,")) != nil)
  }
}
