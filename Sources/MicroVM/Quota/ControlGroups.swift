import Glibc

/// Where this process may make control groups with the cpu controller.
public struct ControlGroups: Equatable, Sendable {
  public enum Version: Int, Equatable, Sendable {
    case one = 1
    case two = 2
  }

  public let version: Version
  /// The directory of this process's own group, below which new ones are made.
  public let base: String

  /// Finds the hierarchy, as `proc` (a directory such as /proc/self) tells.
  public static func find(proc: String = "/proc/self") throws(QuotaFault) -> ControlGroups {
    let mounts = try ControlFile.read(proc + "/mountinfo").split(separator: "\n").compactMap(Mount.init)
    let groups = try ControlFile.read(proc + "/cgroup").split(separator: "\n")
    // `1:cpu,cpuacct:/path` in version 1, `0::/path` in version 2.
    func path(where matches: (Substring) -> Bool) -> Substring? {
      for line in groups {
        let fields = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
        if fields.count == 3, matches(fields[1]) { return fields[2] }
      }
      return nil
    }
    if let mount = mounts.first(where: { $0.type == "cgroup" && $0.options.contains("cpu") }),
      let path = path(where: { $0.split(separator: ",").contains("cpu") })
    {
      return ControlGroups(version: .one, base: mount.directory(of: path))
    }
    if let mount = mounts.first(where: { $0.type == "cgroup2" }), let path = path(where: \.isEmpty) {
      let base = mount.directory(of: path)
      let controllers = try ControlFile.read(base + "/cgroup.controllers").split(whereSeparator: \.isWhitespace)
      guard controllers.contains("cpu") else {
        throw .noController(reason: "\(base)/cgroup.controllers does not name cpu")
      }
      return ControlGroups(version: .two, base: base)
    }
    throw .noController(reason: "neither cgroup v1's cpu controller nor cgroup v2 is mounted")
  }

  /// One line of mountinfo that is a cgroup hierarchy (man 5 proc_pid_mountinfo).
  private struct Mount {
    /// The part of the hierarchy that is mounted.
    var root: Substring
    var point: Substring
    var type: Substring
    var options: [Substring]

    init?(_ line: Substring) {
      let fields = line.split(separator: " ")
      guard let dash = fields.firstIndex(of: "-"), dash >= 5, fields.count > dash + 3 else { return nil }
      root = fields[3]
      point = fields[4]
      type = fields[dash + 1]
      options = fields[dash + 3].split(separator: ",")
    }

    /// In a container the mount may show only a part of the hierarchy, at whose top the process then is.
    func directory(of path: Substring) -> String {
      var rest = path
      if root != "/", rest.hasPrefix(root) { rest = rest.dropFirst(root.count) }
      while rest.hasSuffix("/") { rest = rest.dropLast() }
      let directory = point + rest
      var status = stat()
      return stat(String(directory), &status) == 0 ? String(directory) : String(point)
    }
  }
}

/// The kernel's control files: short texts, each read or written by one call.
enum ControlFile {
  static func read(_ path: String) throws(QuotaFault) -> String {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw .refused(path: path, code: errno) }
    defer { close(descriptor) }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 16 << 10)
    while true {
      let count = Glibc.read(descriptor, &chunk, chunk.count)
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw .refused(path: path, code: errno) }
      if count == 0 { return String(decoding: bytes, as: UTF8.self) }
      bytes.append(contentsOf: chunk[..<count])
    }
  }

  static func write(_ text: String, to path: String) throws(QuotaFault) {
    let descriptor = open(path, O_WRONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw .refused(path: path, code: errno) }
    defer { close(descriptor) }
    let bytes = Array(text.utf8)
    guard Glibc.write(descriptor, bytes, bytes.count) == bytes.count else { throw .refused(path: path, code: errno) }
  }

  /// The number behind a name in a file of `name number` lines; nil where the name is missing.
  static func number(_ name: String, in text: String) -> Int64? {
    for line in text.split(separator: "\n") {
      let fields = line.split(separator: " ")
      if fields.count == 2, fields[0] == name { return Int64(fields[1]) }
    }
    return nil
  }
}
