import ArgumentParser
import Diagnostics
import Documents
import Engine
import Foundation

/// Where a long run keeps its state, and what it goes on from.
struct CheckpointOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Keep the state of a long run in this file, every minute and at Ctrl-C.",
      discussion: "A run that comes to its end removes the file.", valueName: "file"), completion: .file())
  var checkpoint: String?

  @Option(
    help: ArgumentHelp("Go on from the state in this file; the answer is that of one run.", valueName: "file"),
    completion: .file())
  var resume: String?

  var isAsked: Bool { checkpoint != nil || resume != nil }

  private static let interval = Duration.seconds(60)

  func validate() throws {
    for (name, path) in [("--checkpoint", checkpoint), ("--resume", resume)] where path.map(Self.isNoFile) == true {
      throw ValidationError("\(name) must name a file")
    }
  }

  private static func isNoFile(_ path: String) -> Bool { path.isEmpty || path.hasSuffix("/") }

  /// What the options ask for; nil when they ask for nothing.
  func checkpointing() throws(InputFault) -> Checkpointing? {
    guard isAsked else { return nil }
    let producer = try Machine.programHash()
    var start: Checkpoint?
    if let resume { start = try Checkpoint(bytes: Self.contents(of: resume), file: resume, producer: producer) }
    guard let checkpoint else { return Checkpointing(producer: producer, start: start) }
    var last = ContinuousClock.now
    return Checkpointing(
      producer: producer, start: start, isDue: { ContinuousClock.now - last >= Self.interval },
      keep: { (state) throws(InputFault) in
        try Self.keep(state, in: checkpoint)
        last = ContinuousClock.now
      })
  }

  /// Says how to go on with a run that was stopped, or removes what one that came to its end no longer needs.
  func finish(isComplete: Bool) throws {
    guard let checkpoint else { return }
    if isComplete {
      unlink(checkpoint)
    } else if access(checkpoint, F_OK) == 0 {
      try StandardStream.error.write("faascast: the state is in \(checkpoint); go on with --resume \(checkpoint)\n")
    }
  }

  private static func keep(_ state: Checkpoint, in path: String) throws(InputFault) {
    let parent = (path as NSString).deletingLastPathComponent
    try OutputDirectory(parent.isEmpty ? "." : parent).write([
      (name: (path as NSString).lastPathComponent, bytes: state.bytes)
    ])
  }

  private static func contents(of path: String) throws(InputFault) -> [UInt8] {
    do {
      return Array(try Data(contentsOf: URL(fileURLWithPath: path)))
    } catch {
      throw InputFault(
        .system, at: .init(file: path), found: "no file that can be read", expected: "a checkpoint",
        advice: "name the file that --checkpoint wrote")
    }
  }
}
