import Statistics
import Units

/// A bounded random sample of a function's init times: each that was seen is in it with the same probability.
///
/// J. S. Vitter, "Random sampling with a reservoir", ACM TOMS 11(1), 1985, algorithm R. The stream hangs on the
/// function's name alone, so that the same logs give the same sample.
struct InitSample {
  static let capacity = 1000

  private(set) var count = 0
  private var seconds: [Double] = []
  private var stream: RandomStream

  init(function name: String) {
    stream = RandomStream(seed: 0, subject: StableHash.of(name), purpose: .resampling)
  }

  mutating func record(_ time: TimeSpan) {
    count += 1
    if seconds.count < Self.capacity {
      seconds.append(time.seconds)
    } else {
      let place = stream.index(below: count)
      if place < Self.capacity { seconds[place] = time.seconds }
    }
  }

  /// The law of the sample; nil when nothing was recorded.
  var law: Distribution? { QuantileFunction(sample: seconds).map { .empirical($0) } }
}
