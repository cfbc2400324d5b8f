// A static Swift function without Foundation: greets whoever the request names.
import Glibc

@main
struct Greeting {
  static func main() {
    var box = [UInt8](repeating: 0, count: 65536)
    while true {
      let length = read(1000, &box, box.count)
      guard length >= 0 else { exit(1) }
      var answer = Array("hello, \(String(decoding: box[..<length], as: UTF8.self))".utf8)
      _ = write(1001, &answer, answer.count)
    }
  }
}
