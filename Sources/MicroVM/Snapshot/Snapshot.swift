import CKVM
import Glibc

/// A machine's state at a moment when it waited for a request, from which any number of machines can be restored.
///
/// It stays as it was taken: restored machines write to copies of its pages. Processor state is for hosts of the same
/// kind only, and a snapshot lives no longer than its process.
public final class Snapshot: Sendable {
  /// The guest's memory up to the last frame in use; frames that hold only zeros are holes.
  let content: Descriptor
  /// Bytes of `content`.
  let contentSize: Int
  /// Runs of frames that hold something.
  let filled: [Range<Int>]
  let frames: FrameAllocator
  let state: ProcessorState
  let mailbox: Machine.Mailbox
  let process: LinuxProcess?
  let stackGuard: Range<UInt64>
  let configuration: MachineConfiguration

  /// Bytes that the snapshot holds.
  public var size: Int { filled.reduce(0) { $0 + $1.count } * Page.size }

  init(
    of memory: borrowing GuestMemory, state: ProcessorState, mailbox: Machine.Mailbox, process: LinuxProcess?,
    stackGuard: Range<UInt64>, configuration: MachineConfiguration
  ) throws(MachineFault) {
    let used = memory.usedFrames
    let filled = memory.filledFrames(in: used)
    let content = try Kernel.memoryFile("snapshot")
    try Kernel.resize(content, to: used.upperBound * Page.size)
    for run in filled {
      let bytes = UnsafeRawBufferPointer(start: memory.host(frame: run.lowerBound), count: run.count * Page.size)
      try Kernel.write(content, bytes, at: run.lowerBound * Page.size)
    }
    self.content = content
    contentSize = used.upperBound * Page.size
    self.filled = filled
    frames = memory.frames
    self.state = state
    self.mailbox = mailbox
    self.process = process
    self.stackGuard = stackGuard
    self.configuration = configuration
  }
}

/// How a snapshot's memory comes into a restored machine.
public enum RestoreMethod: Sendable {
  /// Pages are mapped when the guest first touches them, and copied when it first writes to them.
  case lazyPrivate
  /// All pages are copied at once, into huge pages where the host has them.
  case copy
  /// As `lazyPrivate`, with the pages that an earlier invocation touched brought in at once.
  case workingSet(WorkingSet)
}

/// The pages of a snapshot that a restored guest touched, recorded by `Machine.workingSet()`.
public struct WorkingSet: Equatable, Sendable {
  /// Runs of frames that were written to.
  var written: [Range<Int>]

  /// Bytes in it.
  public var size: Int { written.reduce(0) { $0 + $1.count } * Page.size }
}

/// What a virtual processor holds of a guest between two requests.
struct ProcessorState: Sendable {
  var general: kvm_regs
  var threadPointer: UInt64
  /// The XSAVE area: floating point and vector registers; nil when they are as after a reset.
  var extended: [UInt8]?
}
