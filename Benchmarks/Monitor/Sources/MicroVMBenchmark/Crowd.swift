import Foundation
import MicroVM

/// Many machines: how fast they come, from one process and from several, and what each costs while alive.
enum Crowd {
  private static let configuration = MachineConfiguration(memory: 16 << 20, stack: 64 << 10)

  private static func one(_ image: GuestImage) throws -> Machine {
    let machine = try Machine.create(image, configuration)
    try machine.boot()
    _ = try machine.invoke([UInt8(ascii: "c")])
    return machine
  }

  /// A process of a crowd: `rate PROGRAM SECONDS` counts machines, `alive PROGRAM COUNT` keeps them.
  static func work(_ arguments: [String]) throws {
    let image = try GuestImage.load(arguments[1])
    let amount = Double(arguments[2]) ?? 1
    if arguments[0] == "rate" {
      let end = now() + Int64(amount * 1e9)
      var count = 0
      while now() < end {
        _ = try one(image)
        count += 1
      }
      print(count)
      return
    }
    let machines = try (0..<Int(amount)).map { _ in try one(image) }
    print("ready")
    fflush(nil)
    _ = readLine()
    for machine in machines { _ = try machine.invoke([UInt8(ascii: "c")]) }
    print("answered \(machines.count)")
  }

  private struct Worker {
    let process = Process()
    let output = Pipe()
    let input = Pipe()

    init(_ arguments: [String]) throws {
      process.executableURL = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
      process.arguments = ["worker"] + arguments
      process.standardOutput = output
      process.standardInput = input
      try process.run()
    }

    func word() -> String {
      String(decoding: output.fileHandleForReading.availableData, as: UTF8.self).trimmingCharacters(in: .newlines)
    }
  }

  static func rates(_ board: inout Scoreboard) throws {
    let path = try Guest.freestanding("Guests/Probes/probe.c")
    let seconds = 3.0
    for (processes, word) in [(1, "process"), (8, "processes")] {
      // The best of three: what the host can while its other guests leave it alone.
      let rates = try (0..<3).map { _ in
        let workers = try (0..<processes).map { _ in try Worker(["rate", path, "\(seconds)"]) }
        let count = workers.reduce(0.0) { $0 + (Double($1.word()) ?? 0) }
        for worker in workers { worker.process.waitUntilExit() }
        return count / seconds
      }
      board.add("machines/s from \(processes) \(word)", "the best of three", figure: rates.max() ?? 0, places: 0)
    }
  }

  static func alive(_ board: inout Scoreboard) throws {
    let path = try Guest.freestanding("Guests/Probes/probe.c")
    let (processes, each) = (8, 250)
    let before = try availableKilobytes()
    let workers = try (0..<processes).map { _ in try Worker(["alive", path, "\(each)"]) }
    let ready = workers.filter { $0.word() == "ready" }.count
    let used = Double(before - (try availableKilobytes())) / 1024 / Double(processes * each)
    for worker in workers { try worker.input.fileHandleForWriting.write(contentsOf: Data("\n".utf8)) }
    let answered = workers.filter { $0.word() == "answered \(each)" }.count
    for worker in workers { worker.process.waitUntilExit() }
    // Whoever did not answer is counted as using no end of memory.
    board.add(
      "\(processes * each) alive, MiB each", "\(ready * each) ready, \(answered * each) answer again",
      figure: answered == processes ? used : .infinity)
  }

  /// What the host has left: processes, the kernel's structures and KVM's tables are all missing from it.
  private static func availableKilobytes() throws -> Int {
    let text = try String(contentsOfFile: "/proc/meminfo", encoding: .utf8)
    let line = text.split(separator: "\n").first { $0.hasPrefix("MemAvailable") } ?? ""
    return line.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
  }
}
