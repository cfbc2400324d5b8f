import Foundation
import MicroVM
import Units

/// Unmodified programs: the time from nothing to ready (or to the end), against the study's (ms, medians of its host).
enum Programs {
  static func run() throws {
    let linux = try GuestImage.load(Guest.staticC("Guests/Probes/linux.c"))
    try report("static glibc hello, create → exit", rounds: 60, bound: 1.57) {
      var configuration = MachineConfiguration(memory: 32 << 20)
      configuration.arguments = ["hello"]
      return try timed { _ = try Machine.create(linux, configuration).runToEnd() }
    }
    let swift = try GuestImage.load(Guest.staticSwift("Guests/Probes/echo.swift"))
    try report("static Swift, create → first result", rounds: 60, bound: 5.45) { try first(swift, "hello") }
    let foundation = try GuestImage.load(Guest.staticSwift("Guests/Probes/json.swift"))
    let document = #"{"name":"a","values":[1,2,3]}"#
    try report("Swift with Foundation, create → ready", rounds: 40, bound: 16) { try ready(foundation) }
    let handler = Guest.directory.appending(path: "hash.py")
    try """
    import hashlib, json
    def handler(event, context):
        return hashlib.sha256(json.dumps(event).encode()).hexdigest()
    """.write(to: handler, atomically: true, encoding: .utf8)
    let python = try GuestImage.load(handler.path)
    try report("CPython, json + hashlib, create → ready", rounds: 25, bound: 85) { try ready(python) }
    try restores("static Swift", swift, "hello", bound: 1.43)
    try restores("Swift with Foundation", foundation, document, bound: 2.84)
    try restores("CPython", python, #"{"a":1}"#, bound: 4.66)
  }

  private static let configuration = MachineConfiguration(memory: 128 << 20)

  private static func timed(_ body: () throws -> Void) rethrows -> Double {
    let begin = now()
    try body()
    return Double(now() - begin) / 1e6
  }

  private static func ready(_ image: GuestImage) throws -> Double {
    // Kept until after the time is taken: destroying is no part of it.
    var machine: Machine?
    let time = try timed {
      let made = try Machine.create(image, configuration)
      try made.boot()
      machine = made
    }
    withExtendedLifetime(machine) {}
    return time
  }

  private static func first(_ image: GuestImage, _ request: String) throws -> Double {
    var machine: Machine?
    let time = try timed {
      let made = try Machine.create(image, configuration)
      try made.boot()
      _ = try made.invoke(Array(request.utf8))
      machine = made
    }
    withExtendedLifetime(machine) {}
    return time
  }

  private static func restores(_ name: String, _ image: GuestImage, _ request: String, bound: Double) throws {
    let original = try Machine.create(image, configuration)
    try original.boot()
    let snapshot = try original.snapshot()
    let recorder = try Machine.restore(from: snapshot)
    _ = try recorder.invoke(Array(request.utf8))
    let set = try recorder.workingSet()
    for (how, method) in [("lazy", RestoreMethod.lazyPrivate), ("copied", .copy), ("working set", .workingSet(set))] {
      let times = try (0..<30).map { _ in
        var machine: Machine?
        let time = try timed {
          let made = try Machine.restore(from: snapshot, method)
          _ = try made.invoke(Array(request.utf8))
          machine = made
        }
        withExtendedLifetime(machine) {}
        return time
      }
      let isBound = how == "lazy"
      line(
        "\(name), restore (\(how)) → first result", "\(median(times).shown(2)) ms", isBound ? "\(bound) ms" : "-",
        holds: !isBound || median(times) <= bound)
    }
  }

  private static func report(_ name: String, rounds: Int, bound: Double, _ body: () throws -> Double) throws {
    let times = try (0..<rounds).map { _ in try body() }
    line(name, "\(median(times).shown(2)) ms", "\(bound) ms", holds: median(times) <= bound)
  }
}
