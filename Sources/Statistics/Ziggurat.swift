import Glibc

/// Exponential and normal variates by the ziggurat method with 256 layers.
///
/// G. Marsaglia and W. W. Tsang, "The ziggurat method for generating random variables", JSS 5(8), 2000; layer
/// construction as in J. A. Doornik, "An improved ziggurat method", 2005, with index and position taken from separate
/// bits of one 64-bit word.
enum Ziggurat {
  /// Right edges of the layers, and the share of each layer that lies wholly under the curve.
  private struct Layers: Sendable {
    var edge: [Double]
    var inside: [Double]

    /// - Parameters:
    ///   - tail: where the tail begins; - area: of each layer;
    ///   - density: the unnormalised decreasing density; - inverse: its inverse.
    init(tail: Double, area: Double, density: (Double) -> Double, inverse: (Double) -> Double) {
      edge = [area / density(tail), tail]
      for _ in 2..<256 { edge.append(inverse(area / edge[edge.count - 1] + density(edge[edge.count - 1]))) }
      edge.append(0)
      inside = (0..<256).map { [edge] in edge[$0 + 1] / edge[$0] }
    }
  }

  private static let exponentialTail = 7.697117470131050
  private static let exponentialLayers = Layers(
    tail: exponentialTail, area: 0.003949659822581572, density: { exp(-$0) }, inverse: { -log($0) })

  private static let normalTail = 3.6541528853610088
  private static let normalLayers = Layers(
    tail: normalTail, area: 0.00492867323399, density: { exp(-0.5 * $0 * $0) }, inverse: { (-2 * log($0)).squareRoot() }
  )

  static func exponential(_ stream: inout RandomStream) -> Double {
    let layers = exponentialLayers
    var shift = 0.0
    while true {
      let word = stream.nextWord()
      let layer = Int(truncatingIfNeeded: word & 255)
      let position = (Double(word >> 11) + 0.5) * 0x1p-53
      let x = position * layers.edge[layer]
      if position < layers.inside[layer] { return shift + x }
      if layer == 0 {
        shift += exponentialTail  // the tail of an exponential is the exponential again
        continue
      }
      let outer = exp(x - layers.edge[layer])
      let inner = exp(x - layers.edge[layer + 1])
      if outer + stream.uniform() * (inner - outer) < 1 { return shift + x }
    }
  }

  static func normal(_ stream: inout RandomStream) -> Double {
    let layers = normalLayers
    while true {
      let word = stream.nextWord()
      let layer = Int(truncatingIfNeeded: word & 255)
      let position = 2 * ((Double(word >> 11) + 0.5) * 0x1p-53) - 1
      let x = position * layers.edge[layer]
      if position.magnitude < layers.inside[layer] { return x }
      if layer == 0 { return tail(&stream, negative: position < 0) }
      let outer = exp(-0.5 * (layers.edge[layer] * layers.edge[layer] - x * x))
      let inner = exp(-0.5 * (layers.edge[layer + 1] * layers.edge[layer + 1] - x * x))
      if inner + stream.uniform() * (outer - inner) < 1 { return x }
    }
  }

  /// G. Marsaglia, "Generating a variable from the tail of the normal distribution", Technometrics 6(1), 1964.
  private static func tail(_ stream: inout RandomStream, negative: Bool) -> Double {
    while true {
      let x = log(stream.uniform()) / normalTail
      let y = log(stream.uniform())
      if -2 * y > x * x { return negative ? x - normalTail : normalTail - x }
    }
  }
}
