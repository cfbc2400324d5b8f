import Diagnostics
import Foundation
import Platforms
import TestSupport
import Testing

@testable import Pricing

@Suite("Price books")
struct PriceBookTests {
  @Test(
    "the program's own prices requests, duration and provisioned concurrency in 36 regions, each with source and date")
  func shipped() throws {
    let book = try PriceBook.shipped.get()
    #expect(book.regions.count == 36)
    for region in book.regions {
      #expect(book.price(of: .init(.requests), in: region) != nil, "\(region)")
      #expect(book.price(of: .init(.provisionedConcurrency, "x86_64"), in: region) != nil, "\(region)")
      for architecture in Architecture.allCases {
        let price = try #require(book.price(of: .init(.duration, architecture.rawValue), in: region), "\(region)")
        #expect(zip(price.tiers, price.tiers.dropFirst()).allSatisfy { $0.price > $1.price }, "\(region)")
        #expect(price.tiers.count == 3 || price.end != nil, "\(region)")
      }
    }
    for (name, place) in book.places {
      for (item, price) in place.prices {
        #expect(
          !price.source.title.isEmpty && price.source.date.wholeMatch(of: #/20\d\d(-\d\d){1,2}/#) != nil,
          "\(item) in \(name)")
        // Every price is of this world: a slip of a digit would leave these bounds.
        #expect(price.first <= 10, "\(item) in \(name)")
      }
    }
  }

  @Test("an unknown region is a fault that suggests the one meant")
  func unknownRegion() throws {
    let book = try PriceBook.shipped.get()
    #expect {
      try book.requireRegion("us-eest-1")
    } throws: {
      "\($0)".contains("did you mean 'us-east-1'?")
    }
    #expect(throws: InputFault.self) { try book.requireRegion("us-east-9") }
  }

  @Test(
    "a malformed book is refused with the key at fault",
    arguments: [
      (#""prices": {"requests": {"price": "zero"}}"#, "places.r.prices.requests.price"),
      (#""prices": {"requests": {"price": 0.2}}"#, "places.r.prices.requests.price"),
      (#""prices": {"requests": {"price": "-1"}}"#, "places.r.prices.requests.price"),
      (#""prices": {"requests": {}}"#, "places.r.prices.requests"),
      (#""prices": {"request": {"price": "1"}}"#, "places.r.prices.request"),
      (#""prices": {"duration/x86_64": {"tiers": [["1", "1"]]}}"#, "places.r.prices.duration/x86_64.tiers"),
      (#""prices": {"duration/x86_64": {"tiers": [["0", "1"], ["0", "1"]]}}"#, "places.r.prices.duration/x86_64.tiers"),
      (#""prices": {"duration/x86_64": {"tiers": [["0", "1"]], "end": "0"}}"#, "places.r.prices.duration/x86_64"),
      (#""price": {}"#, "places.r.price"),
    ] as [(String, String)])
  func malformed(_ body: String, _ key: String) {
    let text = """
      {"schema": "faascast.price-book/2", "version": "1", "currency": "USD", "sources": {},
       "places": {"r": {"name": "", "source": "s", "date": "2026", \(body)}}}
      """
    #expect {
      try PriceBook(json: Array(text.utf8), name: "book.json")
    } throws: { error in
      guard let fault = error as? InputFault else { return false }
      return fault.place.file == "book.json" && fault.place.key == key
    }
  }

  @Test("a figure without source or date is refused")
  func uncited() {
    let text = """
      {"schema": "faascast.price-book/2", "version": "1", "currency": "USD",
       "places": {"r": {"name": "", "prices": {"requests": {"price": "1", "source": "s"}}}}}
      """
    #expect {
      try PriceBook(json: Array(text.utf8), name: "book.json")
    } throws: {
      "\($0)".contains("places.r.prices.requests: found a figure without source and date")
    }
  }

  private static let package = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()
  private static let file = package.appending(path: "Sources/Pricing/Resources/price-book.json")

  @Test("the program's own and one that the program writes are as the schema says")
  func schema() throws {
    let schema = try Data(contentsOf: Self.package.appending(path: "Schemas/price-book.schema.json"))
    for book in [try Data(contentsOf: Self.file), Data(try PriceBook.shipped.get().json().utf8)] {
      var check = try SchemaCheck(schema)
      try check.check(book)
      #expect(check.faults == [])
    }
    var check = try SchemaCheck(schema)
    try check.check(
      Data(#"{"schema": "faascast.price-book/2", "places": {"r": {"prices": {"x": {"price": 1}}}}}"#.utf8))
    #expect(Set(check.faults) == [" lacks version", " lacks currency", ".places.r.prices.x.price is no string"])
  }

  @Test(
    "the program's own is what Scripts/price-book makes of the collected figures",
    .enabled(
      if: RealData.has("../reference/prices.json") && FileManager.default.isExecutableFile(atPath: "/usr/bin/python3"),
      "no collected figures: set FAASCAST_DATA"))
  func script() throws {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/python3")
    process.arguments = [
      Self.package.appending(path: "Scripts/price-book").path, RealData.path("../reference/prices.json"),
    ]
    let pipe = Pipe()
    process.standardOutput = pipe
    try process.run()
    let made = try pipe.fileHandleForReading.readToEnd()
    process.waitUntilExit()
    #expect(made == (try Data(contentsOf: Self.file)))
  }
}
