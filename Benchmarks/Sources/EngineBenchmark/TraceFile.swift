import Foundation
import Statistics

/// Traces for the benchmarks, the same bytes on every machine.
enum TraceFile {
  /// Thirty functions of equal rate, Poisson arrivals, durations lognormal(-0.38, 2.36) s between 1 ms and 600 s as in
  /// the Azure Functions trace (M. Shahrad et al., "Serverless in the wild", USENIX ATC 2020), in order of arrival.
  ///
  /// - Parameter rate: invocations a second, all functions together.
  static func balanced(rate: Double, hours: Double) -> TraceText {
    var text = TraceText("function,arrival,duration\n")
    var gaps = RandomStream(seed: 1, purpose: .arrivals)
    var services = RandomStream(seed: 1, purpose: .durations)
    let law = Distribution.lognormal(mu: -0.38, sigma: 2.36)
    var time = gaps.exponential() / rate
    while time < hours * 3600 {
      text.append("\(gaps.index(below: 30)),")
      text.append(seconds: time, ",")
      text.append(seconds: min(max(law.sample(&services), 0.001), 600), "\n")
      time += gaps.exponential() / rate
    }
    return text
  }

  /// A day's counts by minute, the k-th function's rate as 1/k, Poisson by minute.
  static func minuteCounts(functions: Int, invocations: Int) -> TraceText {
    var text = TraceText("function," + (1...1440).map(String.init).joined(separator: ",") + "\n")
    var stream = RandomStream(seed: 1, purpose: .arrivals)
    let harmonic = (1...functions).reduce(0) { $0 + 1 / Double($1) }
    for function in 1...functions {
      let mean = Double(invocations) / Double(function) / harmonic / 1440
      text.append("f\(function)")
      for _ in 1...1440 { text.append(",\(stream.poisson(mean: mean))") }
      text.append("\n")
    }
    return text
  }
}

/// Text that is made piece by piece and written at once.
struct TraceText {
  private var bytes: [UInt8] = []

  init(_ head: String) { append(head) }

  mutating func append(_ text: String) { bytes.append(contentsOf: text.utf8) }

  /// A time with six decimals.
  mutating func append(seconds: Double, _ end: String) {
    let millionths = Int((seconds * 1e6).rounded())
    let fraction = String(millionths % 1_000_000)
    append("\(millionths / 1_000_000).\(String(repeating: "0", count: 6 - fraction.count))\(fraction)\(end)")
  }

  func write(to path: String) throws { try Data(bytes).write(to: URL(filePath: path), options: .atomic) }
}
