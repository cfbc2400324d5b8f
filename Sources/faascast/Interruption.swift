import Diagnostics
import Glibc
import Synchronization

/// Ctrl-C: the first one asks the simulation to end with what there is, the second one ends the process.
enum Interruption {
  private static let requested = Atomic<Bool>(false)

  static var isRequested: Bool { requested.load(ordering: .relaxed) }

  static func listen() {
    _ = isRequested  // the flag is made now: a signal handler may do nothing but use it
    signal(SIGINT) { _ in
      if Interruption.requested.exchange(true, ordering: .relaxed) { _exit(ExitStatus.interrupted.rawValue) }
    }
  }
}
