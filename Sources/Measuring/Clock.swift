import Glibc
import Units

/// CLOCK_MONOTONIC.
enum Clock {
  static var now: TimeSpan {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return TimeSpan(nanoseconds: Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec))
  }

  /// May end early when a signal comes.
  static func sleep(_ time: TimeSpan) {
    var wait = timespec(
      tv_sec: Int(time.nanoseconds / 1_000_000_000), tv_nsec: Int(time.nanoseconds % 1_000_000_000))
    nanosleep(&wait, nil)
  }
}
