/// Exponential and normal variates by the ziggurat method with 256 layers.
///
/// G. Marsaglia and W. W. Tsang, "The ziggurat method for generating random variables", JSS 5(8), 2000; layer
/// construction as in J. A. Doornik, "An improved ziggurat method", 2005, with index and position taken from separate
/// bits of one 64-bit word.
enum Ziggurat {
  private struct Layer: Sendable {
    /// The right edge.
    var edge: Double
    /// The share of the layer that lies wholly under the curve.
    var inside: Double
    /// The density at the edge: the layer reaches from here up to the next layer's.
    var height: Double
  }

  /// The 256 layers from the lowest, which holds the tail, to the top, and the edge 0 above them.
  ///
  /// - Parameters:
  ///   - tail: where the tail begins.
  ///   - area: of each layer.
  ///   - density: the unnormalised decreasing density.
  ///   - inverse: its inverse.
  private static func layers(
    tail: Double, area: Double, density: (Double) -> Double, inverse: (Double) -> Double
  ) -> [Layer] {
    var edges = [area / density(tail), tail]
    for _ in 2..<256 { edges.append(inverse(area / edges[edges.count - 1] + density(edges[edges.count - 1]))) }
    edges.append(0)
    return (0..<256).map { Layer(edge: edges[$0], inside: edges[$0 + 1] / edges[$0], height: density(edges[$0])) }
      + [Layer(edge: 0, inside: 0, height: 1)]
  }

  private static let exponentialTail = 7.697117470131050
  private static let exponentialLayers = layers(
    tail: exponentialTail, area: 0.003949659822581572, density: { Elementary.exp(-$0) },
    inverse: { -Elementary.log($0) })

  private static let normalTail = 3.6541528853610088
  private static let normalLayers = layers(
    tail: normalTail, area: 0.00492867323399, density: { Elementary.exp(-0.5 * $0 * $0) },
    inverse: { (-2 * Elementary.log($0)).squareRoot() })

  /// An exponential of mean 1.
  static func exponential<Source: WordSource & ~Copyable>(from words: inout Source) -> Double {
    exponentialLayers.withUnsafeBufferPointer { exponential($0, &words) }
  }

  /// A standard normal.
  static func normal<Source: WordSource & ~Copyable>(from words: inout Source) -> Double {
    normalLayers.withUnsafeBufferPointer { normal($0, &words) }
  }

  /// Fills `variates` with exponentials of mean 1.
  static func exponentials<Source: WordSource & ~Copyable>(
    _ variates: UnsafeMutableBufferPointer<Double>, from words: inout Source
  ) {
    exponentialLayers.withUnsafeBufferPointer { layers in
      for index in variates.indices { variates[index] = exponential(layers, &words) }
    }
  }

  /// Fills `variates` with standard normals.
  static func normals<Source: WordSource & ~Copyable>(
    _ variates: UnsafeMutableBufferPointer<Double>, from words: inout Source
  ) {
    normalLayers.withUnsafeBufferPointer { layers in
      for index in variates.indices { variates[index] = normal(layers, &words) }
    }
  }

  @inline(__always)
  private static func exponential<Source: WordSource & ~Copyable>(
    _ layers: UnsafeBufferPointer<Layer>, _ words: inout Source
  ) -> Double {
    let word = words.nextWord()
    let layer = layers[Int(truncatingIfNeeded: word & 255)]
    let position = openUnitInterval(word)
    return position < layer.inside ? position * layer.edge : exponentialAtEdge(word, layers, &words)
  }

  @inline(__always)
  private static func normal<Source: WordSource & ~Copyable>(
    _ layers: UnsafeBufferPointer<Layer>, _ words: inout Source
  ) -> Double {
    let word = words.nextWord()
    let layer = layers[Int(truncatingIfNeeded: word & 255)]
    let position = 2 * openUnitInterval(word) - 1
    return position.magnitude < layer.inside ? position * layer.edge : normalAtEdge(word, layers, &words)
  }

  /// What becomes of a point that is not wholly under the curve, one in 90.
  @inline(never)
  private static func exponentialAtEdge<Source: WordSource & ~Copyable>(
    _ word: UInt64, _ layers: UnsafeBufferPointer<Layer>, _ words: inout Source
  ) -> Double {
    var word = word
    var shift = 0.0
    while true {
      let layer = Int(truncatingIfNeeded: word & 255)
      let position = openUnitInterval(word)
      let x = position * layers[layer].edge
      if position < layers[layer].inside { return shift + x }
      if layer == 0 {
        shift += exponentialTail  // the tail of an exponential is the exponential again
      } else {
        let height = layers[layer].height
        let y = height + words.uniform() * (layers[layer + 1].height - height)
        if y < Elementary.exp(-x) { return shift + x }
      }
      word = words.nextWord()
    }
  }

  /// What becomes of a point that is not wholly under the curve, one in 70.
  @inline(never)
  private static func normalAtEdge<Source: WordSource & ~Copyable>(
    _ word: UInt64, _ layers: UnsafeBufferPointer<Layer>, _ words: inout Source
  ) -> Double {
    var word = word
    while true {
      let layer = Int(truncatingIfNeeded: word & 255)
      let position = 2 * openUnitInterval(word) - 1
      let x = position * layers[layer].edge
      if position.magnitude < layers[layer].inside { return x }
      if layer == 0 { return normalTail(&words, negative: position < 0) }
      let height = layers[layer].height
      let y = height + words.uniform() * (layers[layer + 1].height - height)
      if y < Elementary.exp(-0.5 * x * x) { return x }
      word = words.nextWord()
    }
  }

  /// G. Marsaglia, "Generating a variable from the tail of the normal distribution", Technometrics 6(1), 1964.
  private static func normalTail<Source: WordSource & ~Copyable>(_ words: inout Source, negative: Bool) -> Double {
    while true {
      let x = Elementary.log(words.uniform()) / normalTail
      let y = Elementary.log(words.uniform())
      if -2 * y > x * x { return negative ? x - normalTail : normalTail - x }
    }
  }
}
