// Counts the words of its request, and which is the most frequent: Swift without Foundation.

import Glibc

/// Requests and results as a machine gives them; standard input and output where there is none.
let requests: Int32 = 1000
let results: Int32 = 1001

func answer(_ request: String) -> String {
  var counts: [Substring: Int] = [:]
  for word in request.split(whereSeparator: { !$0.isLetter }) { counts[word, default: 0] += 1 }
  let most = counts.max { ($0.value, $1.key) < ($1.value, $0.key) }
  return "words \(counts.values.reduce(0, +)), most frequent \(most?.key ?? "none")"
}

@main
struct Words {
  static func main() {
    var buffer = [UInt8](repeating: 0, count: 1 << 20)
    var source = requests
    var length = read(source, &buffer, buffer.count)
    if length < 0 {
      source = 0
      length = read(source, &buffer, buffer.count)
    }
    while length > 0 || (length == 0 && source == requests) {
      let result = Array(answer(String(decoding: buffer[..<length], as: UTF8.self)).utf8)
      guard write(source == requests ? results : 1, result, result.count) == result.count else { exit(1) }
      length = read(source, &buffer, buffer.count)
    }
  }
}
