import ArgumentParser
import Calibration
import Documents
import Platforms
import Reporting
import Units

/// What is known or assumed of the place where measured functions are to run.
struct TargetOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp("What a system call costs there (default: 300ns).", valueName: "time"), transform: Self.time)
  var systemCall = TimeSpan(nanoseconds: 300)

  @Option(
    help: ArgumentHelp("What the first touch of a page of 4 KiB costs there (default: 700ns).", valueName: "time"),
    transform: Self.time)
  var page = TimeSpan(nanoseconds: 700)

  @Option(help: ArgumentHelp("Seconds there for a second of work here.", valueName: "factor"))
  var clock = 1.0

  static func time(_ text: String) throws -> TimeSpan {
    guard let time = TimeSpan(parsing: text), time >= .zero else {
      throw ValidationError("expected a time with its unit, such as 300ns or 98ms, found '\(text)'")
    }
    return time
  }

  func validate() throws {
    if !(clock > 0 && clock <= 100) { throw ValidationError("--clock must be above 0 and at most 100, found \(clock)") }
  }

  var costs: TargetCosts { TargetCosts(systemCall: systemCall.seconds, page: page.seconds, clock: clock) }
}

extension Calibrate {
  /// Prices measured functions anew.
  func addMachines(_ timings: MachineTimings, to result: inout CalibratedProfile, _ blocks: inout TextBlocks) {
    let costs = target.costs
    let fits = MachineFit.all(in: timings, at: costs)
    var table = TextTable(
      "Function", columns: ["phase", "work", "waits", "exits", "pages", "here", "there", "samples"])
    for fit in fits {
      for (phase, part) in [("init", fit.initialisation), ("first", fit.first), ("warm", fit.warm)]
      where part.samples > 0 {
        table.rows.append([
          fit.function, phase, Wording.plainTime(part.work), Wording.plainTime(part.waits),
          Wording.plain(part.exits, 0), Wording.plain(part.pages, 0), Wording.plainTime(part.here),
          Wording.plainTime(part.there),
          "\(part.samples)",
        ])
      }
      result.profile.functions.append(fit.profiled)
      result.evidence.append(("machine: \(fit.function)", Self.evidence(fit)))
      if fit.overpriced > 0 {
        result.warnings.append(
          "\(fit.function): in \(fit.overpriced) samples exits and pages would have cost more than all processor time; "
            + "unit costs were taken at a busier moment, and work there counts as none")
      }
    }
    table.note = "medians; there = clock · work + exits · system call + pages · page + waits, on one vCPU"
    blocks.table(table)
    var seams = TextTable("Seam", columns: ["here", "there"])
    seams.rows = [
      ["an exit; a system call", Self.microseconds(timings.unitCosts.exit), Self.microseconds(costs.systemCall)],
      ["the first touch of a page", Self.microseconds(timings.unitCosts.page), Self.microseconds(costs.page)],
      ["a second of work", "1 s", "\(Wording.plain(costs.clock, 3)) s"],
      ["making a machine, loading the program", "left out", "the platform's own"],
      ["between a request and the runtime", "left out", "the platform's own"],
    ]
    seams.note = "here: \(timings.processor), KVM by \(timings.virtualisation ?? "an unknown kind")"
    blocks.table(seams)
    result.evidence.append(("seams", Self.seams(timings, costs)))
    result.warnings.append(
      "costs of a system call and a page there, and its clock, are assumptions: vary --system-call, --page and --clock; "
        + "placement, sandbox and code download are in platform-overhead alone")
    if !timings.isComplete { result.warnings.append("the profile's measuring ended before its plan was through") }
  }

  private static func microseconds(_ seconds: Double) -> String { Wording.digits(seconds * 1e6, 3) + " us" }

  private static func evidence(_ fit: MachineFit) -> JSON {
    func part(_ part: MachineFit.Part) -> JSON {
      .object([
        ("workSeconds", .number(part.work)), ("waitSeconds", .number(part.waits)), ("exits", .number(part.exits)),
        ("pages", .number(part.pages)), ("secondsHere", .number(part.here)), ("secondsThere", .number(part.there)),
        ("samples", .integer(part.samples)),
      ])
    }
    return .object([
      ("kind", .text(fit.kind)), ("init", part(fit.initialisation)), ("firstInvoke", part(fit.first)),
      ("warmInvoke", part(fit.warm)), ("restorePages", .number(fit.restorePages)),
    ])
  }

  private static func seams(_ timings: MachineTimings, _ costs: TargetCosts) -> JSON {
    .object([
      (
        "measured",
        .object([
          ("exitSeconds", .number(timings.unitCosts.exit)), ("pageSeconds", .number(timings.unitCosts.page)),
          ("virtualisation", .text(timings.virtualisation)), ("processor", .text(timings.processor)),
          ("created", .text(timings.created)),
        ])
      ),
      (
        "assumed",
        .object([
          ("systemCallSeconds", .number(costs.systemCall)), ("pageSeconds", .number(costs.page)),
          ("clockFactor", .number(costs.clock)),
        ])
      ),
      (
        "leftOut",
        .texts([
          "making the machine", "loading the program", "placement, sandbox and code download", "runtime interface",
        ])
      ),
    ])
  }
}
