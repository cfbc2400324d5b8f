import Documents
import Foundation
import Platforms
public import Pricing
import Units

/// When something else costs less than Lambda on demand, as text and JSON.
public struct BreakEvenReport {
  private enum Subject {
    case regions([String])
    case curve(RateCurve)
  }

  private let subject: Subject
  private let book: PriceBook

  /// The utilisation from which on provisioned concurrency pays, by Region.
  public init(regions: [String], _ book: PriceBook) {
    subject = .regions(regions)
    self.book = book
  }

  /// A function's month over request rates.
  public init(curve: RateCurve, _ book: PriceBook) {
    subject = .curve(curve)
    self.book = book
  }

  /// Requests a second.
  static let rates: [Double] = [0.01, 0.1, 1, 3, 10, 30, 100, 300, 1000]

  public func text(colour: Bool, width: Int = 80) -> String {
    var text = TextBlocks(ink: Ink(isOn: colour), width: max(40, width))
    switch subject {
    case .regions(let regions):
      text.heading("Provisioned concurrency against on demand", note: "price book \(book.version)")
      var table = TextTable("Pays from a busy share of", columns: Architecture.allCases.map(\.rawValue))
      for region in regions {
        table.rows.append([region] + Architecture.allCases.map { Self.said(utilisation(region, $0)) })
      }
      text.table(table)
      text.list("Ignored", ["tiers beyond the first, savings plans, and what saved cold starts are worth"])
    case .curve(let curve):
      text.heading(
        "A month at steady rates",
        note: "\(curve.memory.megabytes) MB, \(curve.duration), \(curve.architecture.rawValue), \(curve.region)")
      text.table(Self.table(of: curve, book))
      text.list("From where on it costs less than Lambda", Self.sentences(curve, book))
      text.list("Provisioned concurrency", [utilisationSentence(curve)])
      text.list("Ignored", Self.ignored)
    }
    return text.text
  }

  private func utilisation(_ region: String, _ architecture: Architecture) -> ProvisionedUtilisation? {
    ProvisionedUtilisation(in: region, architecture: architecture, book: book)
  }

  /// `60.0 %`, or that it never pays.
  static func said(_ utilisation: ProvisionedUtilisation?) -> String {
    guard let utilisation else { return "no price" }
    let share = utilisation.share.map { Wording.percent(NSDecimalNumber(decimal: $0).doubleValue) }
    return utilisation.canPay ? share ?? Wording.none : share.map { "never (\($0))" } ?? "never"
  }

  private func utilisationSentence(_ curve: RateCurve) -> String {
    Self.sentence(utilisation(curve.region, curve.architecture), region: curve.region)
  }

  /// When provisioned concurrency pays in a Region, for people.
  public static func sentence(_ utilisation: ProvisionedUtilisation?, region: String) -> String {
    guard let utilisation else { return "the price book has no price of it in \(region)" }
    guard utilisation.canPay else {
      let needed = utilisation.share.map { Wording.percent(NSDecimalNumber(decimal: $0).doubleValue) }
      return
        "never costs less than on demand in \(region): it would have to be busy \(needed ?? "more than all") of the time"
    }
    return "costs less than on demand in \(region) when it is busy more than \(said(utilisation)) of the time"
  }

  static let ignored = [
    "traffic that comes in bursts, cold starts, load balancers and free tiers",
    "that a request keeps its duration elsewhere; machines have room for the mean concurrency and three times its root",
  ]

  static func table(of curve: RateCurve, _ book: PriceBook) -> TextTable {
    var table = TextTable("Requests a second", columns: RateCurve.Target.allCases.map(\.rawValue))
    for rate in rates {
      table.rows.append(
        [Wording.number(rate)]
          + RateCurve.Target.allCases.map { target in
            curve.cost(of: target, rate: rate, book: book).map(Wording.money) ?? "no price"
          })
    }
    return table
  }

  static func sentences(_ curve: RateCurve, _ book: PriceBook) -> [String] {
    RateCurve.Target.allCases.filter { $0 != .lambda }.map { target in
      guard curve.cost(of: target, rate: 1, book: book) != nil else {
        return "\(target.rawValue): the price book has no price of it in \(curve.region)"
      }
      guard let rate = curve.breakEven(of: target, book: book) else {
        return "\(target.rawValue): not up to 10,000 requests a second"
      }
      return "\(target.rawValue): \(Wording.number(rate)) requests a second"
    }
  }

  /// `faascast.break-even/1`
  public func json() -> String {
    var members: [(String, JSON)] = [("schema", .text("faascast.break-even/1")), ("book", .text(book.version))]
    switch subject {
    case .regions(let regions):
      members.append(
        (
          "provisionedUtilisation",
          .array(
            regions.flatMap { region in
              Architecture.allCases.map { architecture in
                let utilisation = utilisation(region, architecture)
                return .object([
                  ("region", .text(region)), ("architecture", .text(architecture.rawValue)),
                  ("share", utilisation?.share.map { .decimal($0) } ?? .null),
                  ("canPay", utilisation.map { .boolean($0.canPay) } ?? .null),
                ])
              }
            })
        ))
    case .curve(let curve):
      members += [
        ("region", .text(curve.region)), ("architecture", .text(curve.architecture.rawValue)),
        ("memoryMB", .integer(curve.memory.megabytes)), ("durationMs", .number(curve.duration.milliseconds)),
        (
          "months",
          .array(
            Self.rates.map { rate in
              .object(
                [("requestsPerSecond", .number(rate))]
                  + RateCurve.Target.allCases.map { target in
                    (target.rawValue, curve.cost(of: target, rate: rate, book: book).map { .decimal($0) } ?? .null)
                  })
            })
        ),
        (
          "breakEven",
          .object(
            RateCurve.Target.allCases.filter { $0 != .lambda }.map { target in
              (target.rawValue, .number(curve.breakEven(of: target, book: book)))
            })
        ),
      ]
    }
    return JSON.object(members).written(depth: 2) + "\n"
  }
}
