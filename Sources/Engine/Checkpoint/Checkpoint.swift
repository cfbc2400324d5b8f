public import Diagnostics
import Statistics
import Workloads

/// A replay that was stopped between two slices of time, whole enough to go on to the same answer, bit for bit.
///
/// It holds what the functions' replays keep, not the invocations: on going on, the workload is read or drawn again up
/// to where the replay stood, which takes a part of the time that the replay took, and each function's invocations are
/// counted against those that had been replayed.
///
///     magic | producer | simulation | state | checksum
public struct Checkpoint: Sendable {
  /// What a file of it holds.
  public let bytes: [UInt8]

  private static let magic: UInt64 = StableHash.of("faascast.checkpoint/1")
  private static let headBytes = 3 * MemoryLayout<UInt64>.size
  private static let checksumBytes = MemoryLayout<UInt64>.size

  init(_ state: ReplayState, of simulation: Simulation, producer: UInt64) {
    var writer = StateWriter()
    writer.write(Self.magic)
    writer.write(producer)
    writer.write(simulation.fingerprint)
    state.save(to: &writer)
    bytes = writer.bytes + withUnsafeBytes(of: Self.checksum(writer.bytes[...])) { Array($0) }
  }

  /// A checkpoint as a file holds it.
  ///
  /// - Parameter producer: tells the build of the program, whose checkpoints others can't read.
  /// - Throws: when the bytes are no checkpoint, damaged, or another program's.
  public init(bytes: [UInt8], file: String, producer: UInt64) throws(InputFault) {
    let place = InputFault.Place(file: file)
    guard bytes.count >= Self.headBytes + Self.checksumBytes else {
      throw InputFault(
        at: place, found: "\(bytes.count) bytes", expected: "a checkpoint, as `--checkpoint` writes it",
        advice: "begin anew without --resume")
    }
    var head = StateReader(Array(bytes.prefix(Self.headBytes)))
    var tail = StateReader(Array(bytes.suffix(Self.checksumBytes)))
    guard let magic = try? head.read(UInt64.self), magic == Self.magic else {
      throw InputFault(
        at: place, found: "another kind of file", expected: "a checkpoint, as `--checkpoint` writes it",
        advice: "begin anew without --resume")
    }
    guard let sum = try? tail.read(UInt64.self), sum == Self.checksum(bytes.dropLast(Self.checksumBytes)) else {
      throw InputFault(
        at: place, found: "a checkpoint whose checksum is wrong", expected: "a whole checkpoint",
        advice: "it was cut short or changed; begin anew without --resume")
    }
    guard let made = try? head.read(UInt64.self), made == producer else {
      throw InputFault(
        at: place, found: "a checkpoint of another build of the program", expected: "one of this build",
        advice: "go on with the program that wrote it, or begin anew without --resume")
    }
    self.bytes = bytes
  }

  /// The state, if it is of this simulation.
  func state(for simulation: Simulation) throws(InputFault) -> ReplayState {
    let place = InputFault.Place(file: "checkpoint")
    var reader = StateReader(Array(bytes.dropLast(Self.checksumBytes)))
    do {
      for _ in 0..<2 { _ = try reader.read(UInt64.self) }
      guard try reader.read(UInt64.self) == simulation.fingerprint else {
        throw InputFault(
          at: place, found: "a checkpoint of another simulation",
          expected: "one of the same scenario, seed and replication",
          advice: "undo what was changed in the scenario, or begin anew without --resume")
      }
      return try ReplayState(&reader)
    } catch let fault as InputFault {
      throw fault
    } catch {
      throw InputFault(
        at: place, found: "a state that ends early", expected: "a whole checkpoint",
        advice: "begin anew without --resume")
    }
  }

  private static func checksum(_ bytes: ArraySlice<UInt8>) -> UInt64 {
    bytes.withUnsafeBytes { StableHash.of($0) }
  }
}

extension Simulation {
  /// Tells simulations apart by all that changes their answers, but for the workload's invocations: those are counted
  /// when a replay goes on.
  var fingerprint: UInt64 {
    StableHash.of("\(String(reflecting: platform))|\(workload.title)|\(seed)|\(replication)")
  }
}
