import Glibc

/// What the operating system knows of this process.
enum Machine {
  /// The largest resident memory so far, MB (2^20 bytes).
  static var peakMemoryMB: Double {
    var usage = rusage()
    getrusage(RUSAGE_SELF.rawValue, &usage)
    return Double(usage.ru_maxrss) / 1024
  }
}
