// A static Swift function with Foundation: doubles the numbers of a JSON document.
import Foundation

struct Series: Codable {
  var name: String
  var values: [Int]
}

@main
struct Doubling {
  static func main() {
    var box = [UInt8](repeating: 0, count: 65536)
    while true {
      let length = read(1000, &box, box.count)
      guard length >= 0 else { exit(1) }
      var answer: [UInt8]
      do {
        var series = try JSONDecoder().decode(Series.self, from: Data(box[..<length]))
        series.values = series.values.map { $0 * 2 }
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        answer = [UInt8](try encoder.encode(series))
      } catch {
        answer = Array("\(error)".utf8)
      }
      _ = write(1001, &answer, answer.count)
    }
  }
}
