import Statistics

/// Init times of functions that do nothing but answer, by runtime: a floor for real ones, whose packages and imports add
/// to it.
///
/// Quantiles of 743 to 770 cold starts each, ZIP packages, 512 MB (memory from 128 to 1,024 MB makes no difference),
/// 1 June to 22 August 2026. Source: github.com/maxday/lambda-perf (Apache-2.0).
enum RuntimeInit {
  /// The measured law in seconds, or nil for a runtime that the table does not have.
  static func lookUp(_ runtime: String, _ architecture: Architecture) -> Distribution? {
    guard let row = table.first(where: { $0.runtime == runtime && $0.architecture == architecture }),
      let quantiles = QuantileFunction(probabilities: probabilities, values: row.milliseconds.map { $0 / 1000 })
    else { return nil }
    return .empirical(quantiles)
  }

  private static let probabilities = [0, 0.10, 0.50, 0.90, 0.95, 0.99, 1]

  private struct Row: Sendable {
    var runtime: String
    var architecture: Architecture
    /// At `probabilities`.
    var milliseconds: [Double]

    init(_ runtime: String, _ architecture: Architecture, _ milliseconds: [Double]) {
      self.runtime = runtime
      self.architecture = architecture
      self.milliseconds = milliseconds
    }
  }

  /// `provided.al2023` stands for a Rust function.
  private static let table: [Row] = [
    .init("dotnet8", .arm, [146.07, 229.92, 293.98, 383.32, 623.89, 698.67, 772.61]),
    .init("dotnet8", .x86, [173.23, 228.71, 257.9, 333.48, 563.72, 669.22, 872.0]),
    .init("dotnet10", .arm, [147.84, 202.12, 254.12, 597.76, 612.83, 681.7, 753.93]),
    .init("dotnet10", .x86, [175.58, 231.21, 258.85, 571.21, 628.97, 704.62, 788.63]),
    .init("java8.al2", .arm, [126.44, 196.07, 258.7, 488.81, 501.5, 516.22, 785.11]),
    .init("java8.al2", .x86, [186.68, 230.89, 254.04, 301.35, 460.68, 535.16, 617.24]),
    .init("java11", .arm, [177.8, 214.46, 279.04, 476.35, 536.27, 562.66, 580.07]),
    .init("java11", .x86, [207.39, 257.94, 279.39, 352.49, 460.99, 586.2, 772.75]),
    .init("java17", .arm, [122.7, 162.58, 215.42, 231.44, 239.59, 341.61, 646.08]),
    .init("java17", .x86, [156.94, 191.29, 207.94, 242.66, 263.09, 332.34, 624.2]),
    .init("java21", .arm, [144.4, 187.56, 247.75, 268.89, 281.43, 585.76, 657.69]),
    .init("java21", .x86, [175.33, 222.53, 244.63, 290.4, 328.16, 622.95, 740.1]),
    .init("java25", .arm, [103.73, 144.47, 196.23, 221.07, 246.26, 435.26, 520.52]),
    .init("java25", .x86, [138.16, 173.3, 193.78, 271.19, 419.44, 501.81, 633.98]),
    .init("nodejs20.x", .arm, [78.06, 106.29, 132.02, 141.89, 147.36, 173.53, 304.84]),
    .init("nodejs20.x", .x86, [102.6, 129.85, 145.04, 170.08, 180.58, 207.63, 260.18]),
    .init("nodejs22.x", .arm, [79.04, 102.78, 129.86, 140.71, 148.59, 195.2, 573.12]),
    .init("nodejs22.x", .x86, [100.67, 128.13, 144.76, 169.36, 183.69, 219.28, 308.5]),
    .init("nodejs24.x", .arm, [70.31, 100.25, 125.37, 138.04, 143.71, 168.35, 507.12]),
    .init("nodejs24.x", .x86, [92.39, 125.27, 140.7, 170.32, 181.36, 213.31, 283.68]),
    .init("provided.al2023", .arm, [9.06, 11.77, 13.83, 17.43, 23.1, 44.78, 53.36]),
    .init("provided.al2023", .x86, [11.62, 14.91, 16.25, 21.7, 27.28, 49.4, 71.36]),
    .init("python3.9", .arm, [43.02, 57.64, 73.92, 86.63, 94.67, 131.13, 199.49]),
    .init("python3.9", .x86, [58.05, 71.64, 78.68, 94.79, 103.75, 132.08, 162.67]),
    .init("python3.10", .arm, [42.62, 58.32, 73.78, 83.97, 90.94, 127.78, 197.24]),
    .init("python3.10", .x86, [56.31, 70.83, 79.16, 95.26, 102.71, 129.47, 258.94]),
    .init("python3.11", .arm, [43.52, 58.76, 73.82, 80.87, 86.96, 106.33, 231.79]),
    .init("python3.11", .x86, [58.39, 71.99, 80.4, 98.67, 109.54, 126.66, 165.03]),
    .init("python3.12", .arm, [47.11, 64.26, 81.18, 89.83, 95.54, 140.78, 223.32]),
    .init("python3.12", .x86, [63.32, 78.41, 86.46, 106.07, 116.87, 138.32, 173.79]),
    .init("python3.13", .arm, [45.86, 65.55, 81.25, 98.84, 103.65, 125.45, 201.49]),
    .init("python3.13", .x86, [59.74, 79.1, 91.95, 118.44, 131.62, 188.32, 296.76]),
    .init("python3.14", .arm, [59.57, 82.21, 102.82, 119.69, 126.1, 214.13, 280.16]),
    .init("python3.14", .x86, [79.65, 99.44, 117.64, 157.41, 202.28, 274.88, 424.36]),
    .init("ruby3.2", .arm, [144.71, 201.21, 279.42, 418.69, 428.12, 483.27, 512.58]),
    .init("ruby3.2", .x86, [144.97, 200.3, 236.08, 390.46, 441.86, 482.35, 570.88]),
    .init("ruby3.3", .arm, [136.36, 188.6, 250.46, 298.05, 404.12, 429.06, 527.21]),
    .init("ruby3.3", .x86, [152.5, 204.46, 244.87, 395.66, 418.97, 484.03, 597.1]),
    .init("ruby3.4", .arm, [123.02, 184.44, 241.61, 395.31, 408.73, 431.74, 484.88]),
    .init("ruby3.4", .x86, [147.57, 195.23, 230.27, 394.24, 423.82, 497.89, 651.68]),
  ]
}
