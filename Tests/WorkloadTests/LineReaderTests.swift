import Diagnostics
import Foundation
import Testing

@testable import Workload

@Suite struct LineReaderTests {
  @Test("whatever the bytes, lines are read to the end or refused with a fault")
  func fuzz() throws {
    let text = (0..<40).map { "line \($0),\"quoted\",\($0 * 7919)\r\n" }.joined()
    let seeds = [Array(text.utf8), Fuzzing.gzip(Array(text.utf8))]
    try Fuzzing(name: "lines").run(file: "lines.txt", seeds) { path in
      let reader = try LineReader(path: path)
      var total = 0
      while let line = try reader.next() { total += line.count }
      #expect(total >= 0)
    }
  }
}
