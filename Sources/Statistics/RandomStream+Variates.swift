import Glibc

extension RandomStream {
  /// An exponential variate with mean 1.
  public mutating func exponential() -> Double { Ziggurat.exponential(from: &self) }

  /// A standard normal variate.
  public mutating func normal() -> Double { Ziggurat.normal(from: &self) }

  /// A gamma variate with scale 1; `shape` is positive.
  public mutating func gamma(shape: Double) -> Double { gamma(ofShape: shape) }

  /// A Poisson variate; `mean` is in 0...1e12, and what lies outside counts as the nearest of these.
  ///
  /// Small means by counting exponential gaps; others by W. Hörmann, "The transformed rejection method for generating
  /// Poisson random variables", Insurance: Mathematics and Economics 12, 1993 (algorithm PTRS), in constant time.
  public mutating func poisson(mean: Double) -> Int {
    let mean = mean > 0 ? min(mean, 1e12) : 0
    if mean < 10 {
      var count = 0
      var sum = exponential()
      while sum < mean {
        count += 1
        sum += exponential()
      }
      return count
    }
    let b = 0.931 + 2.53 * mean.squareRoot()
    let a = -0.059 + 0.02483 * b
    let inverseAlpha = 1.1239 + 1.1328 / (b - 3.4)
    let vr = 0.9277 - 3.6224 / (b - 2)
    while true {
      let u = uniform() - 0.5
      let v = uniform()
      let us = 0.5 - u.magnitude
      let k = ((2 * a / us + b) * u + mean + 0.43).rounded(.down)
      if us >= 0.07, v <= vr { return Int(k) }
      if k < 0 || us < 0.013 && v > us { continue }
      var sign: Int32 = 0
      if log(v * inverseAlpha / (a / (us * us) + b)) <= k * log(mean) - mean - lgamma_r(k + 1, &sign) {
        return Int(k)
      }
    }
  }
}

extension RandomStream {
  /// Fills a buffer with numbers of the open interval (0, 1): bit for bit what a loop over `uniform()` gives, faster.
  public mutating func fillUniform(_ variates: UnsafeMutableBufferPointer<Double>) {
    if variates.count < Self.fewVariates {
      for index in variates.indices { variates[index] = uniform() }
      return
    }
    WordsAhead.draw(variates.count, of: &self) { words in
      for index in variates.indices { variates[index] = words.uniform() }
    }
  }

  /// Fills a buffer with exponentials of mean 1: bit for bit what a loop over `exponential()` gives, faster.
  public mutating func fillExponential(_ variates: UnsafeMutableBufferPointer<Double>) {
    if variates.count < Self.fewVariates { return Ziggurat.exponentials(variates, from: &self) }
    WordsAhead.draw(variates.count, of: &self) { Ziggurat.exponentials(variates, from: &$0) }
  }

  /// Fills a buffer with standard normals: bit for bit what a loop over `normal()` gives, faster.
  public mutating func fillNormal(_ variates: UnsafeMutableBufferPointer<Double>) {
    if variates.count < Self.fewVariates { return Ziggurat.normals(variates, from: &self) }
    WordsAhead.draw(variates.count, of: &self) { Ziggurat.normals(variates, from: &$0) }
  }

  /// Below so many variates, drawing words ahead does not pay.
  private static let fewVariates = 8
}

extension WordSource where Self: ~Copyable {
  /// G. Marsaglia and W. W. Tsang, "A simple method for generating gamma variables", ACM TOMS 26(3), 2000.
  mutating func gamma(ofShape shape: Double) -> Double {
    if shape < 1 { return gamma(ofShape: shape + 1) * Elementary.pow(uniform(), 1 / shape) }
    let d = shape - 1.0 / 3
    let c = 1 / (9 * d).squareRoot()
    while true {
      let x = Ziggurat.normal(from: &self)
      let root = 1 + c * x
      if root <= 0 { continue }
      let v = root * root * root
      let u = uniform()
      // The squeeze of the paper: the logarithms are needed for one variate in 25.
      if u < 1 - 0.0331 * (x * x) * (x * x) { return d * v }
      if Elementary.log(u) < 0.5 * x * x + d - d * v + d * Elementary.log(v) { return d * v }
    }
  }
}
