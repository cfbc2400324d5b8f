import Foundation
import Testing

@Suite("What the documents show")
struct DocumentsTests {
  private func text(_ path: String) throws -> String {
    try String(contentsOf: Program.package.appending(path: path), encoding: .utf8)
  }

  @Test("every faascast command in the README runs as it stands there")
  func readme() throws {
    let program = try Program()
    defer { program.remove() }
    for name in ["Scenarios", "Traces"] {
      try FileManager.default.createSymbolicLink(
        at: program.directory.appending(path: name), withDestinationURL: Program.package.appending(path: name))
    }
    let commands = try text("README.md").split(separator: "\n").filter { $0.hasPrefix(".build/release/faascast ") }
    #expect(commands.count >= 4)
    for command in commands {
      let result = try program.run(command.split(separator: " ").dropFirst().map(String.init))
      #expect(result.status == 0, "\(command): \(result.error)")
      #expect(!result.output.isEmpty, "\(command)")
    }
  }

  @Test("every command in the page on statistics runs as it stands there")
  func statistics() throws {
    let program = try Program()
    defer { program.remove() }
    try FileManager.default.createSymbolicLink(
      at: program.directory.appending(path: "Scenarios"),
      withDestinationURL: Program.package.appending(path: "Scenarios"))
    let commands = try text("docs/statistics.md").split(separator: "\n").filter { $0.hasPrefix("    faascast ") }
    #expect(commands.count >= 3)
    for command in commands {
      let result = try program.run(command.split(separator: " ").dropFirst().map(String.init))
      #expect(result.status == 0, "\(command): \(result.error)")
      #expect(result.output.contains("±"), "\(command)")
    }
  }

  @Test("every local link in the documents leads somewhere")
  func links() throws {
    for document in [
      "README.md", "CONTRIBUTING.md", "docs/house.md", "docs/model.md", "docs/readers.md", "docs/pricing.md",
      "docs/statistics.md", "docs/oracles.md", "docs/measuring.md", "docs/calibration.md", "docs/fidelity.md",
    ] {
      let directory = Program.package.appending(path: document).deletingLastPathComponent()
      for match in try text(document).matches(of: #/\]\(([^)#]+)[^)]*\)/#) where !match.1.contains("://") {
        // The picture is made by the program itself, from a release build.
        if match.1.hasSuffix(".png") { continue }
        let target = directory.appending(path: String(match.1)).path
        #expect(FileManager.default.fileExists(atPath: target), "\(document): \(match.1)")
      }
    }
  }

  @Test("every make target that a document names is there")
  func targets() throws {
    let makefile = try text("Makefile")
    for document in ["README.md", "CONTRIBUTING.md"] {
      for match in try text(document).matches(of: #/(?:^|\n| {4})make ([a-z]+)/#) {
        #expect(makefile.contains("\n\(match.1):"), "\(document): make \(match.1)")
      }
    }
  }
}
