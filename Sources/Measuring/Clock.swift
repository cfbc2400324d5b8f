import Glibc
package import Units

/// CLOCK_MONOTONIC.
package enum Clock {
  package static var now: TimeSpan {
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

  /// Waits until a moment of the clock. May end early when a signal comes.
  package static func sleep(until moment: TimeSpan) {
    var time = timespec(
      tv_sec: Int(moment.nanoseconds / 1_000_000_000), tv_nsec: Int(moment.nanoseconds % 1_000_000_000))
    clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &time, nil)
  }
}
