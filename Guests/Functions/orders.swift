// Reads orders as JSON, adds up those of each customer and writes JSON: Swift with Foundation, as services have it.

import Foundation

let requests: Int32 = 1000
let results: Int32 = 1001

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
    var buffer = [UInt8](repeating: 0, count: 1 << 20)
    var source = requests
    var length = read(source, &buffer, buffer.count)
    if length < 0 {
      source = 0
      length = read(source, &buffer, buffer.count)
    }
    var isFirst = true
    while length > 0 || (length == 0 && (source == requests || isFirst)) {
      let result = (try? answer(Data(buffer[..<length]))) ?? Data(#"{"error":"not an array of orders"}"#.utf8)
      let written = result.withUnsafeBytes { write(source == requests ? results : 1, $0.baseAddress, $0.count) }
      guard written == result.count else { exit(1) }
      isFirst = false
      length = read(source, &buffer, buffer.count)
    }
  }
}
