import Statistics
import Testing

@Suite("Autoregression")
struct AutoregressionTests {
  @Test("finds the coefficient of a process of order one, and calls noise noise")
  func orderOne() throws {
    var stream = RandomStream(seed: 3, purpose: .resampling)
    var value = 0.0
    let series = (0..<4000).map { _ in
      value = 0.7 * value + stream.exponential() - 1
      return value + 10
    }
    let model = try #require(Autoregression(series))
    #expect(model.differences == 0)
    #expect(abs(model.coefficients[0] - 0.7) < 4 * 0.016)
    let noise = (0..<4000).map { _ in stream.exponential() }
    let flat = try #require(Autoregression(noise))
    #expect(flat.differences == 0 && abs(flat.forecast - 1) < 0.3)
  }

  @Test("goes on with what is regular: a constant, a line, two values in turn")
  func regular() throws {
    #expect(try #require(Autoregression(Array(repeating: 21_600, count: 10))).forecast == 21_600)
    let line = try #require(Autoregression((0..<20).map { 5 + 3 * Double($0) }))
    #expect(line.differences == 1 && abs(line.forecast - 65) < 1e-6)
    let turns = try #require(Autoregression((0..<60).map { $0.isMultiple(of: 2) ? 10 : 20 }))
    #expect(abs(turns.forecast - 10) < 1)
    #expect(Autoregression([1, 2]) == nil)
  }
}
