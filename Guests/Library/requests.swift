// A function in Swift as a Linux program: in a machine, and natively.
//
// In a machine, reading descriptor 1000 gives the next request and writing descriptor 1001 the result (see program.c).
// Natively, where descriptor 1000 is not open, each read of standard input is a request.

import Glibc

/// Answers requests for ever in a machine, until the end of standard input natively.
func serve(_ answer: (UnsafeRawBufferPointer) -> [UInt8]) {
  let (requests, results): (Int32, Int32) = (1000, 1001)
  var buffer = [UInt8](repeating: 0, count: 1 << 20)
  var (source, target) = (requests, results)
  var length = read(source, &buffer, buffer.count)
  if length < 0 {
    (source, target) = (0, 1)
    length = read(source, &buffer, buffer.count)
  }
  var isFirst = true
  // Natively an empty read is the end, unless it is all that there was.
  while length > 0 || (length == 0 && (source == requests || isFirst)) {
    let result = buffer.withUnsafeBytes { answer(UnsafeRawBufferPointer(rebasing: $0[..<length])) }
    guard write(target, result, result.count) == result.count else { exit(1) }
    isFirst = false
    length = read(source, &buffer, buffer.count)
  }
}
