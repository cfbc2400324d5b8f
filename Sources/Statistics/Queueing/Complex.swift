import Glibc

/// A complex number, for Laplace transforms. Division takes no care of overflow: transforms live near one over the times
/// that people ask for.
struct Complex: Equatable, Sendable {
  var real: Double
  var imaginary: Double

  static let zero = Complex(0, 0)

  @inline(__always)
  init(_ real: Double, _ imaginary: Double) {
    self.real = real
    self.imaginary = imaginary
  }

  @inline(__always)
  static func + (a: Complex, b: Complex) -> Complex { Complex(a.real + b.real, a.imaginary + b.imaginary) }
  @inline(__always)
  static func - (a: Complex, b: Complex) -> Complex { Complex(a.real - b.real, a.imaginary - b.imaginary) }
  @inline(__always)
  static func + (a: Double, b: Complex) -> Complex { Complex(a + b.real, b.imaginary) }
  @inline(__always)
  static func - (a: Double, b: Complex) -> Complex { Complex(a - b.real, -b.imaginary) }
  @inline(__always)
  static func * (a: Double, b: Complex) -> Complex { Complex(a * b.real, a * b.imaginary) }

  @inline(__always)
  static func * (a: Complex, b: Complex) -> Complex {
    Complex(a.real * b.real - a.imaginary * b.imaginary, a.real * b.imaginary + a.imaginary * b.real)
  }

  @inline(__always)
  static func / (a: Complex, b: Complex) -> Complex { a * b.inverse }

  @inline(__always)
  var inverse: Complex {
    let scale = 1 / (real * real + imaginary * imaginary)
    return Complex(real * scale, -imaginary * scale)
  }

  static func exp(_ z: Complex) -> Complex {
    let size = Glibc.exp(z.real)
    return Complex(size * cos(z.imaginary), size * sin(z.imaginary))
  }

  static func log(_ z: Complex) -> Complex {
    Complex(Glibc.log(hypot(z.real, z.imaginary)), atan2(z.imaginary, z.real))
  }
}
