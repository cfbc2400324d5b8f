import Glibc

extension LinuxProcess {
  /// The largest read or write that is served at once, as in Linux (MAX_RW_COUNT).
  private static let transferLimit: UInt64 = 0x7fff_f000
  private static let vectorLimit: UInt64 = 1024

  func isOpen(_ descriptor: UInt64) -> Bool { file(descriptor) != nil }

  private func file(_ descriptor: UInt64) -> OpenFile? {
    // The kernel looks at 32 bits; what does not fit a descriptor is no descriptor.
    open[Int(Int32(truncatingIfNeeded: descriptor))]
  }

  private mutating func add(_ file: OpenFile, atLeast lowest: Int = 0) -> Outcome {
    guard let free = (lowest..<max(lowest, Self.descriptorLimit)).first(where: { open[$0] == nil }) else {
      return .failure(EMFILE)
    }
    open[free] = file
    return .value(free)
  }

  /// A path that the guest named, or the errno for it.
  private func path(_ address: UInt64, _ memory: borrowing GuestMemory) -> Result<String, GuestErrno> {
    var bytes: [UInt8] = []
    var address = address
    while bytes.count < GuestFiles.pathLimit {
      // Up to the end of the page: what follows may not be the guest's.
      let count = Page.size - Int(address % UInt64(Page.size))
      guard let part = memory.bytes(address, count) else { return .failure(GuestErrno(EFAULT)) }
      if let end = part.firstIndex(of: 0) {
        bytes += part[..<end]
        guard bytes.count < GuestFiles.pathLimit else { break }
        return bytes.isEmpty ? .failure(GuestErrno(ENOENT)) : .success(String(decoding: bytes, as: UTF8.self))
      }
      bytes += part
      address += UInt64(count)
    }
    return .failure(GuestErrno(ENAMETOOLONG))
  }

  // MARK: reading

  mutating func read(
    _ descriptor: UInt64, into address: UInt64, _ count: UInt64, at offset: UInt64? = nil, _ memory: inout GuestMemory
  ) throws(MachineFault) -> Outcome {
    if descriptor == Self.requestDescriptor {
      return .request(Machine.Mailbox(address: address, size: count))
    }
    guard let file = file(descriptor) else { return .failure(EBADF) }
    if let offset, offset > UInt64(Int64.max) { return .failure(EINVAL) }
    let count = Int(min(count, Self.transferLimit))
    let position: Int
    switch file {
    case .stream: return .value(0)
    case .directory: return .failure(EISDIR)
    case .held(_, let place), .host(_, let place): position = offset.map(Int.init) ?? place
    }
    guard let available = remaining(file, from: position) else { return .failure(EISDIR) }
    // No more than there is: a guest may offer room for more than its own memory holds.
    guard let pieces = memory.pieces(address, min(count, available), writing: true) else { return .failure(EFAULT) }
    var done = 0
    for piece in pieces {
      let got: Int
      do throws(MachineFault) {
        got = try Self.read(file, at: position + done, into: piece)
      } catch {
        return .failure(GuestErrno(error).code)
      }
      done += got
      if got < piece.count { break }
    }
    if offset == nil { setPosition(descriptor, position + done) }
    return .value(done)
  }

  private func remaining(_ file: OpenFile, from position: Int) -> Int? {
    switch file {
    case .held(let bytes, _): max(0, bytes.count - position)
    case .host(let file, _): max(0, Int(file.status.st_size) - position)
    case .stream, .directory: nil
    }
  }

  private static func read(
    _ file: OpenFile, at position: Int, into piece: UnsafeMutableRawBufferPointer
  ) throws(MachineFault) -> Int {
    switch file {
    case .held(let bytes, _):
      let part = bytes[position..<min(bytes.count, position + piece.count)]
      part.withUnsafeBytes { piece.copyMemory(from: $0) }
      return part.count
    case .host(let file, _): return try file.read(into: piece, at: position)
    case .stream, .directory: return 0
    }
  }

  private mutating func setPosition(_ descriptor: UInt64, _ position: Int) {
    let number = Int(Int32(truncatingIfNeeded: descriptor))
    switch open[number] {
    case .held(let bytes, _): open[number] = .held(bytes, position: position)
    case .host(let file, _): open[number] = .host(file, position: position)
    default: break
    }
  }

  mutating func readVector(
    _ descriptor: UInt64, _ vector: UInt64, _ count: UInt64, _ memory: inout GuestMemory
  ) throws(MachineFault) -> Outcome {
    guard let parts = vectorParts(vector, count, memory) else { return .failure(count > 1024 ? EINVAL : EFAULT) }
    if descriptor == Self.requestDescriptor {
      guard let only = parts.first, parts.count == 1 else { return .failure(EINVAL) }
      return .request(Machine.Mailbox(address: only.address, size: only.count))
    }
    var total = 0
    for part in parts where part.count > 0 {
      guard case .value(let got) = try read(descriptor, into: part.address, part.count, &memory) else {
        return total > 0 ? .value(total) : .failure(EBADF)
      }
      total += got
      if got < part.count { break }
    }
    return .value(total)
  }

  private func vectorParts(
    _ address: UInt64, _ count: UInt64, _ memory: borrowing GuestMemory
  ) -> [(address: UInt64, count: UInt64)]? {
    guard count <= Self.vectorLimit, let bytes = memory.bytes(address, Int(count) * 16) else { return nil }
    return bytes.withUnsafeBytes { raw in
      (0..<Int(count)).map { index in
        (
          raw.loadUnaligned(fromByteOffset: index * 16, as: UInt64.self),
          raw.loadUnaligned(fromByteOffset: index * 16 + 8, as: UInt64.self)
        )
      }
    }
  }

  // MARK: writing

  mutating func write(
    _ descriptor: UInt64, from address: UInt64, _ count: UInt64, _ memory: inout GuestMemory
  ) -> Outcome {
    if descriptor == Self.resultDescriptor { return .result(address: address, size: count) }
    guard let file = file(descriptor) else { return .failure(EBADF) }
    guard case .stream = file else { return .failure(EBADF) }
    // What does not fit the kept output need not be looked at beyond its address.
    let looked = Int(min(count, UInt64(Self.outputLimit)))
    guard let bytes = memory.bytes(address, looked) else { return .failure(EFAULT) }
    keepOutput(bytes)
    return .value(Int(min(count, Self.transferLimit)))
  }

  mutating func writeVector(
    _ descriptor: UInt64, _ vector: UInt64, _ count: UInt64, _ memory: inout GuestMemory
  ) -> Outcome {
    guard let parts = vectorParts(vector, count, memory) else { return .failure(count > 1024 ? EINVAL : EFAULT) }
    if descriptor == Self.resultDescriptor {
      // A result in several pieces would need copying; nobody writes results so.
      guard let only = parts.first, parts.count == 1 else { return .failure(EINVAL) }
      return .result(address: only.address, size: only.count)
    }
    var total = 0
    for part in parts where part.count > 0 {
      guard case .value(let put) = write(descriptor, from: part.address, part.count, &memory) else {
        return total > 0 ? .value(total) : .failure(EBADF)
      }
      total = Int(min(UInt64(total + put), Self.transferLimit))
    }
    return .value(total)
  }

  // MARK: opening

  mutating func openFile(
    _ address: UInt64, flags: UInt64, at directory: UInt64 = Self.currentDirectory, _ memory: inout GuestMemory
  ) -> Outcome {
    // O_WRONLY, O_RDWR, O_CREAT, O_TRUNC: there is nothing to write to.
    let writes = flags & 0o1103 != 0
    switch resolve(address, at: directory, memory).flatMap({ files.look($0) }) {
    case .failure(let error): return .failure(writes && error.code == ENOENT ? EROFS : error.code)
    case .success(.held(let bytes)): return writes ? .failure(EROFS) : add(.held(bytes, position: 0))
    case .success(.host(let file)):
      if writes { return .failure(EROFS) }
      guard file.isDirectory else {
        return flags & Self.directoryOnly == 0 ? add(.host(file, position: 0)) : .failure(ENOTDIR)
      }
      do throws(MachineFault) {
        return add(.directory(file, entries: try file.entries(), position: 0))
      } catch {
        return .failure(GuestErrno(error).code)
      }
    }
  }

  /// AT_FDCWD.
  static let currentDirectory = UInt64(bitPattern: -100)
  private static let directoryOnly: UInt64 = 0o200000

  /// A path as the guest means it: from the root, or from a directory that it has open.
  private func resolve(
    _ address: UInt64, at directory: UInt64, _ memory: borrowing GuestMemory
  ) -> Result<String, GuestErrno> {
    path(address, memory).flatMap { path in
      if path.hasPrefix("/") || Int32(truncatingIfNeeded: directory) == -100 { return .success(path) }
      guard case .directory(let file, _, _) = file(directory) else { return .failure(GuestErrno(EBADF)) }
      return .success(file.path + "/" + path)
    }
  }

  mutating func close(_ descriptor: UInt64) -> Outcome {
    open.removeValue(forKey: Int(Int32(truncatingIfNeeded: descriptor))) == nil ? .failure(EBADF) : .value(0)
  }

  mutating func duplicate(_ descriptor: UInt64, atLeast lowest: Int) -> Outcome {
    guard let file = file(descriptor) else { return .failure(EBADF) }
    return add(file, atLeast: lowest)
  }

  mutating func duplicate(_ descriptor: UInt64, to target: UInt64) -> Outcome {
    guard let file = file(descriptor), target < UInt64(Self.descriptorLimit) else { return .failure(EBADF) }
    open[Int(target)] = file
    return .value(Int(target))
  }

  /// fcntl: F_DUPFD, F_GETFD, F_SETFD, F_GETFL, F_SETFL, F_DUPFD_CLOEXEC.
  mutating func control(_ descriptor: UInt64, _ command: UInt64, _ argument: UInt64) -> Outcome {
    guard let file = file(descriptor) else { return .failure(EBADF) }
    switch command {
    case 0, 1030:
      return argument < UInt64(Self.descriptorLimit) ? duplicate(descriptor, atLeast: Int(argument)) : .failure(EINVAL)
    case 1, 2, 4: return .value(0)
    case 3:
      if case .stream = file { return .value(Int(O_RDWR)) }
      return .value(Int(O_RDONLY))
    default: return .failure(EINVAL)
    }
  }

  mutating func seek(_ descriptor: UInt64, _ offset: Int64, from origin: UInt64) -> Outcome {
    guard let file = file(descriptor) else { return .failure(EBADF) }
    let (position, size): (Int, Int)
    switch file {
    case .stream: return .failure(ESPIPE)
    case .held(let bytes, let place): (position, size) = (place, bytes.count)
    case .host(let file, let place): (position, size) = (place, Int(file.status.st_size))
    case .directory(let directory, let entries, _):
      guard offset == 0, origin == 0 else { return .failure(EINVAL) }
      open[Int(descriptor)] = .directory(directory, entries: entries, position: 0)
      return .value(0)
    }
    let base: Int
    switch origin {
    case 0: base = 0
    case 1: base = position
    case 2: base = size
    default: return .failure(EINVAL)
    }
    let (target, overflow) = base.addingReportingOverflow(Int(offset))
    guard !overflow, target >= 0 else { return .failure(EINVAL) }
    setPosition(descriptor, target)
    return .value(target)
  }

  // MARK: what is there

  func status(of descriptor: UInt64, into target: UInt64, _ memory: inout GuestMemory) -> Outcome {
    guard let file = file(descriptor) else { return .failure(EBADF) }
    return put(Self.status(of: file), at: target, &memory)
  }

  func status(
    at directory: UInt64 = Self.currentDirectory, path address: UInt64, into target: UInt64, flags: UInt64 = 0,
    _ memory: inout GuestMemory
  ) -> Outcome {
    // AT_EMPTY_PATH asks about the descriptor itself.
    if flags & 0x1000 != 0, memory.bytes(address, 1) == [0] { return status(of: directory, into: target, &memory) }
    switch resolve(address, at: directory, memory).flatMap({ files.look($0) }) {
    case .failure(let error): return .failure(error.code)
    case .success(.held(let bytes)): return put(Self.status(of: .held(bytes, position: 0)), at: target, &memory)
    case .success(.host(let file)): return put(file.status, at: target, &memory)
    }
  }

  private static func status(of file: OpenFile) -> stat {
    var status = stat()
    status.st_nlink = 1
    status.st_blksize = 4096
    switch file {
    case .stream: status.st_mode = S_IFCHR | 0o620
    case .held(let bytes, _):
      status.st_mode = S_IFREG | 0o444
      status.st_size = bytes.count
    case .host(let file, _), .directory(let file, _, _): status = file.status
    }
    return status
  }

  func access(_ address: UInt64, mode: UInt64, _ memory: inout GuestMemory) -> Outcome {
    switch path(address, memory).flatMap({ files.look($0) }) {
    case .failure(let error): .failure(error.code)
    case .success: mode & 2 != 0 ? .failure(EROFS) : .value(0)
    }
  }

  func readLink(
    _ address: UInt64, into target: UInt64, _ size: UInt64, _ memory: inout GuestMemory
  ) -> Outcome {
    switch path(address, memory) {
    case .failure(let error): return .failure(error.code)
    case .success("/proc/self/exe"):
      let bytes = files.program.utf8.prefix(Int(min(size, UInt64(GuestFiles.pathLimit))))
      return putBytes(Array(bytes), at: target, &memory) ? .value(bytes.count) : .failure(EFAULT)
    case .success(let path):
      // Links are followed when files are opened; none is shown.
      if case .failure(let error) = files.look(path) { return .failure(error.code) }
      return .failure(EINVAL)
    }
  }

  func workingDirectory(into target: UInt64, _ size: UInt64, _ memory: inout GuestMemory) -> Outcome {
    guard size >= 2 else { return .failure(ERANGE) }
    return putBytes([UInt8(ascii: "/"), 0], at: target, &memory) ? .value(2) : .failure(EFAULT)
  }

  mutating func directoryEntries(
    _ descriptor: UInt64, into target: UInt64, _ size: UInt64, _ memory: inout GuestMemory
  ) -> Outcome {
    guard let file = file(descriptor) else { return .failure(EBADF) }
    guard case .directory(let directory, let entries, let position) = file else { return .failure(ENOTDIR) }
    // Whole records only; a record's length is at its byte 16.
    var end = position
    while end + 18 <= entries.count {
      let length = Int(entries[end + 16]) | Int(entries[end + 17]) << 8
      guard length > 0, UInt64(end + length - position) <= size else { break }
      end += length
    }
    guard end > position || position == entries.count else { return .failure(EINVAL) }
    guard putBytes(Array(entries[position..<end]), at: target, &memory) else { return .failure(EFAULT) }
    open[Int(descriptor)] = .directory(directory, entries: entries, position: end)
    return .value(end - position)
  }

  // MARK: answers in the guest's memory

  func putBytes(_ bytes: [UInt8], at address: UInt64, _ memory: inout GuestMemory) -> Bool {
    bytes.withUnsafeBytes { memory.write($0, at: address) }
  }

  /// Writes a structure where the guest wants it.
  func put<Structure: BitwiseCopyable>(
    _ structure: Structure, at address: UInt64, _ memory: inout GuestMemory
  ) -> Outcome {
    let fits = withUnsafeBytes(of: structure) { memory.write($0, at: address) }
    return fits ? .value(0) : .failure(EFAULT)
  }

  func zeros(at address: UInt64, _ count: Int, _ memory: inout GuestMemory) -> Outcome {
    putBytes([UInt8](repeating: 0, count: count), at: address, &memory) ? .value(0) : .failure(EFAULT)
  }
}
