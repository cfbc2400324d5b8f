public import Diagnostics
import Glibc

/// A directory that files appear in whole: all are written beside it first and then take their places by rename.
public struct OutputDirectory {
  /// The directory's path as the user gave it.
  public let path: String
  private let directory: String

  public init(_ path: String) throws(InputFault) {
    var directory = path
    while directory.count > 1, directory.hasSuffix("/") { directory.removeLast() }
    guard !directory.isEmpty, !directory.utf8.contains(0) else {
      throw InputFault(.system, at: .init(file: path), found: "no path", expected: "a directory to write to")
    }
    self.path = path
    self.directory = directory
  }

  /// Writes `files`; those of the same names are replaced, others stay.
  ///
  /// A new directory appears with all files at once; in one that is there, each file is either the old one or the new.
  public func write(_ files: [(name: String, content: String)]) throws(InputFault) {
    try write(files.map { (name: $0.name, bytes: Array($0.content.utf8)) })
  }

  /// As `write(_:)`, for files that are no text.
  public func write(_ files: [(name: String, bytes: [UInt8])]) throws(InputFault) {
    try makeParents()
    let draft = try makeDraft()
    do {
      for file in files { try Self.write(file.bytes, to: draft + "/" + file.name, named: path + "/" + file.name) }
      try publish(draft, files.map(\.name))
    } catch {
      for file in files { unlink(draft + "/" + file.name) }
      rmdir(draft)
      throw error
    }
  }

  private func publish(_ draft: String, _ names: [String]) throws(InputFault) {
    // A directory that is there stays the same one: someone may stand in it, or have set its permissions.
    guard isDirectory(directory) else {
      guard rename(draft, directory) == 0 else { throw fault(path) }
      return
    }
    for name in names where rename(draft + "/" + name, directory + "/" + name) != 0 {
      throw fault(path + "/" + name)
    }
    rmdir(draft)
  }

  private func makeParents() throws(InputFault) {
    var end = directory.startIndex
    while let slash = directory[end...].firstIndex(of: "/") {
      let parent = String(directory[..<slash])
      end = directory.index(after: slash)
      if parent.isEmpty || isDirectory(parent) { continue }
      if mkdir(parent, 0o777) != 0, errno != EEXIST { throw fault(parent) }
    }
  }

  /// A new directory beside the one to write, so that both lie on one file system.
  private func makeDraft() throws(InputFault) -> String {
    let slash = directory.lastIndex(of: "/")
    let parent = slash.map { String(directory[...$0]) } ?? ""
    let name = slash.map { String(directory[directory.index(after: $0)...]) } ?? directory
    // `.` and `..` have no sibling; the draft then lies inside, which is the same file system as well.
    let stem = name == "." || name == ".." || name.isEmpty ? directory + "/.draft" : "\(parent).\(name.prefix(60))"
    for attempt in 0..<1000 {
      let draft = "\(stem).\(getpid()).\(attempt).part"
      if mkdir(draft, 0o777) == 0 { return draft }
      guard errno == EEXIST else { throw fault(path) }
    }
    throw fault(path)
  }

  private static func write(_ content: [UInt8], to file: String, named name: String) throws(InputFault) {
    let descriptor = open(file, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else { throw fault(name) }
    let isWritten = content.withUnsafeBytes { bytes in
      var left = bytes
      while !left.isEmpty {
        let count = Glibc.write(descriptor, left.baseAddress, left.count)
        if count < 0, errno == EINTR { continue }
        guard count > 0 else { return false }
        left = UnsafeRawBufferPointer(rebasing: left.dropFirst(count))
      }
      // A full disk may show only here.
      return fsync(descriptor) == 0 || errno == EINVAL
    }
    let failure = errno
    let isClosed = close(descriptor) == 0
    guard isWritten else {
      errno = failure
      throw fault(name)
    }
    guard isClosed else { throw fault(name) }
  }

  private func isDirectory(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
  }

  private func fault(_ place: String) -> InputFault { Self.fault(place) }

  /// The fault for something that cannot be written, from `errno`.
  private static func fault(_ place: String) -> InputFault {
    let advice =
      switch errno {
      case ENOSPC, EDQUOT: "free some space or choose another directory"
      case EACCES, EPERM, EROFS: "choose a directory that you may write to"
      case ENOTDIR, EEXIST: "a file is in the way; choose another path"
      default: String?.none
      }
    return InputFault(
      .system, at: .init(file: place), found: String(cString: strerror(errno)).lowercased(),
      expected: "a directory that can be written", advice: advice)
  }
}
