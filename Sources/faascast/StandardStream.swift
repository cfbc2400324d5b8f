import Diagnostics
import Glibc

/// Standard output or standard error.
enum StandardStream: Int32 {
  case output = 1
  case error = 2

  /// Writes all of `text`. A reader that has left is no fault: whoever runs `… | head` has what they wanted.
  func write(_ text: String) throws(InputFault) {
    var text = text
    let code = text.withUTF8 { bytes -> Int32 in
      var rest = UnsafeRawBufferPointer(bytes)
      while let start = rest.baseAddress, !rest.isEmpty {
        let count = Glibc.write(rawValue, start, rest.count)
        if count >= 0 {
          rest = UnsafeRawBufferPointer(rebasing: rest[count...])
        } else if errno != EINTR {
          return errno
        }
      }
      return 0
    }
    guard code == 0 || code == EPIPE else {
      throw InputFault(
        .system, at: .init(file: self == .output ? "standard output" : "standard error"),
        found: String(cString: strerror(code)).lowercased(), expected: "room to write")
    }
  }
}
