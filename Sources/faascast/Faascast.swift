import ArgumentParser

@main
struct Faascast: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "faascast",
    abstract: "Forecast what a serverless workload will do and cost, before anyone deploys it.")
}
