/// Which ranges of a guest's addresses are in use, and how: the ledger beside the page tables.
struct AddressSpace: Equatable {
  struct Region: Equatable {
    var range: Range<UInt64>
    /// Nil where nothing may be touched; such a region has frames only if it was touchable before.
    var protection: PageProtection?
  }

  /// In order of address; none overlap; neighbours that agree are one.
  private(set) var regions: [Region] = []

  /// A hostile guest could else make the ledger grow for ever (Linux: vm.max_map_count, 65,530).
  static let regionLimit = 16_384

  private func index(of address: UInt64) -> Int {
    var low = 0
    var high = regions.count
    while low < high {
      let middle = (low + high) / 2
      if regions[middle].range.upperBound <= address { low = middle + 1 } else { high = middle }
    }
    return low
  }

  /// The regions that overlap a range, cut to it.
  func overlapping(_ range: Range<UInt64>) -> [Region] {
    var found: [Region] = []
    for region in regions[index(of: range.lowerBound)...] {
      guard region.range.lowerBound < range.upperBound else { break }
      found.append(Region(range: region.range.clamped(to: range), protection: region.protection))
    }
    return found
  }

  func covers(_ range: Range<UInt64>) -> Bool {
    var next = range.lowerBound
    for region in overlapping(range) {
      guard region.range.lowerBound == next else { return false }
      next = region.range.upperBound
    }
    return next == range.upperBound
  }

  func isFree(_ range: Range<UInt64>) -> Bool {
    let index = index(of: range.lowerBound)
    return index == regions.count || regions[index].range.lowerBound >= range.upperBound
  }

  /// The lowest free range of `size` bytes within `bounds`.
  func gap(_ size: UInt64, in bounds: Range<UInt64>) -> Range<UInt64>? {
    var start = bounds.lowerBound
    for region in regions[index(of: start)...] {
      if region.range.lowerBound >= start, region.range.lowerBound - start >= size { break }
      start = max(start, region.range.upperBound)
    }
    guard start <= bounds.upperBound, bounds.upperBound - start >= size else { return nil }
    return start..<start + size
  }

  mutating func remove(_ range: Range<UInt64>) {
    let first = index(of: range.lowerBound)
    var last = first
    var kept: [Region] = []
    while last < regions.count, regions[last].range.lowerBound < range.upperBound {
      let region = regions[last]
      if region.range.lowerBound < range.lowerBound {
        kept.append(Region(range: region.range.lowerBound..<range.lowerBound, protection: region.protection))
      }
      if region.range.upperBound > range.upperBound {
        kept.append(Region(range: range.upperBound..<region.range.upperBound, protection: region.protection))
      }
      last += 1
    }
    regions.replaceSubrange(first..<last, with: kept)
  }

  /// Enters a range, in place of whatever was there.
  mutating func insert(_ range: Range<UInt64>, _ protection: PageProtection?) {
    remove(range)
    var index = index(of: range.lowerBound)
    var merged = range
    if index > 0, regions[index - 1].range.upperBound == range.lowerBound, regions[index - 1].protection == protection {
      merged = regions[index - 1].range.lowerBound..<merged.upperBound
      index -= 1
      regions.remove(at: index)
    }
    if index < regions.count, regions[index].range.lowerBound == range.upperBound,
      regions[index].protection == protection
    {
      merged = merged.lowerBound..<regions[index].range.upperBound
      regions.remove(at: index)
    }
    regions.insert(Region(range: merged, protection: protection), at: index)
  }
}
