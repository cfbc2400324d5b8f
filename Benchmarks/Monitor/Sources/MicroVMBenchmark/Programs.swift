import Foundation
import MicroVM
import Units

/// Unmodified programs: the time from nothing to ready (or to the end), against the study's (ms, medians of its host).
enum Programs {
  static func run(_ board: inout Scoreboard) throws {
    let linux = try GuestImage.load(Guest.staticC("Guests/Probes/linux.c"))
    try report(&board, "static glibc hello, create → exit, ms", rounds: 60) {
      var configuration = MachineConfiguration(memory: 32 << 20)
      configuration.arguments = ["hello"]
      return try timed { made in
        let machine = try Machine.create(linux, configuration)
        made = machine
        _ = try machine.runToEnd()
      }
    }
    let swift = try GuestImage.load(Guest.staticSwift("Guests/Probes/echo.swift"))
    try report(&board, "static Swift, create → first result, ms", rounds: 60) { try first(swift, "hello") }
    let foundation = try GuestImage.load(Guest.staticSwift("Guests/Probes/json.swift"))
    let document = #"{"name":"a","values":[1,2,3]}"#
    try report(&board, "Swift with Foundation, create → ready, ms", rounds: 40) { try ready(foundation) }
    let handler = Guest.directory.appending(path: "hash.py")
    try """
    import hashlib, json
    def handler(event, context):
        return hashlib.sha256(json.dumps(event).encode()).hexdigest()
    """.write(to: handler, atomically: true, encoding: .utf8)
    let python = try GuestImage.load(handler.path)
    try report(&board, "CPython, json + hashlib, create → ready, ms", rounds: 25) { try ready(python) }
    try restores(&board, "static Swift", swift, "hello")
    try restores(&board, "Swift with Foundation", foundation, document)
    try restores(&board, "CPython", python, #"{"a":1}"#)
  }

  private static let configuration = MachineConfiguration(memory: 128 << 20)

  /// Milliseconds that `body` takes. The machine that it makes is kept until after: destroying is no part of it.
  private static func timed(_ body: (inout Machine?) throws -> Void) rethrows -> Double {
    var machine: Machine?
    let begin = now()
    try body(&machine)
    let time = Double(now() - begin) / 1e6
    withExtendedLifetime(machine) {}
    return time
  }

  private static func ready(_ image: GuestImage) throws -> Double {
    try timed { made in
      let machine = try Machine.create(image, configuration)
      made = machine
      try machine.boot()
    }
  }

  private static func first(_ image: GuestImage, _ request: String) throws -> Double {
    try timed { made in
      let machine = try Machine.create(image, configuration)
      made = machine
      try machine.boot()
      _ = try machine.invoke(Array(request.utf8))
    }
  }

  private static func restores(
    _ board: inout Scoreboard, _ name: String, _ image: GuestImage, _ request: String
  ) throws {
    let original = try Machine.create(image, configuration)
    try original.boot()
    let snapshot = try original.snapshot()
    let recorder = try Machine.restore(from: snapshot)
    _ = try recorder.invoke(Array(request.utf8))
    let set = try recorder.workingSet()
    for (how, method) in [("lazy", RestoreMethod.lazyPrivate), ("copied", .copy), ("working set", .workingSet(set))] {
      let times = try Noise.samples(30) {
        try timed { made in
          let machine = try Machine.restore(from: snapshot, method)
          made = machine
          _ = try machine.invoke(Array(request.utf8))
        }
      }
      board.add(
        "\(name), restore (\(how)) → first result, ms", noisy(times.noisy),
        figure: median(times.counted), places: 2)
    }
  }

  private static func report(
    _ board: inout Scoreboard, _ name: String, rounds: Int, _ body: () throws -> Double
  ) throws {
    let times = try Noise.samples(rounds, body)
    board.add(name, noisy(times.noisy), figure: median(times.counted), places: 2)
  }
}
