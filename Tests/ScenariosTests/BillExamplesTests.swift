import Foundation
import Pricing
import TestSupport
import Testing
import Units

@testable import Scenarios

/// AWS's own examples of bills (aws.amazon.com/lambda/pricing, mid-2026; docs.aws.amazon.com/lambda, kafka-scaling-modes;
/// two of Infracost's), told as usage files in `Scenarios/bills`.
@Suite("AWS's examples of bills")
struct BillExamplesTests {
  struct Example: Sendable, CustomTestStringConvertible {
    /// The name of the usage file.
    var name: String
    /// The same example in a collection that may lie beside the project.
    var id: String
    /// What AWS says, in its order.
    var lines: [(amount: String, meters: [Meter])]
    var total: String

    var testDescription: String { name }
  }

  static let examples: [Example] = [
    Example(
      name: "mobile-backend", id: "od_mobile_backend", lines: [("2.33", [.duration]), ("0.40", [.requests])],
      total: "2.73"),
    Example(
      name: "telemetry", id: "od_telemetry", lines: [("1.49", [.requests]), ("248.00", [.duration])], total: "249.49"),
    Example(
      name: "language-model", id: "od_bert_ephemeral",
      lines: [("105.33", [.duration]), ("1.00", [.requests]), ("0.08", [.ephemeralStorage])], total: "106.41"),
    Example(
      name: "cyber-monday", id: "pc_cyber_monday",
      lines: [("10.08", [.provisionedConcurrency]), ("21.78", [.provisionedDuration]), ("0.40", [.requests])],
      total: "32.26"),
    Example(
      name: "telemetry-snapstart", id: "snapstart_telemetry",
      lines: [
        ("1.49", [.requests]), ("248.00", [.duration]), ("4.03", [.snapStartCache]), ("10.40", [.snapStartRestore]),
      ], total: "263.92"),
    Example(
      name: "rendering", id: "response_streaming_ssr",
      lines: [("30.83", [.duration]), ("0.40", [.requests]), ("7.81", [.responseStreaming])], total: "39.04"),
    Example(
      name: "queue", id: "esm_sqs_provisioned",
      lines: [("500.00", [.duration]), ("6.00", [.requests]), ("74.00", [.sqsPollers])], total: "580.00"),
    Example(
      name: "kafka", id: "esm_kafka_grouped",
      lines: [("1000.00", [.duration]), ("60.00", [.requests]), ("133.20", [.kafkaPollers])], total: "1193.20"),
    Example(
      name: "edge", id: "edge_128mb", lines: [("0.63", [.edgeDuration]), ("6.00", [.edgeRequests])], total: "6.63"),
    Example(
      name: "durable", id: "durable_claims",
      lines: [
        ("421.34", [.duration]), ("0.20", [.requests]), ("32.00", [.durableOperations]), ("26.00", [.durableWrites]),
        ("10.92", [.durableStorage]),
      ], total: "490.46"),
    Example(
      name: "managed-instances", id: "lmi_api",
      lines: [("20.00", [.managedRequests]), ("91.40", [.instances]), ("48.96", [.managedFee])], total: "160.36"),
    Example(
      name: "microvms", id: "microvm_coding",
      lines: [
        ("1103.38", [.microVMProcessors, .microVMMemory]), ("134.60", [.microVMReads, .microVMWrites]),
        ("3.24", [.microVMStorage]),
      ], total: "1241.22"),
    Example(
      name: "kafka-ungrouped", id: "kafka_epu_ungrouped", lines: [("1332.00", [.kafkaPollers])], total: "1332.00"),
    Example(name: "kafka-grouped", id: "kafka_epu_grouped", lines: [("133.20", [.kafkaPollers])], total: "133.20"),
    Example(
      name: "tiers", id: "tiers_x86_61_44B", lines: [("3000.00", [.requests]), ("854203.30", [.duration])],
      total: "857203.30"),
    Example(
      name: "provisioned-arm", id: "pc_arm",
      lines: [("2.00", [.requests]), ("30.00", [.provisionedConcurrency]), ("13.61", [.provisionedDuration])],
      total: "45.61"),
  ]

  private static let directory = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "Scenarios/bills")

  private func read(_ name: String) throws -> UsageFile {
    try UsageFile(contentsOf: Self.directory.appending(path: name + ".yaml").path)
  }

  private func bill(_ name: String) throws -> Bill {
    let file = try read(name)
    return Bill(for: file.usage, book: try PriceBook.shipped.get(), terms: file.terms)
  }

  @Test("are met to the cent, line by line and in total", arguments: examples)
  func cents(_ example: Example) throws {
    let bill = try bill(example.name)
    #expect(bill.missing.isEmpty)
    for line in example.lines {
      let amount = line.meters.reduce(Decimal(0)) { $0 + bill.amount(of: $1) }
      #expect(amount.fixed(places: 2) == line.amount, "\(line.meters)")
    }
    #expect(bill.total.fixed(places: 2) == example.total)
    #expect(bill.lines.allSatisfy { !$0.source.isEmpty })
    // Nothing is billed beside what AWS lists.
    let known = Set(example.lines.flatMap(\.meters))
    #expect(bill.lines.allSatisfy { known.contains($0.item.meter) })
  }

  @Test("each tier of the example with tiers is a line of its own")
  func tiers() throws {
    let lines = try bill("tiers").lines.filter { $0.item.meter == .duration }
    #expect(lines.map { $0.amount.fixed(places: 2) } == ["100000.20", "135000.00", "619203.10"])
    #expect(lines.map(\.quantity) == [6_000_000_000, 9_000_000_000, 46_440_000_000])
  }

  @Test("init is free before August 2025 and added before rounding since; timeouts are billed to their end")
  func billedMilliseconds() throws {
    func milliseconds(_ name: String) throws -> [String: Int128] {
      let file = try read(name)
      return Dictionary(
        uniqueKeysWithValues: file.functions.map { name, use in
          var usage = Usage()
          use.add(to: &usage, by: name)
          return (name, usage.total(of: .duration) / Int128(use.memory.megabytes))
        })
    }
    #expect(try milliseconds("init-billing") == ["before": 251, "since": 351])
    #expect(try milliseconds("timeouts") == ["first": 3117, "second": 3101])
  }

  @Test("no usage file is without a test")
  func completeness() throws {
    let files = try FileManager.default.contentsOfDirectory(atPath: Self.directory.path)
    #expect(Set(files) == Set((Self.examples.map(\.name) + ["init-billing", "timeouts"]).map { $0 + ".yaml" }))
  }

  @Test(
    "say what the collection of AWS's examples says",
    .enabled(if: RealData.has("../reference/billing_examples.json"), "no collection: set FAASCAST_DATA"))
  func collection() throws {
    struct Collection: Decodable {
      struct Item: Decodable {
        struct Line: Decodable {
          var name: String
          var expected: Double
          var tol: Double?
        }
        var id: String
        var lines: [Line]?
        var expectedTotal: Double?
        var expectedBilledMs: Int?
      }
      var toleranceUsd: Double
      var examples: [Item]
    }
    let data = try Data(contentsOf: URL(filePath: RealData.path("../reference/billing_examples.json")))
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    let collection = try decoder.decode(Collection.self, from: data)
    for item in collection.examples {
      guard let total = item.expectedTotal else {
        #expect(item.expectedBilledMs != nil, "\(item.id)")
        continue
      }
      let example = try #require(Self.examples.first { $0.id == item.id }, "\(item.id) has no usage file")
      let bill = try bill(example.name)
      #expect(
        abs(NSDecimalNumber(decimal: bill.total).doubleValue - total) <= collection.toleranceUsd, "\(item.id)")
      // Ours has the tiers of one meter as one sum.
      let said = (item.lines ?? []).filter { !$0.name.hasPrefix("tier") }.map(\.expected)
      #expect(said.allSatisfy { amount in example.lines.contains { Double($0.amount) == amount } }, "\(item.id)")
    }
  }
}
