import Documents
import MicroVM
import Units

extension MeasuredProfile {
  public static let schema = "faascast.profile-measured/1"

  /// How the profile came about, which the measurement itself does not know.
  public struct Provenance: Sendable {
    /// The instant at which measuring began, ISO 8601.
    public var created: String
    public var command: String
    public var version: String

    public init(created: String, command: String, version: String) {
      self.created = created
      self.command = command
      self.version = version
    }
  }

  /// The profile as `Schemas/measured-profile.schema.json` describes it.
  public func json(_ provenance: Provenance) -> String {
    JSON.object([
      ("schema", .text(Self.schema)),
      ("complete", .boolean(ending == .complete)),
      ("ending", .text(endingText)),
      ("created", .text(provenance.created)),
      ("command", .text(provenance.command)),
      ("versions", .object([("faascast", .text(provenance.version)), ("kernel", .text(host.kernel))])),
      ("seed", .natural(seed)),
      ("host", host.json),
      ("engine", engine.json),
      ("unitCosts", unitCosts.map(\.json) ?? .null),
      ("functions", .array(functions.map(\.json))),
      ("density", density.map(\.json) ?? .null),
    ]).written(depth: 6) + "\n"
  }

  private var endingText: String {
    switch ending {
    case .complete: "complete"
    case .interrupted: "stopped by Ctrl-C"
    case .failed(let fault): fault.statement
    }
  }
}

extension HostFacts {
  fileprivate var json: JSON {
    .object([
      ("processor", .text(processor)), ("processors", .integer(processors)), ("memoryBytes", .integer(memoryBytes)),
      ("kernel", .text(kernel)), ("clockSource", .text(clockSource)), ("hugePages", .text(hugePages)),
      ("controlGroups", controlGroups.map { .integer($0) } ?? .null), ("isVirtual", .boolean(isVirtual)),
    ])
  }
}

extension MeasuredProfile.Engine {
  fileprivate var json: JSON {
    .object([
      ("name", .text(name)), ("accelerator", .text(accelerator)), ("virtualisation", .text(flavour?.rawValue)),
      ("fitForCalibration", .boolean(fitForCalibration)),
    ])
  }
}

extension HostProbe {
  fileprivate var json: JSON {
    .object([("exitNs", .integer(exit.wholeNanoseconds)), ("pageFaultNs", .integer(pageFault.wholeNanoseconds))])
  }
}

extension MeasuredProfile.Function {
  fileprivate var json: JSON {
    .object([
      ("name", .text(name)), ("kind", .text(kind)), ("path", .text(path)), ("requestBytes", .integer(requestBytes)),
      ("conditions", .array(conditions.map(\.json))),
    ])
  }
}

extension MeasuredProfile.Condition {
  fileprivate var json: JSON {
    let limit: JSON =
      quota.map { quota in
        .object([
          ("share", .number(quota.share)), ("periodNs", .integer(quota.period.wholeNanoseconds)),
          ("quotaNs", .integer(quota.quota.wholeNanoseconds)), ("holdsDuringInit", .boolean(throttlesInit)),
        ])
      } ?? .null
    return .object([
      ("memoryMB", .integer(memory.megabytes)), ("quota", limit),
      ("series", .array(series.map(\.json))),
    ])
  }
}

extension Series {
  fileprivate var json: JSON {
    let wall = wall
    func estimate(_ p: Double) -> JSON {
      wall.quantile(p).map {
        .object([("value", .number($0.value)), ("lower95", .number($0.lower)), ("upper95", .number($0.upper))])
      } ?? .null
    }
    func column(_ reading: (Sample) -> Int) -> JSON { .array(samples.map { .integer(reading($0)) }) }
    return .object([
      ("phase", .text(phase)), ("host", .text(host.rawValue)), ("restored", .text(restored?.rawValue)),
      ("count", .integer(samples.count)),
      ("noisy", .integer(noisyCount)), ("noisyLeftOut", .boolean(leavesNoiseOut)),
      (
        "wallNs",
        .object([
          ("p50", estimate(0.5)), ("p90", estimate(0.9)), ("p99", estimate(0.99)), ("mean", .number(wall.mean)),
          ("min", .number(wall.minimum)), ("max", .number(wall.maximum)),
        ])
      ),
      (
        "medians",
        .object([
          ("processorNs", .number(median { Double($0.processor.nanoseconds) })),
          ("exits", .number(median { Double($0.exits) })), ("pageFaults", .number(median { Double($0.pageFaults) })),
          ("guestPageFaults", .number(median { Double($0.guestPageFaults) })),
          ("emulatedInstructions", .number(median { Double($0.emulatedInstructions) })),
        ])
      ),
      (
        "samples",
        .object([
          ("wallNs", column(\.wall.wholeNanoseconds)), ("processorNs", column(\.processor.wholeNanoseconds)),
          ("runDelayNs", column(\.runDelay.wholeNanoseconds)),
          ("throttledNs", column(\.throttled.wholeNanoseconds)),
          ("exits", column { Int($0.exits) }), ("pageFaults", column { Int($0.pageFaults) }),
          ("guestPageFaults", column { Int($0.guestPageFaults) }),
          ("emulatedInstructions", column { Int($0.emulatedInstructions) }),
          ("noisy", column { $0.isNoisy ? 1 : 0 }),
        ])
      ),
    ])
  }
}

extension Density {
  fileprivate var json: JSON {
    .object([
      ("function", .text(function)), ("alive", .integer(alive)), ("seconds", .number(seconds)),
      ("machinesPerSecond", .number(machinesPerSecond)),
      ("residentBytesEach", .number(residentBytesEach)), ("hostBytesEach", .number(hostBytesEach)),
    ])
  }
}

extension TimeSpan {
  fileprivate var wholeNanoseconds: Int { Int(nanoseconds) }
}
