// Reads orders as JSON, adds up those of each customer and writes JSON: Swift with Foundation, as services have it.

import Foundation

struct Order: Codable {
  var customer: Int
  var amount: Int
  var paid: Bool
}

struct Account: Codable {
  var customer: Int
  var orders: Int
  var amount: Int
}

/// What an empty request stands for.
let sample = (0..<100).map { Order(customer: $0 * 7 % 13, amount: $0 * 31 % 997, paid: $0 % 3 != 0) }

func answer(_ request: Data) throws -> Data {
  let orders = request.isEmpty ? sample : try JSONDecoder().decode([Order].self, from: request)
  let accounts = Dictionary(grouping: orders.filter(\.paid), by: \.customer).map { customer, orders in
    Account(customer: customer, orders: orders.count, amount: orders.reduce(0) { $0 + $1.amount })
  }
  let encoder = JSONEncoder()
  encoder.outputFormatting = .sortedKeys
  return try encoder.encode(accounts.sorted { $0.customer < $1.customer })
}

@main
struct Orders {
  static func main() {
    serve { request in
      let result = try? answer(Data(request))
      return Array(result ?? Data(#"{"error":"not an array of orders"}"#.utf8))
    }
  }
}
