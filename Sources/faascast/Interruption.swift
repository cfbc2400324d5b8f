import Diagnostics
import Glibc
import MicroVM
import Synchronization

/// Ctrl-C: the first one asks the simulation to end with what there is, the second one ends the process.
enum Interruption {
  private static let requested = Atomic<Bool>(false)

  static var isRequested: Bool { requested.load(ordering: .relaxed) }

  /// - Parameter signals: SIGINT is Ctrl-C; the others mean the same where something must be cleared away at the end.
  static func listen(to signals: [Int32] = [SIGINT]) {
    _ = isRequested  // the flag is made now: a signal handler may do nothing but use it
    for number in signals {
      signal(number) { _ in
        guard Interruption.requested.exchange(true, ordering: .relaxed) else { return }
        QuotaGroup.removeBeforeExit()
        _exit(ExitStatus.interrupted.rawValue)
      }
    }
    // Whoever started the program from a thread that blocks signals has handed that on.
    var set = sigset_t()
    sigemptyset(&set)
    for number in signals { sigaddset(&set, number) }
    pthread_sigmask(SIG_UNBLOCK, &set, nil)
  }
}
