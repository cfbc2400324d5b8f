import Foundation
import MicroVM
import Units

/// Unmodified programs: the time from nothing to ready (or to the end), against the study's (ms, medians of its host).
enum Programs {
  /// A machine's way to what is timed, and the sample of its call if that is a part of it. The machine is kept until after:
  /// destroying is no part.
  private typealias Work = (MachineConfiguration) throws -> (machine: Machine, call: PhaseSample?)

  static func run(_ board: inout Scoreboard) throws {
    let hello = try GuestImage.load(Guest.staticC("Guests/Probes/hello.c"))
    try report(&board, "static glibc hello, create → exit, ms", 200, .create) {
      let machine = try Machine.create(hello, $0)
      _ = try machine.runToEnd()
      return (machine, nil)
    }
    let swift = try GuestImage.load(Guest.staticSwift("Guests/Probes/echo.swift"))
    try report(&board, "static Swift, create → first result, ms", 60, .create) {
      let machine = try Machine.create(swift, $0)
      try machine.boot()
      return (machine, try machine.invoke(Array("hello".utf8)).sample)
    }
    let foundation = try GuestImage.load(Guest.staticSwift("Guests/Probes/json.swift"))
    try report(&board, "Swift with Foundation, create → ready, ms", 40, .create, ready(foundation))
    let handler = Guest.directory.appending(path: "hash.py")
    try """
    import hashlib, json
    def handler(event, context):
        return hashlib.sha256(json.dumps(event).encode()).hexdigest()
    """.write(to: handler, atomically: true, encoding: .utf8)
    let python = try GuestImage.load(handler.path)
    try report(&board, "CPython, json + hashlib, create → ready, ms", 25, .create, ready(python))
    try restores(&board, "static Swift", swift, "hello")
    try restores(&board, "Swift with Foundation", foundation, #"{"name":"a","values":[1,2,3]}"#)
    try restores(&board, "CPython", python, #"{"a":1}"#)
  }

  private static func ready(_ image: GuestImage) -> Work {
    { configuration in
      let machine = try Machine.create(image, configuration)
      try machine.boot()
      return (machine, nil)
    }
  }

  private static func restores(
    _ board: inout Scoreboard, _ name: String, _ image: GuestImage, _ request: String
  ) throws {
    let original = try Machine.create(image, configuration(.none))
    try original.boot()
    let snapshot = try original.snapshot()
    let recorder = try Machine.restore(from: snapshot)
    _ = try recorder.invoke(Array(request.utf8))
    let set = try recorder.workingSet()
    for (how, method) in [("lazy", RestoreMethod.lazyPrivate), ("copied", .copy), ("working set", .workingSet(set))] {
      try report(&board, "\(name), restore (\(how)) → first result, ms", 30, .restore) {
        let machine = try Machine.restore(from: snapshot, method, counters: $0.counters)
        return (machine, try machine.invoke(Array(request.utf8)).sample)
      }
    }
  }

  private static func configuration(_ counters: Counters) -> MachineConfiguration {
    MachineConfiguration(memory: 128 << 20, counters: counters)
  }

  private static func report(
    _ board: inout Scoreboard, _ name: String, _ rounds: Int, _ start: HostSpeed.Start, _ work: Work
  ) throws {
    let counted = try work(configuration(.all))
    let samples = counted.machine.samples + (counted.call.map { [$0] } ?? [])
    let exits = samples.reduce(0) { $0 + Double($1.exits) }
    let pageFaults = samples.reduce(0) { $0 + Double($1.guestPageFaults ?? 0) }
    let (moments, noise) = try HostSpeed.alternating(rounds) {
      let begin = now()
      let made = try work(configuration(.none))
      let time = Double(now() - begin) / 1000
      withExtendedLifetime(made.machine) {}
      return time
    }
    let excess = HostSpeed.excess(of: moments, start, exits: exits, pageFaults: pageFaults)
    board.add(
      name, noisy(noise), figure: median(moments.map(\.time)) / 1000, places: 2, excess: excess / 1000)
  }
}
