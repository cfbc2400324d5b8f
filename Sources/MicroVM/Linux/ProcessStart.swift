/// The stack with which Linux starts a program (System V ABI, AMD64 supplement, 3.4.1):
///
/// ```
/// low   argc · argv … 0 · envp … 0 · auxiliary vector … 0 · strings   high
/// ```
struct ProcessStart {
  var programName: String
  var arguments: [String]
  var environment: [String]
  var program: ELF
  var base: UInt64
  /// Where the dynamic linker was put, if there is one.
  var linkerBase: UInt64?
  /// Where the page of clock functions is, if there is one.
  var clockPage: UInt64?

  /// More than this of arguments and environment is refused (a quarter of the stack, as in Linux).
  private func limit(_ stack: Range<UInt64>) -> Int { Int(stack.upperBound - stack.lowerBound) / 4 }

  /// Writes it to the top of the stack; returns the stack pointer.
  func write(to stack: Range<UInt64>, in memory: inout GuestMemory) throws(MachineFault) -> UInt64 {
    var strings: [UInt8] = []
    func add(_ text: String) -> Int {
      defer { strings += Array(text.utf8) + [0] }
      return strings.count
    }
    let name = add(programName)
    let argumentPlaces = arguments.map(add)
    let environmentPlaces = environment.map(add)
    let random = strings.count
    var generator = SystemRandomNumberGenerator()
    for _ in 0..<16 { strings.append(UInt8.random(in: 0...255, using: &generator)) }

    let stringsBase = (stack.upperBound - UInt64(strings.count)) & ~15
    func place(_ offset: Int) -> UInt64 { stringsBase + UInt64(offset) }
    var words: [UInt64] = [UInt64(arguments.count + 1), place(name)]
    words += argumentPlaces.map(place) + [0]
    words += environmentPlaces.map(place) + [0]
    for (key, value) in auxiliary(name: place(name), random: place(random)) { words += [key, value] }
    words += [0, 0]
    guard words.count * 8 + strings.count <= limit(stack) else {
      throw .unsupported(
        what: "\(strings.count) bytes of arguments and environment", advice: "pass less, or give the guest more stack")
    }
    let pointer = (stringsBase - UInt64(words.count * 8)) & ~15
    let fits =
      words.withUnsafeBytes { memory.write($0, at: pointer) }
      && strings.withUnsafeBytes { memory.write($0, at: stringsBase) }
    precondition(fits, "the stack was mapped by the caller")
    return pointer
  }

  private func auxiliary(name: UInt64, random: UInt64) -> [(UInt64, UInt64)] {
    var vector: [(UInt64, UInt64)] = [
      (3, base + program.headersAddress), (4, UInt64(ELF.programHeaderSize)), (5, UInt64(program.headerCount)),
      (6, UInt64(Page.size)), (7, linkerBase ?? 0), (9, base + program.entry),
      (11, 1000), (12, 1000), (13, 1000), (14, 1000),  // user and group
      (17, 100), (23, 0), (25, random), (31, name), (51, 2048),  // clock ticks, secure, …, signal stack
    ]
    if let clockPage { vector.append((33, clockPage)) }
    return vector
  }
}
