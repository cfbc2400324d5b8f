public import ArgumentParser
import Diagnostics
public import Traces
import Units
import Workloads

/// Where a trace is written and in which form.
struct TraceDestination: ParsableArguments {
  @Option(help: "The file or directory to write; a file whose name ends in .gz is compressed.", completion: .file())
  var output: String

  @Option(help: "The form (default: told by the name, .csv or .ndjson).")
  var format: TraceFormat?

  @Option(help: "Random numbers to draw, instead of the scenario's seed.")
  var seed: UInt64?

  @Flag(name: .shortAndLong, help: "No progress, no account.")
  var quiet = false

  func validate() throws {
    if format == nil, TraceFormat(fileName: output) == nil {
      let forms = TraceFormat.allCases.map(\.rawValue).joined(separator: ", ")
      throw ValidationError("the name '\(output)' tells no form; add --format with one of \(forms)")
    }
  }

  /// Writes the workload, and on standard error an account of what was written.
  func write(_ workload: Workload, seed: UInt64) throws(InputFault) {
    guard let format = format ?? TraceFormat(fileName: output) else { return }
    var progress = ProgressLine(isQuiet: quiet)
    defer { progress.clear() }
    let receipt = try TraceWriter(format, seed: self.seed ?? seed).write(workload, to: output) { invocations, share in
      progress.show(share: share, invocations: invocations)
    }
    progress.clear()
    guard !quiet else { return }
    var account = "\(receipt.invocations.grouped) invocations to "
    account += receipt.files.count == 1 ? receipt.files[0] : "\(output), \(receipt.files.count) files"
    try StandardStream.error.write(account + "\n" + Self.lines(of: receipt.ledger).map { "  \($0)\n" }.joined())
  }

  private static func lines(of ledger: ImportLedger) -> [String] {
    (ledger.read > 0 ? ["read \(ledger.read.grouped) rows"] : [])
      + ledger.repaired.sorted { $0.key < $1.key }.map { "repaired \($0.value.grouped): \($0.key)" }
      + ledger.dropped.sorted { $0.key < $1.key }.map { "dropped \($0.value.grouped): \($0.key)" }
      + ledger.synthesised.map { "made up: \($0)" }
  }
}

extension TraceFormat: ExpressibleByArgument {}

struct TraceConvert: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "convert",
    abstract: "Write a trace in another form.",
    discussion: """
      Examples:
        faascast trace convert checkout.log --output checkout.csv
        faascast trace convert azure-day --output day.ndjson.gz
        faascast trace convert requests.csv --format azure-2019 --output day
      """)

  @Argument(help: "A file, a directory, or a scenario (.yaml).", completion: .file())
  var trace: String

  @OptionGroup var destination: TraceDestination

  func run() throws {
    let (workload, seed) = try Trace.open(trace)
    try destination.write(workload, seed: seed)
  }
}
