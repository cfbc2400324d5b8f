import CKVM
import Glibc
import Synchronization

/// When a virtual processor has to be out of its guest, and how to get it out.
final class Deadline: Sendable {
  /// CLOCK_MONOTONIC nanoseconds; `.max` while nothing runs.
  let instant = Atomic<Int64>(.max)
  let thread = Atomic<Int32>(0)
  /// The address of the processor's run page.
  private let runPage: UInt

  init(runPage: UnsafeMutablePointer<kvm_run>) { self.runPage = UInt(bitPattern: runPage) }

  /// Makes the processor leave its guest, or not enter it.
  ///
  /// The flag first, then the signal: a thread just before KVM_RUN sees the flag, one inside is interrupted.
  fileprivate func kick(_ signal: Int32) {
    UnsafeMutablePointer<kvm_run>(bitPattern: runPage)?.pointee.immediate_exit = 1
    Kernel.kick(thread: thread.load(ordering: .acquiring), with: signal)
  }
}

/// One thread a process that ends guests which overrun their deadline.
///
/// Setting a deadline costs an atomic store: the thread is woken only by a deadline before its next planned look.
final class Watchdog: Sendable {
  static let shared = Watchdog()

  private let watched = Mutex<[ObjectIdentifier: Deadline]>([:])
  private let nextLook = Atomic<Int64>(.max)
  private let alarm: Int32
  private let signal: Int32

  private init() {
    alarm = ckvm_alarm()
    signal = __libc_current_sigrtmin() + 2
    // A handler that does nothing, without SA_RESTART: the signal's only work is to interrupt KVM_RUN.
    var action = sigaction()
    action.__sigaction_handler.sa_handler = { _ in }
    sigaction(signal, &action, nil)
    var thread = pthread_t()
    pthread_create(
      &thread, nil,
      { _ in
        Watchdog.shared.watch()
      }, nil)
    pthread_detach(thread)
  }

  /// Lets the kick through to the calling thread: worker threads of Dispatch block all signals.
  func admitKicks() {
    var kick = sigset_t()
    sigemptyset(&kick)
    sigaddset(&kick, signal)
    pthread_sigmask(SIG_UNBLOCK, &kick, nil)
  }

  func add(_ deadline: Deadline) { watched.withLock { $0[ObjectIdentifier(deadline)] = deadline } }

  func remove(_ deadline: Deadline) { watched.withLock { _ = $0.removeValue(forKey: ObjectIdentifier(deadline)) } }

  func set(_ deadline: Deadline, at instant: Int64) {
    deadline.instant.store(instant, ordering: .sequentiallyConsistent)
    if instant < nextLook.load(ordering: .sequentiallyConsistent) { ckvm_ring(alarm) }
  }

  func clear(_ deadline: Deadline) { deadline.instant.store(.max, ordering: .releasing) }

  private func watch() -> Never {
    while true {
      // Announced before the look: whoever sets a deadline during it wakes the thread once more.
      nextLook.store(.max, ordering: .sequentiallyConsistent)
      let now = Kernel.now()
      let next = watched.withLock { all in
        var next = Int64.max
        for deadline in all.values {
          let instant = deadline.instant.load(ordering: .sequentiallyConsistent)
          if instant <= now {
            deadline.kick(signal)
            // Until the processor has noticed: it may be between two looks at the flag.
            next = min(next, now + 1_000_000)
          } else {
            next = min(next, instant)
          }
        }
        return next
      }
      nextLook.store(next, ordering: .sequentiallyConsistent)
      ckvm_await(alarm, next == .max ? -1 : max(0, next - Kernel.now()))
    }
  }
}
