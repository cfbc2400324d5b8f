import Foundation
import TestSupport
import Testing

/// Whether commands that take minutes without optimisation are run too.
private let runsLong = ProcessInfo.processInfo.environment["FAASCAST_LONG"] != nil

@Suite("What the page on fidelity shows", .enabled(if: RealData.has("aws/poisson_traces_2020.csv.gz")))
struct FidelityPageTests {
  /// Commands of the page, each with the lines of output that follow it there.
  private struct Example {
    var command: [String]
    var output: [String] = []

    var isLong: Bool { command.contains { $0.contains("lambda_perf") || $0.contains("20_experiments") } }
    /// Figures of this host and this hour: LiveTests hold them.
    var isLive: Bool { command.contains("--live") }
  }

  /// Seconds. Without optimisation, all groups of cold starts or twenty million invocations take minutes.
  private static let patience = runsLong ? 2400.0 : 120

  private static let examples = Result { () throws -> [Example] in
    let page = try String(contentsOf: Program.package.appending(path: "docs/fidelity.md"), encoding: .utf8)
    var examples: [Example] = []
    for line in page.split(separator: "\n") where line.hasPrefix("    ") {
      let text = line.trimmingCharacters(in: .whitespaces)
      if text.hasPrefix("faascast ") {
        let words = text.split(separator: " ").dropFirst().map { word in
          String(word).replacing("'", with: "").replacing("$DATA", with: RealData.path("aws"))
        }
        examples.append(Example(command: words))
      } else if !examples.isEmpty {
        examples[examples.count - 1].output.append(text)
      }
    }
    return examples
  }

  /// Words with a single space between them.
  private func words(_ text: String) -> String { text.split(separator: " ").joined(separator: " ") }

  @Test("every line of output is what its command prints")
  func outputs() throws {
    let examples = try Self.examples.get()
    #expect(examples.count >= 10)
    for example in examples where !example.isLive && (runsLong || !example.isLong) && !example.output.isEmpty {
      let program = try Program()
      defer { program.remove() }
      try FileManager.default.createSymbolicLink(
        at: program.directory.appending(path: "Profiles"),
        withDestinationURL: Program.package.appending(path: "Profiles"))
      let result = try program.run(example.command, within: Self.patience)
      #expect(result.status == 0, "\(example.command): \(result.error)")
      let printed = Set(result.output.split(separator: "\n").map { words(String($0)) })
      for line in example.output { #expect(printed.contains(words(line)), "\(line)\n\(result.output)") }
    }
  }

  @Test(
    "figures in the page's tables are those of their commands",
    arguments: [
      ("46sizes.csv.gz", ["1.69 %", "1760", "1761", "1749", "1796"]), ("1536,3008", ["1.74 %"]),
      ("128,512,3008", ["2.21 %"]),
      (
        "lambda_perf",
        [
          "0.0192", "0.1586", "0.1444 to 0.1770", "0.1633", "0.1127", "0.1028 to 0.1286", "-0.0471",
          "-0.0546 to -0.0415", "three lognormals 149, burr 5", "0.9907 to 1.0011", "p of no effect", "0.165",
          "p 0.0001", "0.21 %", "0.03 to 0.42 %", "p 0.42",
        ]
      ),
    ])
  func tables(_ last: String, _ figures: [String]) throws {
    let examples = try Self.examples.get().filter { !$0.isLive && (runsLong || !$0.isLong) }
    guard
      let example = examples.first(where: {
        $0.command.contains { $0.contains("lambda_perf") && last == "lambda_perf" }
          || $0.command.last?.hasSuffix(last) == true
      })
    else { return #expect(last == "lambda_perf" && !runsLong) }
    let program = try Program()
    defer { program.remove() }
    let result = try program.run(example.command, within: Self.patience)
    #expect(result.status == 0, "\(result.error)")
    for figure in figures { #expect(result.output.contains(figure), "\(figure)\n\(result.output)") }
  }
}
