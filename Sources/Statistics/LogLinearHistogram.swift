/// Counts of non-negative integers in buckets whose width is a 64th of their octave, after HdrHistogram.
///
/// Quantiles come out with a relative error of at most 1/128 (0.8 %); counts, sum, minimum and maximum are exact.
/// Histograms add exactly, whatever the order, so shards, threads and replications give the same result.
/// Memory grows with the octaves that occur (256 bytes each), never with the values recorded; up to 32 values are kept as
/// they are, so that of very many histograms of little each is small.
///
///     value 0…63      one bucket each                    page 0
///     64…127          64 buckets of width 1              page 1
///     128…255         64 buckets of width 2              page 2
///     2^(k+5)…        64 buckets of width 2^(k-1)        page k
public struct LogLinearHistogram: Hashable, Sendable {
  /// The stated bound on the relative error of a quantile.
  public static let relativeError = 1.0 / 128

  /// The values, while they are few; there are no pages then.
  private var few: [Int64] = []
  private static let mostFew = 32
  /// Where each octave's page of 64 counters begins in `counters`; -1 for one that has not occurred. Pages stand in order.
  private var pages: [Int32] = []
  private var counters: [UInt32] = []
  /// What overflowed a counter, in units of 2^32.
  private var carries: [Int: UInt64] = [:]

  public private(set) var count: UInt64 = 0
  /// The exact sum of all values.
  public private(set) var sum: Int128 = 0
  /// The smallest value; Int64.max when there is none.
  public private(set) var minimum = Int64.max
  /// The largest value; zero when there is none.
  public private(set) var maximum: Int64 = 0

  public init() {}

  public var isEmpty: Bool { count == 0 }
  public var mean: Double { count == 0 ? .nan : Double(sum) / Double(count) }

  /// Records a value; a negative one counts as zero. Constant time.
  public mutating func record(_ value: Int64) {
    let value = max(0, value)
    count &+= 1
    sum &+= Int128(value)
    if value < minimum { minimum = value }
    if value > maximum { maximum = value }
    if pages.isEmpty {
      if few.count < Self.mostFew { return few.append(value) }
      spill()
    }
    add(value)
  }

  /// Counts a value in its page.
  private mutating func add(_ value: Int64) {
    let (page, offset) = Self.place(of: value)
    if page < pages.count, pages[page] >= 0 {
      let slot = Int(pages[page]) &+ offset
      counters[slot] &+= 1
      if counters[slot] == 0 { carries[slot, default: 0] += 1 }
    } else {
      counters[Int(open(page)) + offset] = 1
    }
  }

  /// Opens pages for values that are no longer few.
  private mutating func spill() {
    open(Self.place(of: minimum).page...Self.place(of: maximum).page)
    for value in few { add(value) }
    few = []
  }

  /// Records many values: the same as one by one, faster.
  public mutating func record(_ values: UnsafeBufferPointer<Int64>) {
    var values = values[...]
    if pages.isEmpty, few.count + values.count <= Self.mostFew {
      few.reserveCapacity(few.count + values.count)
      for value in values { record(value) }
      return
    }
    if pages.isEmpty {
      let some = values.prefix(Self.mostFew + 1 - few.count)
      for value in some { record(value) }
      values = values.dropFirst(some.count)
    }
    guard values.count >= 16, opensPagesInARow(forMore: values.count) else {
      for value in values { record(value) }
      return
    }
    // A page stands right behind the one before, so that exponent and first bits of a double tell the place of its
    // counter. Values beyond the least and the largest so far are few, and left for later.
    let first = Self.place(of: minimum).page
    let offset = (1023 + 5 + first) &* 64 &- Int(pages[first])
    let (low, span) = (minimum, UInt64(bitPattern: maximum &- minimum))
    var total: Int64 = 0
    var strays = 0
    counters.withUnsafeMutableBufferPointer { counters in
      guard let counters = counters.baseAddress else { return }
      for value in values {
        guard UInt64(bitPattern: value &- low) <= span else {
          strays &+= 1
          continue
        }
        total &+= value
        // SAFETY: all pages from that of the least to that of the largest value are open.
        counters[Int(truncatingIfNeeded: Double(value).bitPattern &>> 46) &- offset] &+= 1
      }
    }
    count &+= UInt64(values.count &- strays)
    sum &+= Int128(total)
    guard strays > 0 else { return }
    for value in values where UInt64(bitPattern: value &- low) > span { record(value) }
  }

  /// Opens all pages from that of the least to that of the largest value. False where recording so many more among them
  /// could pass the range of a counter or of the sum, or where places are not told by a double's bits.
  private mutating func opensPagesInARow(forMore values: Int) -> Bool {
    guard minimum >= 64, maximum < 1 << 46, values <= 1 << 16, count < UInt64(UInt32.max) - UInt64(values) else {
      return false
    }
    let (first, last) = (Self.place(of: minimum).page, Self.place(of: maximum).page)
    if Int(pages[last] - pages[first]) != (last - first) * 64 { open(first...last) }
    return true
  }

  /// How many values are zero.
  public var zeros: UInt64 {
    guard let first = pages.first, first >= 0 else { return UInt64(few.count { $0 == 0 }) }
    return UInt64(counters[Int(first)]) + (carries[Int(first)] ?? 0) << 32
  }

  /// Adds all that another histogram holds.
  public mutating func merge(_ other: LogLinearHistogram) {
    guard other.count > 0 else { return }
    if other.pages.isEmpty {
      for value in other.few { record(value) }
      return
    }
    let fits = count + other.count <= UInt64(UInt32.max)
    count += other.count
    sum += other.sum
    minimum = min(minimum, other.minimum)
    maximum = max(maximum, other.maximum)
    if pages.isEmpty, few.isEmpty {
      (pages, counters, carries) = (other.pages, other.counters, other.carries)
      return
    }
    if pages.isEmpty { spill() }
    for (page, start) in other.pages.enumerated() where start >= 0 {
      let mine = Int(page < pages.count && pages[page] >= 0 ? pages[page] : open(page))
      if fits {
        // No counter can pass its range.
        for offset in 0..<64 { counters[mine + offset] &+= other.counters[Int(start) + offset] }
      } else {
        carry(other, from: Int(start), to: mine)
      }
    }
  }

  /// Adds another histogram's page to one's own.
  private mutating func carry(_ other: LogLinearHistogram, from start: Int, to mine: Int) {
    for offset in 0..<64 {
      let theirs = start + offset
      let (total, overflow) = counters[mine + offset].addingReportingOverflow(other.counters[theirs])
      counters[mine + offset] = total
      let carry = (overflow ? 1 : 0) + (other.carries[theirs] ?? 0)
      if carry > 0 { carries[mine + offset, default: 0] += carry }
    }
  }

  /// The value at rank ⌈p·count⌉, to within the relative error; NaN when empty. `p` is in 0...1.
  public func quantile(_ p: Double) -> Double { quantiles([p])[0] }

  /// The same for each of `probabilities`, which ascend, in one walk over the buckets.
  public func quantiles(_ probabilities: [Double]) -> [Double] {
    guard count > 0 else { return probabilities.map { _ in .nan } }
    let ranks = probabilities.map { p in
      let share = p > 0 ? min(p, 1) : 0
      return max(1, UInt64(exactly: (share * Double(count)).rounded(.up)) ?? count)
    }
    var values: [Double] = []
    var seen: UInt64 = 0
    for bucket in buckets {
      seen += bucket.count
      // The last rank is the maximum, which is known exactly.
      while values.count < ranks.count, ranks[values.count] <= seen, ranks[values.count] < count {
        values.append(min(max(bucket.middle, Double(minimum)), Double(maximum)))
      }
      if values.count == ranks.count { break }
    }
    return values + repeatElement(Double(maximum), count: ranks.count - values.count)
  }

  /// How many values lie in the bucket of `value` or below.
  public func count(atMost value: Double) -> UInt64 {
    buckets.reduce(0) { Double($1.lower) <= value ? $0 + $1.count : $0 }
  }

  /// The bucket of the value at `rank`, counted from one; nil when there are not so many.
  public func bucket(ofRank rank: UInt64) -> Bucket? {
    guard rank >= 1, rank <= count else { return nil }
    var seen: UInt64 = 0
    return buckets.first { bucket in
      seen += bucket.count
      return seen >= rank
    }
  }

  /// Takes away values that another histogram holds, all of which this one holds too: what was recorded after it.
  ///
  /// Counts and sum stay exact; minimum and maximum, where the value itself is gone, become the bounds of their bucket.
  public mutating func subtract(_ earlier: LogLinearHistogram) {
    var rest = LogLinearHistogram()
    let taken = Dictionary(uniqueKeysWithValues: earlier.buckets.map { ($0.lower, $0.count) })
    var last: Bucket?
    for bucket in buckets {
      let left = bucket.count - min(bucket.count, taken[bucket.lower] ?? 0)
      guard left > 0 else { continue }
      let (page, offset) = Self.place(of: bucket.lower)
      let start = page < rest.pages.count && rest.pages[page] >= 0 ? rest.pages[page] : rest.open(page)
      let slot = Int(start) + offset
      rest.counters[slot] = UInt32(truncatingIfNeeded: left)
      if left >> 32 > 0 { rest.carries[slot] = left >> 32 }
      rest.count += left
      if rest.minimum == .max { rest.minimum = max(bucket.lower, minimum) }
      last = bucket
    }
    rest.sum = sum - earlier.sum
    rest.maximum = last.map { min($0.upper - 1, maximum) } ?? 0
    self = rest
  }

  /// One bucket that holds something: values from `lower` to below `upper`.
  public struct Bucket: Equatable, Sendable {
    public var lower: Int64
    public var upper: Int64
    public var count: UInt64
    var middle: Double { upper - lower <= 1 ? Double(lower) : (Double(lower) + Double(upper)) / 2 }
  }

  /// The buckets that hold something, in ascending order.
  public var buckets: Buckets { Buckets(self) }

  /// A histogram's buckets, made one by one.
  public struct Buckets: Sequence, IteratorProtocol, Sendable {
    private let histogram: LogLinearHistogram
    private let few: [Int64]
    private var nextOfFew = 0
    private var page = 0
    private var offset = 0

    fileprivate init(_ histogram: LogLinearHistogram) {
      self.histogram = histogram
      few = histogram.few.sorted()
    }

    public mutating func next() -> Bucket? {
      if nextOfFew < few.count { return nextBucketOfFew() }
      while page < histogram.pages.count {
        let start = Int(histogram.pages[page])
        while start >= 0, offset < 64 {
          let slot = start + offset
          offset += 1
          var held = UInt64(histogram.counters[slot])
          if !histogram.carries.isEmpty { held += (histogram.carries[slot] ?? 0) << 32 }
          if held > 0 { return LogLinearHistogram.bucket(page, offset - 1, count: held) }
        }
        page += 1
        offset = 0
      }
      return nil
    }

    private mutating func nextBucketOfFew() -> Bucket {
      let (page, offset) = LogLinearHistogram.place(of: few[nextOfFew])
      var result = LogLinearHistogram.bucket(page, offset, count: 0)
      while nextOfFew < few.count, few[nextOfFew] < result.upper || result.count == 0 {
        result.count += 1
        nextOfFew += 1
      }
      return result
    }
  }

  private static func bucket(_ page: Int, _ offset: Int, count: UInt64) -> Bucket {
    let width = Int64(1) << Int64(max(0, page - 1))
    let lower = (page == 0 ? 0 : 64 * width) + Int64(offset) * width
    return Bucket(lower: lower, upper: lower > .max - width ? .max : lower + width, count: count)
  }

  /// A histogram as another one told of itself, by its buckets' `lower` ends and counts.
  public init(buckets: [(lower: Int64, count: UInt64)], sum: Int128, minimum: Int64, maximum: Int64) {
    for (lower, held) in buckets {
      let (page, offset) = Self.place(of: max(0, lower))
      let start = page < pages.count && pages[page] >= 0 ? pages[page] : open(page)
      let slot = Int(start) + offset
      counters[slot] = UInt32(truncatingIfNeeded: held)
      if held >> 32 > 0 { carries[slot] = held >> 32 }
      count += held
    }
    self.sum = sum
    self.minimum = minimum
    self.maximum = maximum
  }

  private static func place(of value: Int64) -> (page: Int, offset: Int) {
    if value < 64 { return (0, Int(value)) }
    let page = 63 - value.leadingZeroBitCount - 5
    return (page, Int(value >> Int64(page - 1)) & 63)
  }

  /// Makes a page, between those of the octaves before and after; gives where it begins.
  private mutating func open(_ page: Int) -> Int32 {
    open(page...page)
    return pages[page]
  }

  /// Makes all pages of a range that are not there, so that it lies in a row.
  private mutating func open(_ range: ClosedRange<Int>) {
    while pages.count <= range.upperBound { pages.append(-1) }
    let behind: Int32 = pages[range.lowerBound...].first(where: { $0 >= 0 }) ?? Int32(counters.count)
    let missing = range.count { pages[$0] < 0 }
    if behind == counters.count {
      // Most often all lies behind what is there. No more memory than that: there may be very many histograms.
      counters.reserveCapacity(counters.count + 64 * missing)
      counters.append(contentsOf: repeatElement(0, count: 64 * missing))
      for (place, page) in range.enumerated() { pages[page] = behind + Int32(64 * place) }
      return
    }
    var start = behind
    for page in range {
      if pages[page] < 0 { insert(page, at: start) }
      start = pages[page] + 64
    }
  }

  /// Moves what lies at `start` and behind to make room for a page.
  private mutating func insert(_ page: Int, at start: Int32) {
    counters.insert(contentsOf: repeatElement(0, count: 64), at: Int(start))
    for later in pages.indices[(page + 1)...] where pages[later] >= 0 { pages[later] += 64 }
    if !carries.isEmpty {
      carries = Dictionary(uniqueKeysWithValues: carries.map { ($0 < start ? $0 : $0 + 64, $1) })
    }
    pages[page] = start
  }

  /// Equal when they hold the same counts, in whatever order the octaves first occurred.
  public static func == (a: LogLinearHistogram, b: LogLinearHistogram) -> Bool {
    a.count == b.count && a.sum == b.sum && a.minimum == b.minimum && a.maximum == b.maximum
      && a.buckets.elementsEqual(b.buckets)
  }

  public func hash(into hasher: inout Hasher) {
    hasher.combine(count)
    hasher.combine(sum)
  }
}
