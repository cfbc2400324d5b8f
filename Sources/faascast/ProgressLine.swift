import ArgumentParser
import Diagnostics
import Synchronization
import Units

/// One line on standard error that shows how far a run has come: on a terminal only, redrawn at most ten times a
/// second, gone when the run ends.
struct ProgressLine {
  private let isShown: Bool
  private let width: Int
  private let start = ContinuousClock.now
  private var lastDrawn: ContinuousClock.Instant?

  private static let interval = Duration.milliseconds(100)
  private static let barCells = 24

  init(isQuiet: Bool) {
    isShown = Terminal.error.isInteractive && !isQuiet
    width = Terminal.error.width
  }

  /// Shows the share done, where it can be told, and the invocations, where they are counted.
  mutating func show(share: Double?, invocations: Int? = nil) {
    guard isShown else { return }
    let now = ContinuousClock.now
    // A run that ends at once shows nothing; the first line waits for an interval too.
    guard now - (lastDrawn ?? start) >= Self.interval else { return }
    lastDrawn = now
    let text = Self.text(share: share, invocations: invocations, after: (now - start) / .seconds(1))
    try? StandardStream.error.write("\r\u{1B}[K" + text.prefix(max(0, width - 1)))
  }

  func clear() {
    if lastDrawn != nil { try? StandardStream.error.write("\r\u{1B}[K") }
  }

  /// ` 42 % ██████████░░░░░░░░░░░░░░  1,234,567 invocations, 8.1 M/s, 4 s left`.
  private static func text(share: Double?, invocations: Int?, after seconds: Double) -> String {
    var text = ""
    var facts: [String] = []
    if let share {
      let share = min(max(share, 0), 1)
      let filled = Int(share * Double(barCells))
      let percent = String(Int(share * 100))
      text += String(repeating: " ", count: 3 - percent.count) + percent + " % "
      text += String(repeating: "█", count: filled) + String(repeating: "░", count: barCells - filled) + "  "
    }
    if let invocations {
      facts.append("\(invocations.grouped) invocations")
      if seconds > 0 { facts.append("\(rate(Double(invocations) / seconds))/s") }
    }
    if let share, share > 0.01, share < 1, seconds > 0.5 { facts.append("\(wait(seconds * (1 - share) / share)) left") }
    return text + facts.joined(separator: ", ")
  }

  private static func rate(_ perSecond: Double) -> String {
    guard perSecond.isFinite, perSecond < 1e12 else { return "?" }
    if perSecond >= 1e6 { return oneDecimal(perSecond / 1e6) + " M" }
    if perSecond >= 1e4 { return oneDecimal(perSecond / 1e3) + " k" }
    return String(Int(perSecond))
  }

  private static func oneDecimal(_ value: Double) -> String {
    let tenths = Int((value * 10).rounded())
    return "\(tenths / 10).\(tenths % 10)"
  }

  private static func wait(_ seconds: Double) -> String {
    guard seconds < 100 * 3600 else { return "days" }
    let whole = Int(seconds.rounded(.up))
    if whole < 60 { return "\(whole) s" }
    let (minutes, rest) = (whole / 60, whole % 60)
    if minutes < 60 { return "\(minutes) min \(rest) s" }
    return "\(minutes / 60) h \(minutes % 60) min"
  }
}

/// The progress of work that several threads share, and the question whether it goes on.
final class SharedProgress: Sendable {
  private let line: Mutex<ProgressLine>

  /// Listens to Ctrl-C from now on.
  init(isQuiet: Bool) {
    line = Mutex(ProgressLine(isQuiet: isQuiet))
    Interruption.listen()
  }

  /// Shows the share done; false once Ctrl-C was pressed.
  func goesOn(_ share: Double) -> Bool {
    line.withLock { $0.show(share: share) }
    return !Interruption.isRequested
  }

  /// Takes the line away.
  ///
  /// - Throws: status 130 after Ctrl-C, so that nothing is printed or written of work that is not whole.
  func finish() throws {
    line.withLock { $0.clear() }
    if Interruption.isRequested { throw ExitCode(ExitStatus.interrupted.rawValue) }
  }
}
