import Foundation

/// What the monitor promises, measured: against a monitor in C in alternating pairs, against the times of the study that
/// it was built from, and against native code. Exit status 1 when a figure misses its threshold.
///
///     MicroVMBenchmark [race] [programs] [kernels] [quota] [rate] [alive]     all when none is named
@main
struct MicroVMBenchmark {
  static func main() throws {
    let wanted = CommandLine.arguments.dropFirst()
    if wanted.first == "worker" { return try Crowd.work(Array(wanted.dropFirst())) }
    let parts: [(name: String, run: (inout Scoreboard) throws -> Void)] = [
      ("race", Race.run), ("programs", Programs.run), ("kernels", Kernels.run), ("quota", QuotaSweep.run),
      ("rate", Crowd.rates), ("alive", Crowd.alive),
    ]
    if let unknown = wanted.first(where: { name in !parts.contains { $0.name == name } }) {
      FileHandle.standardError.write(
        Data("unknown part \(unknown); there are \(parts.map(\.name).joined(separator: ", "))\n".utf8))
      exit(64)
    }
    guard access("/dev/kvm", R_OK | W_OK) == 0 else {
      FileHandle.standardError.write(Data("no /dev/kvm here, readable and writable: nothing to measure\n".utf8))
      exit(69)
    }
    var board = try Scoreboard()
    for part in parts where wanted.isEmpty || wanted.contains(part.name) { try part.run(&board) }
    exit(board.isGood ? 0 : 1)
  }
}

func median(_ values: [Double]) -> Double {
  let sorted = values.sorted()
  return sorted.isEmpty ? .nan : sorted[sorted.count / 2]
}

extension Double {
  func shown(_ places: Int = 1) -> String { String(format: "%.\(places)f", self) }
}

/// The guests of the tests, built for measuring.
enum Guest {
  static let package = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
  static let directory: URL = {
    let place = package.appending(path: ".build/guests-benchmark")
    try? FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
    return place
  }()

  static func freestanding(_ source: String) throws -> String {
    try build(
      source,
      [
        "clang", "--target=x86_64-unknown-none-elf", "-O2", "-fno-builtin", "-ffreestanding", "-nostdlib", "-static",
        "-fno-pic", "-mno-red-zone", "-fuse-ld=lld", "-Wl,--image-base=0x100000", "-Wl,--no-pie",
        "-Wl,-z,separate-code", "-Wl,--build-id=none",
      ])
  }

  static func staticC(_ source: String) throws -> String { try build(source, ["cc", "-static", "-O2", "-w"]) }

  static func staticSwift(_ source: String) throws -> String {
    try build(source, ["swiftc", "-O", "-parse-as-library", "-static-executable"])
  }

  private static func build(_ source: String, _ command: [String]) throws -> String {
    let input = package.appending(path: source).path
    let output = directory.appending(path: URL(filePath: source).lastPathComponent + ".guest").path
    let manager = FileManager.default
    // Built once, and again when the source is newer.
    if let built = try? manager.attributesOfItem(atPath: output)[.modificationDate] as? Date,
      let written = try? manager.attributesOfItem(atPath: input)[.modificationDate] as? Date, built > written
    {
      return output
    }
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = command + [input, "-o", output]
    process.standardError = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else {
      throw CocoaError(.executableLoad, userInfo: [NSLocalizedDescriptionKey: "\(source) does not build"])
    }
    return output
  }
}
