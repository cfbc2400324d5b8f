/// A guest of some fifty instructions, put together here so that a host can be probed without a compiler.
///
/// A request is two 32-bit words, what to do and how often; the answer is empty.
/// ```
/// 0x100000   code         0x101000   mailbox         0x102000   fresh pages
/// ```
enum ProbeImage {
  enum Errand: UInt32 {
    /// Leave the guest and come back.
    case leave = 0
    /// Touch the next page for the first time.
    case touch = 1
    /// Make a system call, which ends a freestanding guest and shows how the processor got there.
    case systemCall = 2
  }

  static let freshPages = 512
  private static let codeAddress: UInt64 = 0x10_0000
  private static let mailbox: UInt64 = 0x10_1000
  private static let fresh: UInt64 = 0x10_2000

  static func request(_ errand: Errand, times: Int) -> [UInt8] {
    bytes(errand.rawValue) + bytes(UInt32(times))
  }

  static func image() throws(MachineFault) -> GuestImage {
    GuestImage(try ProgramFile(file, path: "probe"), linker: nil)
  }

  // MARK: program

  private static var code: [UInt8] {
    let box = UInt32(mailbox)
    let setUp: [UInt8] =
      [0xbf] + bytes(box)  // mov edi, mailbox
      + [0xbe] + bytes(UInt32(8))  // mov esi, 8
      + [0xe6, 0xe0]  // out 0xe0, al: ready
      + [0xba] + bytes(UInt32(fresh))  // mov edx, fresh
    // The loop below this point begins again after each answer, with edx at the next fresh page.
    let read: [UInt8] =
      [0x8b, 0x0c, 0x25] + bytes(box + 4)  // mov ecx, [mailbox + 4]
      + [0x8b, 0x04, 0x25] + bytes(box)  // mov eax, [mailbox]
    let leave: [UInt8] = [
      0x31, 0xff,  // xor edi, edi
      0xe6, 0xe2,  // out 0xe2, al: mark
      0xff, 0xc9,  // dec ecx
      0x75, 0xfa,  // jnz the mark
    ]
    let touch: [UInt8] =
      [0xc6, 0x02, 0x01]  // mov byte [rdx], 1
      + [0x81, 0xc2] + bytes(UInt32(Page.size))  // add edx, 4096
      + [0xff, 0xc9]  // dec ecx
      + [0x75, 0xf3]  // jnz the move
    let systemCall: [UInt8] = [0x0f, 0x05]
    let answer: [UInt8] =
      [0xbf] + bytes(box)  // mov edi, mailbox
      + [0x31, 0xf6]  // xor esi, esi
      + [0xe6, 0xe1]  // out 0xe1, al: result
    func jump(_ distance: Int) -> [UInt8] { [0xe9] + bytes(UInt32(bitPattern: Int32(distance))) }
    func skip(unless errand: Errand, _ body: [UInt8]) -> [UInt8] {
      [0x83, 0xf8, UInt8(errand.rawValue), 0x75, UInt8(body.count)] + body  // cmp eax, errand; jne past the body
    }
    let body =
      read + skip(unless: .leave, leave) + skip(unless: .touch, touch) + skip(unless: .systemCall, systemCall) + answer
    return setUp + body + jump(-(body.count + 5))
  }

  // MARK: file

  /// An ELF program: header, three program headers, the note, and from the second page on the code.
  private static var file: [UInt8] {
    let headers = ELF.headerSize + 3 * ELF.programHeaderSize
    let note: [UInt8] =
      bytes(UInt32(9)) + bytes(UInt32(4)) + bytes(UInt32(1)) + Array("Faascast\0\0\0\0".utf8) + bytes(UInt32(1))
    let code = code
    var file: [UInt8] =
      [0x7f, 0x45, 0x4c, 0x46, 2, 1, 1] + [UInt8](repeating: 0, count: 9)
      + bytes(UInt16(2)) + bytes(UInt16(62)) + bytes(UInt32(1)) + bytes(codeAddress)
      + bytes(UInt64(ELF.headerSize)) + bytes(UInt64(0)) + bytes(UInt32(0)) + bytes(UInt16(ELF.headerSize))
      + bytes(UInt16(ELF.programHeaderSize)) + bytes(UInt16(3)) + bytes(UInt16(0)) + bytes(UInt16(0))
      + bytes(UInt16(0))
    file += header(type: 1, flags: 5, offset: Page.size, address: codeAddress, inFile: code.count, size: code.count)
    file += header(
      type: 1, flags: 6, offset: Page.size, address: mailbox, inFile: 0, size: (1 + freshPages) * Page.size)
    file += header(type: 4, flags: 4, offset: headers, address: 0, inFile: note.count, size: note.count)
    file += note
    file += [UInt8](repeating: 0, count: Page.size - file.count)
    return file + code
  }

  private static func header(
    type: UInt32, flags: UInt32, offset: Int, address: UInt64, inFile: Int, size: Int
  ) -> [UInt8] {
    bytes(type) + bytes(flags) + bytes(UInt64(offset)) + bytes(address) + bytes(address) + bytes(UInt64(inFile))
      + bytes(UInt64(size)) + bytes(UInt64(Page.size))
  }

  private static func bytes(_ number: some FixedWidthInteger) -> [UInt8] {
    withUnsafeBytes(of: number.littleEndian) { Array($0) }
  }
}
