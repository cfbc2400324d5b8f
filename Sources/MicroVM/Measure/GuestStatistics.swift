import CKVM

/// What KVM has counted of a guest since its processor was made (Documentation/virt/kvm/api.rst, KVM_GET_STATS_FD).
struct GuestCounts: Equatable {
  /// Page faults that KVM served: pages that the guest touched and its tables did not lead to yet.
  var pageFaults: UInt64
  /// Instructions that KVM carried out itself, because the processor could not in a guest.
  var emulatedInstructions: UInt64
}

/// A virtual processor's statistics, which KVM keeps in any case and shows through a file.
struct GuestStatistics: ~Copyable {
  private let file: Descriptor
  private let layout: Layout

  /// Where in the file the counts are: the same for every processor of a host.
  struct Layout: Equatable {
    var pageFaults: Int
    var emulatedInstructions: Int
    /// From the first count to the end of the last.
    var range: Range<Int> {
      min(pageFaults, emulatedInstructions)..<max(pageFaults, emulatedInstructions) + MemoryLayout<UInt64>.size
    }
  }

  /// Nil on kernels that do not have it (Linux before 5.14) or do not count these.
  static func of(_ processor: borrowing Descriptor, _ hypervisor: Hypervisor) throws(MachineFault) -> GuestStatistics? {
    guard try Kernel.has(KVM_CAP_BINARY_STATS_FD, hypervisor.device) else { return nil }
    let file = try Kernel.statistics(processor)
    guard let layout = try layout(file) else { return nil }
    return GuestStatistics(file: file, layout: layout)
  }

  private init(file: consuming Descriptor, layout: Layout) {
    self.file = file
    self.layout = layout
  }

  private static func layout(_ file: borrowing Descriptor) throws(MachineFault) -> Layout? {
    // kvm_stats_header: flags, bytes of a name, descriptors, and where names, descriptors and counts begin.
    let header = try Kernel.read(file, count: MemoryLayout<kvm_stats_header>.size)
    guard header.count == MemoryLayout<kvm_stats_header>.size else { return nil }
    let fields = header.withUnsafeBytes { $0.loadUnaligned(as: kvm_stats_header.self) }
    // kvm_stats_desc: 16 bytes, of which 8 to 12 are the place among the counts, and then the name.
    let size = 16 + Int(fields.name_size)
    let table = try Kernel.read(file, count: Int(fields.desc_offset) + size * Int(fields.num_desc))
    var places: [String: Int] = [:]
    for index in 0..<Int(fields.num_desc) {
      let start = Int(fields.desc_offset) + index * size
      guard start + size <= table.count else { return nil }
      let place = table.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: start + 8, as: UInt32.self) }
      let name = String(decoding: table[(start + 16)..<(start + size)].prefix { $0 != 0 }, as: UTF8.self)
      places[name] = Int(fields.data_offset) + Int(place)
    }
    guard let faults = places["pf_taken"], let emulated = places["insn_emulation"] else { return nil }
    return Layout(pageFaults: faults, emulatedInstructions: emulated)
  }

  func counts() throws(MachineFault) -> GuestCounts {
    let range = layout.range
    return try withUnsafeTemporaryAllocation(byteCount: range.count, alignment: 8) { buffer throws(MachineFault) in
      buffer.initializeMemory(as: UInt8.self, repeating: 0)
      _ = try Kernel.read(file, into: buffer, at: range.lowerBound)
      func count(_ place: Int) -> UInt64 {
        buffer.loadUnaligned(fromByteOffset: place - range.lowerBound, as: UInt64.self)
      }
      return GuestCounts(pageFaults: count(layout.pageFaults), emulatedInstructions: count(layout.emulatedInstructions))
    }
  }
}
