// Counts the words of its request, and which is the most frequent: Swift without Foundation.

func answer(_ request: String) -> String {
  var counts: [Substring: Int] = [:]
  for word in request.split(whereSeparator: { !$0.isLetter }) { counts[word, default: 0] += 1 }
  let most = counts.max { ($0.value, $1.key) < ($1.value, $0.key) }
  return "words \(counts.values.reduce(0, +)), most frequent \(most?.key ?? "none")"
}

@main
struct Words {
  static func main() { serve { Array(answer(String(decoding: $0, as: UTF8.self)).utf8) } }
}
