import ArgumentParser

struct Price: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Price usage without a simulation; look after price books.",
    discussion: """
      Examples:
        faascast price usage.yaml
        faascast price --requests 3M --duration 120ms --memory 1536 --free-tier
        faascast price usage.yaml --markdown
        faascast price usage.yaml --fail-over 500USD
      """,
    subcommands: [PriceUsage.self, PriceLogs.self, PriceBreakEven.self, PriceImport.self, PriceDiff.self],
    defaultSubcommand: PriceUsage.self)
}
