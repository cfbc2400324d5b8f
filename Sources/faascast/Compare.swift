import ArgumentParser
import Diagnostics
import Engine
import Foundation
import Planning
import Platforms
import Pricing
import Reporting
import Scenarios
import Units

struct Compare: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Hold scenarios against the first one, and tell differences from noise.",
    discussion: """
      Each scenario is run several times. The n-th runs of all share their random numbers, so that functions of the same \
      name see the same arrivals and durations, and what differs is the platform's doing.

      Examples:
        faascast compare Scenarios/provisioned-6.yaml Scenarios/provisioned-7.yaml
        faascast compare now.yaml arm64.yaml more-memory.yaml --replications 50 --markdown

      All scenarios are run with the first one's seed, or --seed.
      """)

  @Argument(help: "The scenarios, two or more; the first is what the others are held against.")
  var scenarios: [String]

  @Option(help: "Runs of each scenario.")
  var replications = 20

  @Option(
    name: .customLong("of"), help: ArgumentHelp("The outputs to show, such as coldStarts,cost.", valueName: "outputs"),
    transform: ReplicationOptions.outputs)
  var outputs: [String]?

  @Option(help: "Random numbers to draw, instead of the first scenario's seed.")
  var seed: UInt64?

  @Option(help: "Threads (default: as many as processors). The answer does not depend on it.")
  var jobs: Int?

  @Option(help: WarmUpChoice.help, transform: WarmUpChoice.init(parsing:))
  var warmUp: WarmUpChoice?

  @OptionGroup var book: PriceBookOption

  @Flag(help: "Print JSON, with all outputs.")
  var json = false

  @Flag(help: "Print Markdown tables.")
  var markdown = false

  @Flag(name: .shortAndLong, help: "No progress.")
  var quiet = false

  func validate() throws {
    guard scenarios.count > 1 else { throw ValidationError("expected two scenarios or more to compare") }
    guard (2...100_000).contains(replications) else {
      throw ValidationError("--replications must be 2 to 100000, found \(replications)")
    }
    if let jobs, !(1...1024).contains(jobs) { throw ValidationError("--jobs must be 1 to 1024, found \(jobs)") }
    if json, markdown { throw ValidationError("--json and --markdown do not go together") }
  }

  func run() throws {
    let read = try scenarios.map { try Scenario(contentsOf: $0) }
    let seed = seed ?? read[0].seed
    let books = try read.map { scenario in
      let book = try self.book.read(scenario.priceBook)
      try scenario.locatingFaults { () throws(InputFault) in try book.requireRegion(scenario.platform.region) }
      return book
    }
    var prepared = try read.map { scenario in
      Replications(
        Simulation(workload: try scenario.openWorkload(), platform: scenario.platform, seed: seed),
        jobs: jobs ?? ProcessInfo.processInfo.activeProcessorCount)
    }

    Interruption.listen()
    var progress = ProgressLine(isQuiet: quiet)
    defer { progress.clear() }
    var remarks: [String] = []
    let goal = Replications.Goal.count(replications)
    for index in read.indices {
      let choice = warmUp ?? WarmUpChoice.standard(goal: goal, of: read[index])
      let found = try read[index].locatingFaults { () throws(InputFault) in
        try choice.settle(&prepared[index], goal: goal, of: read[index])
      }
      if let remark = found.remark, !remarks.contains(remark) { remarks.append(remark) }
    }
    // The same stretch of time for all.
    let longest = prepared.map(\.warmUp).max() ?? .zero
    var studies: [(name: String, study: Study)] = []
    for (index, scenario) in read.enumerated() {
      prepared[index].warmUp = longest
      let (book, region, terms) = (books[index], scenario.platform.region, scenario.billingTerms)
      let findings = try scenario.locatingFaults { () throws(InputFault) in
        try prepared[index].run(
          goal,
          read: { (outcome) throws(InputFault) in
            Report.readings(
              of: outcome, cost: Bill(for: Usage(outcome, region: region), book: book, terms: terms).total)
          },
          onProgress: { [count = Double(read.count)] step in
            progress.show(share: step.share.map { (Double(index) + $0) / count }, invocations: step.invocations)
          }, shouldStop: { Interruption.isRequested })
      }
      guard findings.isComplete else {
        progress.clear()
        try StandardStream.error.write("faascast: stopped before all scenarios were run; there is nothing to compare\n")
        throw ExitCode(ExitStatus.interrupted.rawValue)
      }
      studies.append((Self.names(of: read)[index], findings.study))
      if scenario.workload != read[0].workload || scenario.window != read[0].window {
        remarks.append(
          "\(Self.names(of: read)[index]) has another workload than the first: differences are also its doing")
      }
    }
    progress.clear()
    let report = ComparisonReport(
      Comparison(studies), outputs: outputs ?? ComparisonReport.usualOutputs, remarks: remarks)
    try StandardStream.output.write(
      json
        ? report.json()
        : markdown
          ? report.markdown()
          : report.text(colour: Terminal.output.isColoured, width: Terminal.output.width))
  }

  /// The scenarios' names, or their files where names are not told apart.
  private static func names(of scenarios: [Scenario]) -> [String] {
    let names = scenarios.map(\.name)
    return Set(names).count == names.count ? names : scenarios.map(\.file)
  }
}
