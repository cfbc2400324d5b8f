public import Diagnostics
import Foundation
import Logs
import Reading
public import Units

/// What AWS Lambda Power Tuning measured: a function's mean duration and cost at some sizes
/// (github.com/alexcasalboni/aws-lambda-power-tuning).
public struct PowerTuning: Hashable, Sendable {
  public struct Point: Hashable, Sendable {
    public var memory: MemorySize
    /// Mean seconds.
    public var duration: Double
    /// USD for an invocation, as the tool says; nil where it does not.
    public var cost: Double?

    public init(memory: MemorySize, duration: Double, cost: Double? = nil) {
      self.memory = memory
      self.duration = duration
      self.cost = cost
    }
  }

  /// Smallest first.
  public var points: [Point]

  public init(points: [Point]) { self.points = points.sorted { $0.memory < $1.memory } }

  /// The mark of a link that shows a result.
  static let linkMark = "lambda-power-tuning.show/#"

  public static func isLink(_ text: String) -> Bool { text.contains(linkMark) }

  /// Reads the link that a result is shared by: `#SIZES;MILLISECONDS;USD`, each base64 of little-endian numbers, 16-bit
  /// whole ones and then twice 32-bit floating ones.
  public init(link: String) throws(InputFault) {
    func fault(_ found: String, _ expected: String) -> InputFault {
      InputFault(
        at: .init(file: excerpt(link, limit: 40)), found: found, expected: expected,
        advice: "copy the whole link, in quotes: it has semicolons")
    }
    guard let mark = link.range(of: Self.linkMark) else {
      throw fault("another link", "a link to \(Self.linkMark)…")
    }
    let text = String(link[mark.upperBound...]).removingPercentEncoding ?? ""
    let parts = text.prefix { $0 != "," }.split(separator: ";", omittingEmptySubsequences: false)
    guard parts.count >= 2 else { throw fault("\(parts.count) parts", "sizes, durations and costs") }
    let data = parts.prefix(3).map { Data(base64Encoded: Self.padded($0)) }
    guard let sizes = data[0].map({ Self.numbers($0, UInt16.self) }),
      let durations = data[1].map({ Self.numbers($0, UInt32.self) })
    else { throw fault("text that is not base64", "sizes, durations and costs in base64") }
    let costs = data.count > 2 ? data[2].map { Self.numbers($0, UInt32.self) } : nil
    guard !sizes.isEmpty, sizes.count == durations.count, costs.map({ $0.count == sizes.count }) ?? true else {
      throw fault("\(sizes.count) sizes and \(durations.count) durations", "as many of one as of the other")
    }
    var points: [Point] = []
    for (index, size) in sizes.enumerated() {
      let seconds = Double(Float(bitPattern: durations[index])) / 1000
      guard MemorySize.lambdaRange.contains(Int(size)), seconds > 0, seconds < 1e6 else {
        throw fault("\(size) MB, \(seconds) s", "sizes that Lambda has, and durations above zero")
      }
      points.append(
        Point(
          memory: MemorySize(megabytes: Int(size)), duration: seconds,
          cost: costs.map { Double(Float(bitPattern: $0[index])) }))
    }
    self.init(points: points)
  }

  private static func padded(_ text: Substring) -> String {
    let plain = text.replacing("-", with: "+").replacing("_", with: "/").filter { $0 != "=" }
    return plain + String(repeating: "=", count: (4 - plain.count % 4) % 4)
  }

  private static func numbers<Number: FixedWidthInteger>(_ data: Data, _: Number.Type) -> [Number] {
    let bytes = [UInt8](data)
    let width = Number.bitWidth / 8
    return stride(from: 0, through: bytes.count - width, by: width).map { start in
      bytes[start..<(start + width)].reversed().reduce(0) { $0 << 8 | Number($1) }
    }
  }

  /// Reads the tool's result in JSON: its `stats`, one object a size, or else the link in it.
  public init(path: String) throws(InputFault) {
    var scanner = try JSONScanner(path: path)
    var points: [Point] = []
    var link: String?
    // Members of the objects that are open, innermost last.
    var open: [[String: Double]] = []
    var key = ""
    while true {
      let token = try scanner.next()
      switch token {
      case .end:
        if points.count < 2, let link {
          try self.init(link: link)
          return
        }
        if points.count > 1 {
          self.init(points: points)
          return
        }
        throw InputFault(
          at: .init(file: path), found: "\(points.count) sizes", expected: "durations of at least two sizes",
          advice: "run the state machine with includeOutputResults, or give the visualization's link")
      case .key: key = String(decoding: scanner.text, as: UTF8.self)
      case .string:
        let text = String(decoding: scanner.text, as: UTF8.self)
        if Self.isLink(text) { link = text }
      case .number:
        if let value = Double(String(decoding: scanner.text, as: UTF8.self)), !open.isEmpty {
          open[open.count - 1][key] = value
        }
      case .beginObject: open.append([:])
      case .endObject:
        let members = open.popLast() ?? [:]
        if let point = Self.point(members), !points.contains(where: { $0.memory == point.memory }) {
          points.append(point)
        }
      default: break
      }
    }
  }

  /// One size of `stats`: `{"value": 128, "averageDuration": 12.3, "averagePrice": 2.1e-8}`.
  private static func point(_ members: [String: Double]) -> Point? {
    guard let size = members["value"] ?? members["power"], let memory = Int(exactly: size),
      MemorySize.lambdaRange.contains(memory), let duration = members["averageDuration"], duration > 0, duration < 1e9
    else { return nil }
    return Point(memory: MemorySize(megabytes: memory), duration: duration / 1000, cost: members["averagePrice"])
  }

  /// As durations by memory.
  public var function: DurationTable.Function {
    .init(name: "power tuning", sizes: points.map { .init($0.memory, [$0.duration]) })
  }
}
