import Units

@testable package import Workloads

extension Workload {
  /// The recipe of a generated workload.
  package var recipe: GeneratedWorkload {
    get throws {
      guard case .generated(let recipe) = feed else { throw RecordedInstead() }
      return recipe
    }
  }

  package struct RecordedInstead: Error {}
}

extension GeneratedWorkload {
  /// All invocations of a function up to the horizon, drawn in slices of `step` ns.
  package func invocations(
    of function: Int, seed: UInt64 = 1, replication: UInt64 = 0, step: Int64? = nil
  ) -> (arrivals: [Int64], durations: [Int64]) {
    var generator = generator(function, seed, replication)
    var block = InvocationBlock()
    var end: Int64 = 0
    while end < horizon.nanoseconds {
      end = min(horizon.nanoseconds, end + (step ?? horizon.nanoseconds))
      generator.generate(until: .init(nanoseconds: end), into: &block)
    }
    return (block.arrivals, block.durations)
  }
}
