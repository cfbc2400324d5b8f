import ArgumentParser
import Diagnostics
import Documents
import Foundation
import Measuring
import MicroVM
import Reporting
import Statistics
import Units

struct DoctorCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor",
    abstract: "Say what measuring can do on this host, and what to do about the rest.",
    discussion: """
      Everything is found out by trying it: a machine is made and timed, a quota is put on a busy thread.

      Exit status 69 when nothing can be measured here.
      """)

  @Flag(help: "Print JSON.")
  var json = false

  func run() throws {
    let doctor = Doctor.examine(library: GSLVersion.text)
    try StandardStream.output.write(json ? Self.json(doctor) : Self.text(doctor))
    if !doctor.canMeasure { throw ExitCode(ExitStatus.unavailable.rawValue) }
  }

  private static func text(_ doctor: Doctor) -> String {
    let ink = Ink(isOn: Terminal.output.isColoured)
    let marks: [Doctor.Verdict: String] = [.good: "works", .limited: "limited", .missing: "missing"]
    let widths = (
      doctor.findings.map(\.subject.count).max() ?? 0, marks.values.map(\.count).max() ?? 0
    )
    return doctor.findings.map { finding in
      let mark = marks[finding.verdict] ?? ""
      let line =
        finding.subject.padding(toLength: widths.0 + 2, withPad: " ", startingAt: 0)
        + mark.padding(toLength: widths.1 + 2, withPad: " ", startingAt: 0) + finding.found
      let advice = finding.advice.map { "\n" + String(repeating: " ", count: widths.0 + widths.1 + 4) + $0 } ?? ""
      return (finding.verdict == .good ? line : ink.warning(line)) + ink.faint(advice)
    }.joined(separator: "\n") + "\n"
  }

  private static func json(_ doctor: Doctor) -> String {
    JSON.object([
      ("schema", .text("faascast.doctor/1")), ("canMeasure", .boolean(doctor.canMeasure)),
      ("virtualisation", .text(doctor.probe?.flavour.rawValue)),
      ("exitNs", doctor.probe.map { .integer(Int($0.exit.nanoseconds)) } ?? .null),
      ("pageFaultNs", doctor.probe.map { .integer(Int($0.pageFault.nanoseconds)) } ?? .null),
      (
        "findings",
        .array(
          doctor.findings.map { finding in
            .object([
              ("subject", .text(finding.subject)), ("verdict", .text(finding.verdict.rawValue)),
              ("found", .text(finding.found)), ("advice", .text(finding.advice)),
            ])
          })
      ),
    ]).written(depth: 3) + "\n"
  }
}
