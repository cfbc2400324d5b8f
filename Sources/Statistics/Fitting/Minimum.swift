@preconcurrency import CGSL  // the algorithm is a global constant that C calls a variable

/// The lowest point of a function of a few variables, found without derivatives.
///
/// Nelder and Mead's simplex in GSL's form (`nmsimplex2`), begun again once from where it ended, because a simplex may
/// collapse too early. A value that is not finite counts as very high.
public struct Minimum: Sendable {
  public private(set) var point: [Double]
  public private(set) var value: Double

  /// - Parameters:
  ///   - start: where to begin.
  ///   - step: the size of the first simplex, the same in all directions.
  ///   - precision: the simplex's size at which the search ends.
  public init(
    from start: [Double], step: Double = 0.3, precision: Double = 1e-5,
    of function: (UnsafeBufferPointer<Double>) -> Double
  ) {
    point = start
    value = start.withUnsafeBufferPointer(function)
    withoutActuallyEscaping(function) { function in
      var objective = Objective(function: function)
      for step in [step, step / 4] { descend(&objective, step: step, precision: precision) }
    }
  }

  private struct Objective {
    var function: (UnsafeBufferPointer<Double>) -> Double
  }

  private mutating func descend(_ objective: inout Objective, step: Double, precision: Double) {
    _ = GSL.isQuiet
    let count = point.count
    guard let place = gsl_vector_alloc(count), let steps = gsl_vector_alloc(count),
      let search = gsl_multimin_fminimizer_alloc(gsl_multimin_fminimizer_nmsimplex2, count)
    else { return }
    defer {
      gsl_multimin_fminimizer_free(search)
      gsl_vector_free(steps)
      gsl_vector_free(place)
    }
    for index in 0..<count { gsl_vector_set(place, index, point[index]) }
    gsl_vector_set_all(steps, step)
    withUnsafeMutablePointer(to: &objective) { objective in
      var wrapped = gsl_multimin_function(
        f: { vector, context in
          guard let vector, let context else { return Minimum.veryHigh }
          let objective = context.assumingMemoryBound(to: Objective.self)
          let variables = UnsafeBufferPointer(start: vector.pointee.data, count: vector.pointee.size)
          let value = objective.pointee.function(variables)
          return value < Minimum.veryHigh ? value : Minimum.veryHigh
        }, n: count, params: objective)
      guard gsl_multimin_fminimizer_set(search, &wrapped, place, steps) == 0 else { return }
      for _ in 0..<400 * count {
        guard gsl_multimin_fminimizer_iterate(search) == 0, gsl_multimin_fminimizer_size(search) > precision else {
          break
        }
      }
    }
    guard let best = search.pointee.x, search.pointee.fval < value else { return }
    value = search.pointee.fval
    for index in 0..<count { point[index] = gsl_vector_get(best, index) }
  }

  private static let veryHigh = 1e300
}
