import Diagnostics
import Foundation
import Testing

@Suite("faascast price")
struct PriceTests {
  let program: Program

  init() throws { program = try Program() }

  private static let usage = """
    pricing: {free-tier: true}
    functions:
      backend: {requests: 3000000, duration: 120ms, memory: 1536}

    """

  @Test("a usage file and the same from flags have the same bill, in every form")
  func forms() throws {
    defer { program.remove() }
    try program.file("usage.yaml", Self.usage)
    let flags = ["--requests", "3M", "--duration", "120ms", "--memory", "1536", "--free-tier"]
    let file = try program.run("price", "usage.yaml", "--csv")
    #expect(file.status == 0)
    #expect(try program.run(["price"] + flags + ["--csv"]).output == file.output)
    #expect(try program.run("price", "usage.yaml").output.contains("total"))
    #expect(try program.run("price", "usage.yaml", "--markdown").output.contains("| **total** | | **2.73** |"))
    let json = try program.run("price", "usage.yaml", "--json").output
    let bill = try #require(try JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: Any])
    #expect(bill["schema"] as? String == "faascast.bill/1")
    #expect(bill["total"] as? Double == 2.733338)
    for line in file.output.split(separator: "\r\n") { #expect(line.split(separator: ",").count >= 20) }
  }

  @Test("a bill above its budget has status 1 and says what exceeds it, one below has 0")
  func budget() throws {
    defer { program.remove() }
    try program.file("usage.yaml", Self.usage)
    let above = try program.run("price", "usage.yaml", "--fail-over", "2USD")
    #expect(above.status == ExitStatus.checkFailed.rawValue)
    #expect(
      above.error == """
        faascast: the bill of 2.73 USD exceeds 2 USD by 0.73; most of it is duration (x86_64), 2.33

        """)
    #expect(above.output.contains("2.73"))
    #expect(try program.run("price", "usage.yaml", "--fail-over", "3 USD").status == 0)
    #expect(try program.run("price", "usage.yaml", "--fail-over", "3EUR").status == ExitStatus.badInput.rawValue)
    #expect(try program.run("price", "usage.yaml", "--fail-over", "3").status == ExitStatus.badUsage.rawValue)
  }

  @Test("logs are priced by function, stream and hour, and every table has the whole bill")
  func logs() throws {
    defer { program.remove() }
    let logs = Program.package.appending(path: "Traces/lambda-logs/thumbnails.json.gz").path
    var sums: [Double] = []
    for grouping in ["function", "stream", "hour"] {
      let result = try program.run("price", "logs", logs, "--by", grouping, "--csv")
      #expect(result.status == 0, "\(result.error)")
      let rows = result.output.split(separator: "\r\n").dropFirst()
      sums.append(rows.compactMap { $0.split(separator: ",").last.flatMap { Double($0) } }.reduce(0, +))
    }
    #expect(sums.allSatisfy { abs($0 - sums[0]) < 1e-9 * sums[0] } && sums[0] > 0)
    let text = try program.run("price", "logs", logs)
    #expect(text.status == 0 && text.output.contains("By function") && text.output.contains("rounding up"))
    #expect(try program.run("price", "logs", "nowhere.log").status == ExitStatus.inputOutput.rawValue)
  }

  @Test("a book that is imported, written and used again prices like the one it was made from")
  func books() throws {
    defer { program.remove() }
    try program.file("usage.yaml", Self.usage)
    let offer = """
      {"formatVersion":"v1.0","offerCode":"AWSLambda","version":"20260919000000","publicationDate":"2026-09-19T00:00:00Z",
       "products":{
        "A":{"sku":"A","attributes":{"group":"AWS-Lambda-Requests","regionCode":"us-east-1","location":"US East (N. Virginia)"}},
        "B":{"sku":"B","attributes":{"group":"AWS-Lambda-Duration","regionCode":"us-east-1","location":"US East (N. Virginia)"}}},
       "terms":{"OnDemand":{
        "A":{"A.X":{"priceDimensions":{"A.X.1":{"beginRange":"0","endRange":"Inf","pricePerUnit":{"USD":"0.0000004"}}}}},
        "B":{"B.X":{"priceDimensions":{"B.X.1":{"beginRange":"0","endRange":"Inf","pricePerUnit":{"USD":"0.0000166667"}}}}}}}}
      """
    try program.file("index.json", offer)
    let imported = try program.run("price", "import", "index.json", "--output", "book.json")
    #expect(imported.status == 0, "\(imported.error)")
    #expect(imported.error.hasPrefix("2 prices of 1 places to book.json, out of 2 products"))
    let bill = try program.run("price", "usage.yaml", "--price-book", "book.json", "--fail-over", "11USD")
    #expect(bill.status == 0 && bill.output.contains("version 20260919000000, 2026-09-19"))
    let diff = try program.run("price", "diff", "book.json", "--fail-on-change")
    #expect(diff.status == ExitStatus.checkFailed.rawValue)
    #expect(diff.output.contains("+100 %"))
    #expect(try program.run("price", "diff", "book.json", "book.json", "--fail-on-change").status == 0)
    try program.file("index.json", offer.replacing("\"USD\"", with: "\"EUR\""))
    let broken = try program.run("price", "import", "index.json", "--output", "other.json")
    #expect(broken.status == ExitStatus.badInput.rawValue)
    #expect(broken.error.contains("index.json:6: terms.OnDemand.A.A.X.priceDimensions.A.X.1.pricePerUnit.EUR: found"))
    #expect(!FileManager.default.fileExists(atPath: program.directory.appending(path: "other.json").path))
  }

  @Test("break-even says where provisioned concurrency pays and where it never does")
  func breakEven() throws {
    defer { program.remove() }
    let regions = try program.run("price", "break-even")
    #expect(regions.status == 0)
    #expect(regions.output.contains(#/us-east-1 +60.0 % +60.0 %/#))
    #expect(regions.output.contains(#/sa-east-1 +never/#))
    let curve = try program.run("price", "break-even", "--duration", "120ms", "--memory", "1024")
    #expect(curve.status == 0 && curve.output.contains("Fargate: "))
    #expect(try program.run("price", "break-even", "--memory", "1024").status == ExitStatus.badUsage.rawValue)
  }

  @Test("a simulation's bill goes by the scenario's pricing, and its budget by --fail-over")
  func simulation() throws {
    defer { program.remove() }
    try program.file(
      "s.yaml",
      """
      workload:
        synthetic: {horizon: 1h, functions: {f: {arrivals: {poisson: 5}, duration: {exponential: 300ms}}}}
      pricing: {discounts: {all: 0.5}}

      """)
    let plain = try program.run("simulate", "s.yaml", "--json", "--per-month")
    #expect(plain.status == 0, "\(plain.error)")
    let summary = try #require(try JSONSerialization.jsonObject(with: Data(plain.output.utf8)) as? [String: Any])
    let bill = try #require(summary["bill"] as? [String: Any])
    let lines = try #require(bill["lines"] as? [[String: Any]])
    for line in lines {
      let (list, price) = (try #require(line["listPrice"] as? Double), try #require(line["price"] as? Double))
      #expect(abs(price / list - 0.5) < 1e-12)
    }
    let (hour, month) = (try #require(bill["total"] as? Double), try #require(bill["month"] as? [String: Any]))
    #expect(abs(try #require(month["total"] as? Double) / hour - 720) < 1e-3)
    let over = try program.run("simulate", "s.yaml", "--fail-over", "0.0001USD", "--alternatives")
    #expect(over.status == ExitStatus.checkFailed.rawValue)
    #expect(over.error.contains("exceeds 0.0001 USD"))
    #expect(over.output.contains("The same elsewhere") && over.output.contains("Fargate"))
  }
}
