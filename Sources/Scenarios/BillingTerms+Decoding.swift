import Diagnostics
import Foundation
import Platforms
import Pricing
import Units

enum PricingKey: String, EntryKey {
  case book
  case freeTier = "free-tier"
  case savingsPlan = "savings-plan"
  case discounts
  case prices
  case roundLines = "round-lines"
}

enum SavingsPlanKey: String, EntryKey {
  case plan
  case coverage
}

enum DiscountKey: String, EntryKey {
  case multiplier
  case decimals
}

/// The `pricing:` block of scenarios and usage files: how a bill is to be made.
struct PricingBlock {
  /// The path of a price book to use instead of the one that comes with the program.
  var book: String?
  var terms = BillingTerms()
}

extension Entry {
  private static let allMeters = "all"

  /// A `pricing:` block; a book's relative path starts at `directory`.
  func pricingBlock(directory: String) throws(InputFault) -> PricingBlock {
    let fields = try Fields<PricingKey>(self, "a mapping with free-tier:, savings-plan:, discounts: and so on")
    var block = PricingBlock()
    if let entry = fields[.book] {
      let path = try entry.string("the path of a price book")
      block.book = path.hasPrefix("/") || directory.isEmpty ? path : directory + "/" + path
    }
    if let entry = fields[.freeTier] { block.terms.freeTier = try entry.freeTier() }
    block.terms.savingsPlan = try fields[.savingsPlan]?.savingsPlan()
    if let entry = fields[.discounts] {
      for (name, value) in try entry.pairs("a mapping from meters, or all, to multipliers") {
        let meter = name == Self.allMeters ? nil : try value.item(named: name).meter
        block.terms.discounts[meter] = try value.discount()
      }
    }
    if let entry = fields[.prices] {
      for (name, value) in try entry.pairs("a mapping from meters to prices of a unit") {
        block.terms.prices[try value.item(named: name)] = try value.decimal("a price, a number that is not negative")
      }
    }
    if let entry = fields[.roundLines] { block.terms.roundsLines = try entry.boolean() }
    return block
  }

  private func freeTier() throws(InputFault) -> BillingTerms.FreeTier {
    guard isMapping else { return try boolean() ? .book : .none }
    var left: [Meter: Decimal] = [:]
    for (name, value) in try pairs("true, false, or what is left of each meter") {
      left[try value.item(named: name).meter] = try value.decimal("a number of units that is not negative")
    }
    return .left(left)
  }

  private func savingsPlan() throws(InputFault) -> BillingTerms.SavingsPlan {
    let fields = try Fields<SavingsPlanKey>(self, "a mapping such as {plan: no-upfront, coverage: 70%}")
    let coverage = try fields.require(.coverage, "the share of eligible use that the plan covers, such as 70%")
    return .init(
      name: try fields[.plan]?.string("a plan such as no-upfront") ?? "no-upfront", coverage: try coverage.share())
  }

  private func discount() throws(InputFault) -> BillingTerms.Discount {
    guard isMapping else { return .init(multiplier: try decimal("a multiplier such as 0.9")) }
    let fields = try Fields<DiscountKey>(self, "a multiplier such as 0.9, or {multiplier: 0.28, decimals: 4}")
    return .init(
      multiplier: try fields.require(.multiplier).decimal("a multiplier such as 0.9"),
      decimals: try fields[.decimals]?.integer(in: 0...12, "a number of decimals"))
  }

  /// A share from 0 to 1, or 0% to 100%.
  private func share() throws(InputFault) -> Decimal {
    let form = "a share from 0 to 1, or such as 70%"
    guard let text, let value = Decimal(plain: text.hasSuffix("%") ? String(text.dropLast()) : text) else {
      throw fault(expected: form)
    }
    let share = text.hasSuffix("%") ? value / 100 : value
    guard share <= 1 else { throw fault(expected: form) }
    return share
  }

  /// An exact decimal number, zero or more.
  func decimal(_ expected: String) throws(InputFault) -> Decimal {
    guard let text, let value = Decimal(plain: text.filter { $0 != "_" }) else { throw fault(expected: expected) }
    return value
  }
}
