/// An angle's sine and cosine in plain IEEE arithmetic, from which sines a little way ahead are cheap.
///
/// The C library's differ between processors by the last bit, and a seed shall give the same nanoseconds on every machine.
struct Angle: Sendable {
  let sine: Double
  let cosine: Double

  /// - Parameter radians: up to some turns either way.
  init(_ radians: Double) {
    let quarter = (radians * 2 / .pi).rounded()
    let rest = radians - quarter * (.pi / 2)
    // Taylor's series within ±π/4: what is left out is below 1e-17.
    var sine = 0.0
    var cosine = 0.0
    for order in stride(from: 18, through: 2, by: -2) {
      cosine = (1 + cosine) * -(rest * rest) / Double(order * (order - 1))
      sine = (1 + sine) * -(rest * rest) / Double(order * (order + 1))
    }
    sine = rest * (1 + sine)
    cosine += 1
    switch ((Int(quarter) % 4) + 4) % 4 {
    case 0: (self.sine, self.cosine) = (sine, cosine)
    case 1: (self.sine, self.cosine) = (cosine, -sine)
    case 2: (self.sine, self.cosine) = (-sine, -cosine)
    default: (self.sine, self.cosine) = (-cosine, sine)
    }
  }

  /// sin(angle + step) for a step of at most π/16 either way; its error is below 1e-14.
  @inline(__always)
  func sine(ahead step: Double) -> Double {
    let square = step * step
    let small = step * (1 - square * (1.0 / 6) * (1 - square * (1.0 / 20) * (1 - square * (1.0 / 42))))
    let near =
      1 - square * (1.0 / 2) * (1 - square * (1.0 / 12) * (1 - square * (1.0 / 30) * (1 - square * (1.0 / 56))))
    return sine * near + cosine * small
  }
}

extension Double {
  /// The nearest number with 40 significant bits: parameters that come through the C library's functions lose the last
  /// bits, in which machines differ.
  var settled: Double {
    guard isNormal else { return self }
    let unit = ulp * 0x1p12
    return (self / unit).rounded() * unit
  }
}
