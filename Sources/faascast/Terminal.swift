import Glibc

/// What the other end of a stream can show.
struct Terminal {
  static let output = Terminal(.output)
  static let error = Terminal(.error)

  /// Whether a person looks at the stream, on a screen that can move its cursor.
  let isInteractive: Bool
  /// Whether to use colour: on a terminal, unless NO_COLOR is set (no-color.org).
  let isColoured: Bool
  /// Columns; 80 where nobody can tell.
  let width: Int

  private init(_ stream: StandardStream) {
    isInteractive = isatty(stream.rawValue) == 1 && Self.variable("TERM") != "dumb"
    isColoured = isInteractive && (Self.variable("NO_COLOR") ?? "").isEmpty
    var size = winsize()
    let known = ioctl(stream.rawValue, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 0
    width = known ? Int(size.ws_col) : 80
  }

  private static func variable(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }
}
