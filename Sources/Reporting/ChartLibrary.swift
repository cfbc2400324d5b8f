public import Diagnostics
import Foundation
import Glibc

/// The JavaScript library dygraphs (MIT) that draws a page's zoomable charts, as the system's packages have it.
///
/// It is embedded in each page when the page is made and is no part of this program. Without it a page keeps its tables
/// and still pictures.
public struct ChartLibrary: Hashable, Sendable {
  /// Where the library was found.
  public let path: String
  /// Its code, safe to stand inside an HTML script element.
  let script: String
  /// Its style sheet, empty when none lies beside it.
  let style: String

  /// Names a file or directory to take the library from, or `none` for pages without it.
  public static let variable = "FAASCAST_CHARTS"
  /// How to get the library.
  public static let advice = "apt-get install libjs-dygraphs"

  /// Where packages put the library: Debian and Ubuntu, node's Debian packages, npm's global directories.
  static let knownPaths = [
    "/usr/share/javascript/dygraphs/dygraph.min.js", "/usr/share/nodejs/dygraphs/dist/dygraph.min.js",
    "/usr/local/share/javascript/dygraphs/dygraph.min.js", "/usr/local/lib/node_modules/dygraphs/dist/dygraph.min.js",
    "/usr/lib/node_modules/dygraphs/dist/dygraph.min.js", "/opt/homebrew/lib/node_modules/dygraphs/dist/dygraph.min.js",
  ]

  /// Larger files are not this library.
  private static let largest = 8 << 20

  /// Reads the library from `path`, a file or a directory that has it.
  public init(path: String) throws(InputFault) {
    try self.init(file: Self.resolve(path), named: path)
  }

  /// The library that the environment names, else the first found where packages put it; nil when there is none.
  ///
  /// - Throws: when the environment names something that is not the library.
  ///   `environment` is the process's own when nil.
  public static func find(environment: [String: String]? = nil) throws(InputFault) -> ChartLibrary? {
    if let named = (environment ?? ProcessInfo.processInfo.environment)[variable], !named.isEmpty {
      return named == "none" ? nil : try ChartLibrary(path: named)
    }
    for path in knownPaths where access(path, R_OK) == 0 {
      // What lies there unasked and isn't the library is as good as nothing there.
      if let library = try? ChartLibrary(path: path) { return library }
    }
    return nil
  }

  private static func resolve(_ path: String) -> String {
    for name in ["/dygraph.min.js", "/dist/dygraph.min.js", "/dygraph.js", "/dist/dygraph.js"] {
      if access(path + name, R_OK) == 0 { return path + name }
    }
    return path
  }

  private init(file: String, named path: String) throws(InputFault) {
    let code = try Self.text(of: file, named: path)
    guard code.contains("Dygraph") else {
      throw InputFault(
        at: .init(file: path), found: "a file without dygraphs' code", expected: "dygraph.min.js of dygraphs 2",
        advice: Self.advice)
    }
    self.path = file
    script = Self.embeddable(code)
    let sheet = file.hasSuffix(".js") ? file.dropLast(3) + ".css" : ""
    style =
      access(String(sheet), R_OK) == 0 ? Self.embeddable((try? Self.text(of: String(sheet), named: path)) ?? "") : ""
  }

  private static func text(of file: String, named path: String) throws(InputFault) -> String {
    var status = stat()
    guard stat(file, &status) == 0 else {
      throw InputFault(
        .system, at: .init(file: path), found: String(cString: strerror(errno)).lowercased(),
        expected: "dygraph.min.js of dygraphs 2", advice: advice)
    }
    guard status.st_mode & S_IFMT == S_IFREG, status.st_size <= largest else {
      throw InputFault(
        at: .init(file: path), found: "no regular file of at most \(largest >> 20) MB",
        expected: "dygraph.min.js of dygraphs 2", advice: advice)
    }
    guard let data = FileManager.default.contents(atPath: file) else {
      throw InputFault(.system, at: .init(file: path), found: "an unreadable file", expected: "a readable file")
    }
    return String(decoding: data, as: UTF8.self)
  }

  /// The code without what would end its HTML element or make a browser look for other files.
  ///
  /// Byte by byte: all that is looked for is ASCII, and text is searched slowly.
  static func embeddable(_ code: String) -> String {
    let source = Array(code.utf8)
    var bytes: [UInt8] = []
    bytes.reserveCapacity(source.count + 64)
    // Where the last mention of a source map began, if there is one.
    var maps: [Int?] = [nil, nil]
    for place in source.indices {
      func begins(_ text: StaticString, ignoringCase: Bool = false) -> Bool {
        text.withUTF8Buffer { text in
          place + text.count <= source.count
            && text.indices.allSatisfy {
              let byte = source[place + $0]
              return byte == text[$0] || ignoringCase && byte | 32 == text[$0]
            }
        }
      }
      switch source[place] {
      case UInt8(ascii: "<"):
        bytes.append(source[place])
        if begins("</script", ignoringCase: true) || begins("</style", ignoringCase: true) || begins("<!--") {
          bytes.append(UInt8(ascii: "\\"))
        }
        continue
      case UInt8(ascii: "/"):
        if begins("//# sourceMappingURL=") { maps[0] = bytes.count }
        if begins("/*# sourceMappingURL=") { maps[1] = bytes.count }
      default: break
      }
      bytes.append(source[place])
    }
    if let end = maps.compactMap(\.self).min() { bytes.removeSubrange(end...) }
    return String(decoding: bytes, as: UTF8.self)
  }
}
