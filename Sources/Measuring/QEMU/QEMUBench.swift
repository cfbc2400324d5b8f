import Foundation
import Glibc
import Units

/// Boots whole Linux guests and reads what their agents report.
public struct QEMUBench {
  private let plan: QEMUPlan
  private let onProgress: (Double) -> Void
  private let shouldStop: () -> Bool

  public init(
    _ plan: QEMUPlan, onProgress: @escaping (Double) -> Void = { _ in }, shouldStop: @escaping () -> Bool = { false }
  ) {
    self.plan = plan
    self.onProgress = onProgress
    self.shouldStop = shouldStop
  }

  /// Measures everything, or what comes before a fault or a stop; the profile's ending says which.
  public func run() -> MeasuredProfile {
    var profile = MeasuredProfile(
      engine: .init(name: "qemu", accelerator: plan.accelerator.rawValue, flavour: nil), host: .read(),
      unitCosts: nil, seed: 0)
    do throws(MeasuringFault) {
      let all = plan.programs.count * plan.boots
      for (index, program) in plan.programs.enumerated() where !shouldStop() {
        profile.functions.append(
          MeasuredProfile.Function(
            name: program.name, kind: "linux", path: program.path, requestBytes: program.request.count,
            conditions: [
              MeasuredProfile.Condition(memory: plan.memory, quota: nil, throttlesInit: false, series: [])
            ]))
        for number in 0..<plan.boots where !shouldStop() {
          let done = Double(index * plan.boots + number)
          let reports = try boot(program) { onProgress((done + $0) / Double(all)) }
          profile.functions[index].conditions[0].add(reports)
        }
      }
      if shouldStop() { profile.ending = .interrupted }
    } catch {
      profile.ending = shouldStop() ? .interrupted : .failed(error)
    }
    return profile
  }

  /// A report and how long after QEMU's start it came.
  typealias Timed = (report: AgentReport, after: TimeSpan)

  /// Boots one guest and waits for its end.
  private func boot(
    _ program: QEMUPlan.Program, _ progress: (Double) -> Void
  ) throws(MeasuringFault) -> [Timed] {
    let files = FileManager.default.temporaryDirectory.appending(path: "faascast-\(getpid())-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: files) }
    guard FileManager.default.createFile(atPath: files.path, contents: Data(try initialFiles(program))) else {
      throw .unavailable(what: "\(files.path) could not be written", advice: "make room in the temporary directory")
    }
    let machine: QEMUProcess
    do {
      machine = try QEMUProcess(plan.arguments(initialFiles: files.path))
    } catch {
      throw .unavailable(what: "QEMU could not be started", advice: "Debian, Ubuntu: apt-get install qemu-system-x86")
    }
    let expected = Double(plan.cold + plan.warm + 2)
    var reports: [Timed] = []
    while let line = machine.line(before: plan.deadline, shouldStop: shouldStop) {
      guard let report = AgentReport(line) else { continue }
      if case .fault(let text) = report {
        throw .unsuitable(what: "\(program.name), in its guest: \(text)", advice: "is it a static Linux program?")
      }
      if report == .end { return reports }
      reports.append((report, machine.age))
      progress(Double(reports.count) / expected)
    }
    if shouldStop() { return reports }
    throw .unavailable(
      what: "the guest of \(program.name) did not finish within \(plan.deadline): \(machine.lastWords)",
      advice: plan.accelerator == .kvm
        ? "whole Linux guests need hardware virtualisation; faascast doctor tells what is here, --accel tcg emulates"
        : "is the kernel one with a serial console (ttyS0)?")
  }

  private func initialFiles(_ program: QEMUPlan.Program) throws(MeasuringFault) -> [UInt8] {
    var archive = CPIOArchive()
    archive.add(directory: "dev")
    archive.add(device: "dev/console", major: 5, minor: 1)
    archive.add(file: "init", try Self.content(plan.agent), permissions: 0o755)
    archive.add(file: "function", try Self.content(program.path), permissions: 0o755)
    archive.add(file: "request", program.request)
    archive.add(file: "plan", Array("\(max(1, plan.cold)) \(plan.warm)\n".utf8))
    archive.close()
    return archive.bytes
  }

  private static func content(_ path: String) throws(MeasuringFault) -> [UInt8] {
    guard let data = FileManager.default.contents(atPath: path) else {
      throw .unsuitable(what: "\(path) cannot be read", advice: "check the path")
    }
    return Array(data)
  }
}

extension MeasuredProfile.Condition {
  /// Files what one guest reported.
  mutating func add(_ reports: [QEMUBench.Timed]) {
    for (report, after) in reports {
      switch report {
      case .begun: append("kernel_boot", after)
      case .cold(let time): append("exec_to_first_result", TimeSpan(nanoseconds: time))
      case .warm(let time): append("warm_invoke", TimeSpan(nanoseconds: time))
      case .result, .fault, .end: break
      }
    }
  }

  private mutating func append(_ phase: String, _ wall: TimeSpan) {
    if let index = series.firstIndex(where: { $0.phase == phase }) {
      series[index].samples.append(Sample(wall: wall))
    } else {
      series.append(Series(phase: phase, host: .cold, samples: [Sample(wall: wall)]))
    }
  }
}
