import Glibc
import Platforms
public import Units

extension MemoryFit {
  /// A size that would say more, and why; nil where the knee lies between sizes that are near.
  ///
  /// The knee is where more memory stops helping. It is known when sizes stand close on both sides of it.
  public var advice: (memory: MemorySize, reason: String)? {
    let sizes = points.map { Double($0.memory.megabytes) }
    guard let smallest = sizes.first, let largest = sizes.last else { return nil }
    // Time that memory does not shorten: there is no knee to find.
    if scaling.work / min(scaling.parallelism, smallest / MemoryScaling.megabytesPerProcessor) < 0.05 * scaling.fixed {
      return nil
    }
    if largest < 1.1 * MemoryScaling.megabytesPerProcessor, scaling.cap > 0.95 * largest {
      return (
        MemorySize(megabytes: 2048),
        "no size lies above the knee: whether it gets faster beyond \(Int(largest)) MB is open"
      )
    }
    if scaling.cap > 0.95 * largest {
      let next = Self.rounded(min(2 * largest, Double(MemorySize.lambdaRange.upperBound)))
      return next.megabytes > Int(largest)
        ? (next, "it still gets faster at the largest size, \(Int(largest)) MB") : nil
    }
    let below = sizes.last { $0 <= scaling.cap } ?? smallest
    let above = sizes.first { $0 > scaling.cap } ?? largest
    if above > 1.6 * below {
      return (
        Self.rounded((below * above).squareRoot()),
        "the knee lies between \(Int(below)) and \(Int(above)) MB, and nothing was measured between them"
      )
    }
    if let cap, cap.upperBound > 1.2 * cap.lowerBound {
      return (
        Self.rounded(scaling.cap), "the knee is known only as \(Int(cap.lowerBound)) to \(Int(cap.upperBound)) MB"
      )
    }
    return nil
  }

  /// To whole steps of 64 MB, as people set sizes.
  private static func rounded(_ megabytes: Double) -> MemorySize {
    MemorySize(
      megabytes: min(MemorySize.lambdaRange.upperBound, max(128, Int((megabytes / 64).rounded()) * 64)))
  }
}
