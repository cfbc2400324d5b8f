/// A system of linear equations whose matrix is dominated by its diagonal in each column and is zero further than `band`
/// from it: elimination without exchanging rows is stable.
struct BandedSystem {
  private let size: Int
  private let band: Int
  /// Row by row, 2 band + 1 elements each.
  private var elements: [Double]

  init(size: Int, band: Int) {
    self.size = size
    self.band = band
    elements = [Double](repeating: 0, count: size * (2 * band + 1))
  }

  /// Adds to an element that is at most `band` from the diagonal.
  mutating func add(_ value: Double, row: Int, column: Int) {
    elements[row * (2 * band + 1) + column - row + band] += value
  }

  /// The solutions for several right sides, all at once: size × band × (band + their number) multiplications.
  consuming func solutions(of rightSides: [[Double]]) -> [[Double]] {
    let number = rightSides.count
    // Side by side, so that the innermost loop runs over neighbours in memory.
    var x = [Double](repeating: 0, count: size * number)
    for (place, side) in rightSides.enumerated() {
      for row in 0..<size { x[row * number + place] = side[row] }
    }
    elements.withUnsafeMutableBufferPointer { matrix in
      x.withUnsafeMutableBufferPointer { x in
        eliminate(matrix, x, number)
      }
    }
    return (0..<number).map { place in (0..<size).map { x[$0 * number + place] } }
  }

  private func eliminate(
    _ matrix: UnsafeMutableBufferPointer<Double>, _ x: UnsafeMutableBufferPointer<Double>, _ number: Int
  ) {
    // The element in column c of row r is at r × stride + c + band.
    let stride = 2 * band
    for pivot in 0..<size {
      let end = min(size, pivot + band + 1)
      let inverse = 1 / matrix[pivot * stride + pivot + band]
      for row in pivot + 1..<max(pivot + 1, end) {
        let factor = matrix[row * stride + pivot + band] * inverse
        guard factor != 0 else { continue }
        let source = pivot * stride + band
        let target = row * stride + band
        for column in pivot + 1..<end { matrix[target + column] -= factor * matrix[source + column] }
        for place in 0..<number { x[row * number + place] -= factor * x[pivot * number + place] }
      }
    }
    for row in (0..<size).reversed() {
      for column in row + 1..<max(row + 1, min(size, row + band + 1)) {
        let factor = matrix[row * stride + column + band]
        guard factor != 0 else { continue }
        for place in 0..<number { x[row * number + place] -= factor * x[column * number + place] }
      }
      let inverse = 1 / matrix[row * stride + row + band]
      for place in 0..<number { x[row * number + place] *= inverse }
    }
  }
}
