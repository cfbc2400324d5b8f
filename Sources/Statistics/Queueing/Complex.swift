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

/// Four complex numbers side by side: a recursion waits for each of its results, and three others can be had meanwhile.
struct ComplexLanes: Sendable {
  var real: SIMD4<Double>
  var imaginary: SIMD4<Double>

  static let zero = ComplexLanes(.zero, .zero)

  @inline(__always)
  init(_ real: SIMD4<Double>, _ imaginary: SIMD4<Double>) {
    self.real = real
    self.imaginary = imaginary
  }

  subscript(lane: Int) -> Complex { Complex(real[lane], imaginary[lane]) }

  @inline(__always)
  static func + (a: ComplexLanes, b: ComplexLanes) -> ComplexLanes {
    ComplexLanes(a.real + b.real, a.imaginary + b.imaginary)
  }
  @inline(__always)
  static func + (a: Double, b: ComplexLanes) -> ComplexLanes { ComplexLanes(a + b.real, b.imaginary) }
  @inline(__always)
  static func - (a: Double, b: ComplexLanes) -> ComplexLanes { ComplexLanes(a - b.real, -b.imaginary) }
  @inline(__always)
  static func * (a: Double, b: ComplexLanes) -> ComplexLanes { ComplexLanes(a * b.real, a * b.imaginary) }

  @inline(__always)
  static func * (a: ComplexLanes, b: ComplexLanes) -> ComplexLanes {
    ComplexLanes(a.real * b.real - a.imaginary * b.imaginary, a.real * b.imaginary + a.imaginary * b.real)
  }

  @inline(__always)
  static func / (a: ComplexLanes, b: ComplexLanes) -> ComplexLanes { a * b.inverse }

  @inline(__always)
  var inverse: ComplexLanes {
    let scale = 1 / (real * real + imaginary * imaginary)
    return ComplexLanes(real * scale, -imaginary * scale)
  }
}
