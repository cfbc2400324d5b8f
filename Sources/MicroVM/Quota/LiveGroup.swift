import Glibc
import Synchronization

/// The group that is in force, in a form that a signal handler can remove: nothing but bytes that are there already.
///
/// A process has one at a time; a second one is not entered, and removed by the next run if this one is killed.
enum LiveGroup {
  private struct Paths {
    var directory: UnsafeMutablePointer<CChar>
    /// Writing `process` here moves all threads of the process out.
    var outside: UnsafeMutablePointer<CChar>
    var process: UnsafeMutablePointer<CChar>
  }

  /// The address of the live group's `Paths`; zero when there is none.
  private static let live = Atomic<UInt>(0)

  private static func paths(_ address: UInt) -> UnsafeMutablePointer<Paths>? {
    UnsafeMutablePointer(bitPattern: address)
  }

  static func enter(_ directory: String, base: String) {
    guard let directory = strdup(directory), let outside = strdup(base + "/cgroup.procs"),
      let process = strdup(String(getpid()))
    else { return }
    let paths = UnsafeMutablePointer<Paths>.allocate(capacity: 1)
    paths.initialize(to: Paths(directory: directory, outside: outside, process: process))
    let entered = live.compareExchange(
      expected: 0, desired: UInt(bitPattern: paths), ordering: .acquiringAndReleasing
    ).exchanged
    if !entered { free(paths) }
  }

  static func leave(_ directory: String) {
    let address = live.load(ordering: .acquiring)
    guard let held = paths(address), strcmp(held.pointee.directory, directory) == 0,
      live.compareExchange(expected: address, desired: 0, ordering: .acquiringAndReleasing).exchanged
    else { return }
    free(held)
  }

  private static func free(_ paths: UnsafeMutablePointer<Paths>) {
    Glibc.free(paths.pointee.directory)
    Glibc.free(paths.pointee.outside)
    Glibc.free(paths.pointee.process)
    paths.deallocate()
  }

  /// Safe in a signal handler: four system calls, no memory.
  static func remove() {
    guard let paths = paths(live.exchange(0, ordering: .acquiringAndReleasing))?.pointee else { return }
    let descriptor = open(paths.outside, O_WRONLY | O_CLOEXEC)
    if descriptor >= 0 {
      _ = write(descriptor, paths.process, strlen(paths.process))
      close(descriptor)
    }
    rmdir(paths.directory)
  }
}

extension QuotaGroup {
  /// Removes the group that is in force, for a signal handler that is about to end the process.
  public static func removeBeforeExit() { LiveGroup.remove() }
}
