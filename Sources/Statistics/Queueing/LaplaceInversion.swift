import Glibc

/// Values of a function of time from its Laplace transform, for transforms that are analytic off the negative real axis:
/// mixtures of decaying exponentials, such as the passage times of reversible chains.
///
/// The midpoint rule on Talbot's contour, which opens to the left around the negative axis and so meets e^(st) where it
/// vanishes. With N nodes the error falls like 3.9^-N until rounding, which e^(0.17 N) amplifies, takes over near N = 24.
/// L. N. Trefethen, J. A. C. Weideman and T. Schmelzer, "Talbot quadratures and rational approximations", BIT 46, 2006.
struct LaplaceInversion: Sendable {
  /// Where transforms are wanted for time one: conjugates are left out, as the functions are real.
  private let nodes: [Complex]
  /// e^z dz at each node.
  private let weights: [Complex]

  /// The number of points on the whole contour is even; half of them are evaluated.
  init(points: Int) {
    let count = Double(points)
    var nodes: [Complex] = []
    var weights: [Complex] = []
    for k in 0..<points / 2 {
      let angle = Double(2 * k + 1) * .pi / count
      let cotangent = 1 / tan(0.6407 * angle)
      let sine = sin(0.6407 * angle)
      let node = count * Complex(0.5017 * angle * cotangent - 0.6122, 0.2645 * angle)
      let slope = count * Complex(0.5017 * cotangent - 0.5017 * 0.6407 * angle / (sine * sine), 0.2645)
      nodes.append(node)
      weights.append((2 / count) * (Complex.exp(node) * slope))
    }
    self.nodes = nodes
    self.weights = weights
  }

  /// The points to work with: about 1e-12 relative to the transform's size.
  static let standard = LaplaceInversion(points: 24)
  /// A second opinion, about 1e-11: the distance to it is a safe estimate of the error of `standard`.
  static let check = LaplaceInversion(points: 20)

  /// The values at `time` of the functions whose transforms `transforms(s)` gives, two at a time since they mostly share
  /// their work.
  func values(at time: Double, _ transforms: (Complex) -> (Complex, Complex)) -> (Double, Double) {
    var first = 0.0
    var second = 0.0
    for (node, weight) in zip(nodes, weights) {
      let (f, g) = transforms((1 / time) * node)
      first += (weight * f).imaginary
      second += (weight * g).imaginary
    }
    return (first / time, second / time)
  }

  /// The same, for transforms that are worked out for four points at once.
  func values(
    at time: Double, fourByFour transforms: (ComplexLanes) -> (ComplexLanes, ComplexLanes)
  ) -> (Double, Double) {
    var first = 0.0
    var second = 0.0
    for start in stride(from: 0, to: nodes.count, by: 4) {
      let lanes = min(4, nodes.count - start)
      // Lanes that are left over repeat the first point.
      var points = ComplexLanes(SIMD4(repeating: nodes[start].real), SIMD4(repeating: nodes[start].imaginary))
      for lane in 1..<lanes {
        points.real[lane] = nodes[start + lane].real
        points.imaginary[lane] = nodes[start + lane].imaginary
      }
      let (f, g) = transforms((1 / time) * points)
      for lane in 0..<lanes {
        first += (weights[start + lane] * f[lane]).imaginary
        second += (weights[start + lane] * g[lane]).imaginary
      }
    }
    return (first / time, second / time)
  }
}
