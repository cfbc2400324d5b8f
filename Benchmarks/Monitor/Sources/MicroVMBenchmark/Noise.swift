import Glibc

/// Tells apart samples during which other threads of the host kept this one waiting: they say more about the others.
enum Noise {
  /// The longest wait, as a share of the time.
  private static let limit = 0.05
  private static let schedule = open("/proc/thread-self/schedstat", O_RDONLY | O_CLOEXEC)

  /// Nanoseconds that this thread was ready and had to wait (Documentation/scheduler/sched-stats.rst, second number).
  static func runDelay() -> Int64 {
    var text = [UInt8](repeating: 0, count: 96)
    let count = max(0, pread(schedule, &text, text.count, 0))
    let fields = text[..<count].split(separator: UInt8(ascii: " "))
    return fields.count > 1 ? Int64(String(decoding: fields[1], as: UTF8.self)) ?? 0 : 0
  }

  /// Takes `count` undisturbed samples, and at most four times as many in all. Where there are hardly any, the host is what
  /// was measured, and all count.
  static func samples<Sample>(_ count: Int, _ take: () throws -> Sample) rethrows -> (counted: [Sample], noisy: Double)
  {
    var (clean, others): ([Sample], [Sample]) = ([], [])
    while clean.count < count, clean.count + others.count < 4 * count {
      let (delay, start) = (runDelay(), now())
      let sample = try take()
      let isClean = Double(runDelay() - delay) <= limit * Double(now() - start)
      if isClean { clean.append(sample) } else { others.append(sample) }
    }
    let noisy = Double(others.count) / Double(clean.count + others.count)
    return (clean.count >= count / 10 ? clean : clean + others, noisy)
  }

  /// The same of two in turn, with alternating order.
  static func pairs<Sample>(
    _ count: Int, _ first: () throws -> Sample, _ second: () throws -> Sample
  ) rethrows -> (first: [Sample], second: [Sample], noisy: Double) {
    var isSwapped = false
    let (pairs, noisy) = try samples(count) {
      isSwapped.toggle()
      if isSwapped { return (try first(), try second()) }
      let other = try second()
      return (try first(), other)
    }
    return (pairs.map(\.0), pairs.map(\.1), noisy)
  }
}

/// `12 % noisy`
func noisy(_ share: Double) -> String { "\((100 * share).shown(0)) % noisy" }
