/// The free page frames of a guest's memory, as extents in order of address.
struct FrameAllocator {
  /// Free ranges of frame numbers: disjoint, ascending, never touching.
  private(set) var free: [Range<Int>]

  init(_ frames: Range<Int>) { free = frames.isEmpty ? [] : [frames] }

  var freeCount: Int { free.reduce(0) { $0 + $1.count } }

  /// `count` frames in a row, the lowest that fit. O(extents)
  mutating func take(_ count: Int) -> Range<Int>? {
    guard let index = free.firstIndex(where: { $0.count >= count }) else { return nil }
    return take(count, fromExtent: index)
  }

  /// The longest run of at most `count` frames, where `count` in a row may not be had.
  mutating func takeSome(_ count: Int) -> Range<Int>? {
    if let whole = take(count) { return whole }
    guard let index = free.indices.max(by: { free[$0].count < free[$1].count }) else { return nil }
    return take(free[index].count, fromExtent: index)
  }

  private mutating func take(_ count: Int, fromExtent index: Int) -> Range<Int> {
    let start = free[index].lowerBound
    let taken = start..<start + count
    if taken == free[index] {
      free.remove(at: index)
    } else {
      free[index] = taken.upperBound..<free[index].upperBound
    }
    return taken
  }

  /// Gives frames back.
  mutating func give(_ frames: Range<Int>) {
    let index = free.firstIndex { $0.lowerBound >= frames.upperBound } ?? free.endIndex
    var merged = frames
    var replaced = index..<index
    if index < free.endIndex, free[index].lowerBound == merged.upperBound {
      merged = merged.lowerBound..<free[index].upperBound
      replaced = index..<index + 1
    }
    if index > 0, free[index - 1].upperBound == merged.lowerBound {
      merged = free[index - 1].lowerBound..<merged.upperBound
      replaced = index - 1..<replaced.upperBound
    }
    free.replaceSubrange(replaced, with: CollectionOfOne(merged))
  }
}
