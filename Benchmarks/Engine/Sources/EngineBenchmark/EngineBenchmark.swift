import Foundation

/// Holds the engine against rivals in C and prints one table of ratios; exit status 1 when one is below its threshold.
///
///     EngineBenchmark [processes] [memory] [sampled] [coupled] [rules]     all when none is named
@main
enum EngineBenchmark {
  static func main() throws {
    // Processes first: the memory of one is told by the kernel as no less than its parent's when it began.
    let groups: [(name: String, run: (inout Scoreboard) throws -> Void)] = [
      ("processes", ProcessRace.run), ("memory", MemoryRace.run), ("sampled", SampledRace.run),
      ("coupled", CoupledRace.run), ("rules", RulesRace.run),
    ]
    let wanted = CommandLine.arguments.dropFirst()
    if let unknown = wanted.first(where: { name in !groups.contains { $0.name == name } }) {
      FileHandle.standardError.write(
        Data("unknown group \(unknown); there are \(groups.map(\.name).joined(separator: ", "))\n".utf8))
      exit(64)
    }
    var scoreboard = try Scoreboard()
    for group in groups where wanted.isEmpty || wanted.contains(group.name) { try group.run(&scoreboard) }
    print(scoreboard.text)
    exit(scoreboard.isGood ? 0 : 1)
  }
}
