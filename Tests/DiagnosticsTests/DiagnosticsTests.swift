import Diagnostics
import Testing

@Suite("What is said of bad input")
struct DiagnosticsTests {
  @Test(
    "a mistyped word finds the one that was meant",
    arguments: [
      ("memroy", "memory"), ("MEMORY", "memory"), ("timeot", "timeout"), ("arhcitecture", "architecture"),
      ("memor", "memory"),
    ])
  func near(_ word: String, _ meant: String) {
    #expect(nearest(to: word, among: ["memory", "timeout", "architecture", "init"]) == meant)
  }

  @Test("a word like none of those known gets the whole list")
  func far() {
    #expect(nearest(to: "xyzzy", among: ["memory", "timeout"]) == nil)
    #expect(nearest(to: "", among: ["memory"]) == nil)
    #expect(nearest(to: "memory", among: []) == nil)
    #expect(didYouMean("xyzzy", among: ["timeout", "memory"]) == "known are memory, timeout")
    #expect(didYouMean("tiemout", among: ["timeout", "memory"]) == "did you mean 'timeout'?")
  }

  @Test("among equally near words the first in the alphabet is offered, whatever the order")
  func ties() {
    #expect(nearest(to: "bat", among: ["cat", "bar"]) == "bar")
    #expect(nearest(to: "bat", among: ["bar", "cat"]) == "bar")
  }

  @Test("a megabyte of a word is told apart at once")
  func huge() {
    let took = ContinuousClock().measure {
      #expect(nearest(to: String(repeating: "x", count: 1 << 20), among: ["memory", "timeout"]) == nil)
    }
    #expect(took < .seconds(20))
  }

  @Test("control, bidirectional and line-breaking signs are shown, not sent")
  func escapes() {
    #expect(excerpt("a\tb\r\n\"c\"") == #""a\tb\r\n\"c\"""#)
    #expect(excerpt("\u{1B}[2J\u{0}\u{9B}") == #""\u{1b}[2J\u{0}\u{9b}""#)
    #expect(excerpt("\u{202E}cba\u{2028}") == #""\u{202e}cba\u{2028}""#)
    #expect(excerpt("häßlich 漢字 🙂") == "\"häßlich 漢字 🙂\"")
  }

  @Test("long text is cut, even if it is one character with a million marks")
  func cuts() {
    #expect(excerpt(String(repeating: "x", count: 61)) == "\"" + String(repeating: "x", count: 60) + "…\"")
    #expect(excerpt(String(repeating: "x", count: 60)) == "\"" + String(repeating: "x", count: 60) + "\"")
    #expect(excerpt("a" + String(repeating: "\u{301}", count: 1_000_000)).unicodeScalars.count == 63)
    #expect(excerpt(Array(repeating: UInt8(0xFF), count: 100), limit: 3) == "\"\u{FFFD}\u{FFFD}\u{FFFD}…\"")
    #expect(excerpt([] as [UInt8]) == "\"\"")
  }

  @Test("a fault names place, finding, expectation and advice")
  func faults() {
    let fault = InputFault(
      at: .init(file: "day.csv", line: 7, key: "480"), found: "\"-1\"", expected: "a whole number", advice: "mend it")
    #expect(fault.description == "day.csv:7: 480: found \"-1\", expected a whole number; mend it")
    #expect(fault.exitStatus == .badInput)
    #expect(InputFault(.system, at: .init(file: ""), found: "x", expected: "y").exitStatus == .inputOutput)
    #expect(InputFault.Place(file: "", key: "a.b").description == "a.b")
  }
}
