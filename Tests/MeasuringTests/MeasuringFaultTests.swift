import Testing

@testable import Measuring
@testable import MicroVM

@Suite("A fault of measuring")
struct MeasuringFaultTests {
  @Test("names the function, and its file once where that is its name")
  func names() {
    let image = MachineFault.badImage(path: "/a/hello", offset: 0, found: "\"root\"", expected: "the mark of ELF")
    let said = "/a/hello: byte 0: found \"root\", expected the mark of ELF"
    #expect(MeasuringFault.machine(function: "/a/hello", image).statement.hasPrefix(said))
    #expect(MeasuringFault.machine(function: "hello", image).statement.hasPrefix("hello: " + said))
    #expect(
      MeasuringFault.machine(function: "/a/hello", .tripleFault).statement
        == "/a/hello: the guest's processor shut down (triple fault)")
  }
}
