import Engine
import Foundation
import Pricing
import Units

/// What the hours of a trace cost: requests and running time at the bill's average prices, capacity evenly over time.
struct HourlyCost {
  private let ofRequest: Double
  private let ofMegabyteMillisecond: Double
  private let ofHourOfCapacity: Double

  init(_ bill: Bill, _ outcome: Outcome) {
    func double(_ amount: Decimal) -> Double { NSDecimalNumber(decimal: amount).doubleValue }
    let tally = outcome.totals
    let billed = tally.billedMegabyteMilliseconds + tally.provisionedBilledMegabyteMilliseconds
    let running = bill.amount(of: .duration) + bill.amount(of: .provisionedDuration)
    let hours = Double(outcome.horizon.nanoseconds) / Double(TimeUnit.hours.nanoseconds)
    ofRequest = tally.arrivals > 0 ? double(bill.amount(of: .requests)) / Double(tally.arrivals) : 0
    ofMegabyteMillisecond = billed > 0 ? double(running) / Double(billed) : 0
    ofHourOfCapacity = hours > 0 ? double(bill.amount(of: .provisionedConcurrency)) / hours : 0
  }

  /// The mean cost of an hour of a cell; nil for hours that the trace does not have.
  func ofHour(_ cell: HeatMap.Cell) -> Double? {
    guard cell.minutes > 0 else { return nil }
    let variable = Double(cell.arrivals) * ofRequest + Double(cell.billed) * ofMegabyteMillisecond
    return variable / cell.minutes * 60 + ofHourOfCapacity
  }
}
