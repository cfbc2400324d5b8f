import Foundation
import Testing
import Units

@testable import Measuring

@Suite("Whole Linux guests")
struct QEMUTests {
  @Test("an archive is what the kernel's documentation says, byte for byte")
  func archive() {
    var archive = CPIOArchive()
    archive.add(file: "hi", Array("abc".utf8), permissions: 0o755)
    archive.close()
    let expected =
      "070701" + "00000001" + "000081ED" + "00000000" + "00000000" + "00000001" + "00000000" + "00000003" + "00000000"
      + "00000000" + "00000000" + "00000000" + "00000003" + "00000000" + "hi\0\0" + "\0abc\0"
    // 110 bytes of header and the name's three make 113, padded to 116; the content's three are padded to four.
    let head = String(decoding: archive.bytes.prefix(120), as: UTF8.self)
    #expect(head == expected.replacing("hi\0\0\0abc", with: "hi\0\0\0\0abc"))
    #expect(archive.bytes.count % 4 == 0)
    #expect(String(decoding: archive.bytes, as: UTF8.self).contains("TRAILER!!!"))
  }

  @Test("an archive is read by cpio as it was written", .enabled(if: Command.exists("cpio"), "needs cpio"))
  func archiveRead() throws {
    var archive = CPIOArchive()
    archive.add(directory: "dev")
    archive.add(file: "init", [UInt8](repeating: 7, count: 4097), permissions: 0o755)
    archive.add(file: "empty", [])
    archive.close()
    let file = FileManager.default.temporaryDirectory.appending(path: "archive-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: file) }
    try Data(archive.bytes).write(to: file)
    let result = Command(["sh", "-c", "cpio -tv < \(file.path)"]).run()
    #expect(result.status == 0, "\(result.error)")
    #expect(result.output.contains(#/-rwxr-xr-x.* 4097 .* init\n/#), "\(result.output)")
    #expect(result.output.contains(#/drwxr-xr-x.* dev\n/#), "\(result.output)")
  }

  @Test("a report is read wherever it stands on the console's line")
  func reports() {
    #expect(AgentReport("FAASCAST init 123\r") == .begun(123))
    #expect(AgentReport("[    1.0] random: FAASCAST cold 77") == .cold(77))
    #expect(AgentReport("FAASCAST result 3 616263") == .result(bytes: 3, start: Array("abc".utf8)))
    #expect(AgentReport("FAASCAST error exec: no such file") == .fault("exec: no such file"))
    #expect(AgentReport("FAASCAST end") == .end)
  }

  @Test(
    "a damaged report is none",
    arguments: [
      "", "FAASCAST", "FAASCAST cold", "FAASCAST cold x", "FAASCAST cold -5", "FAASCAST cold 1 2",
      "FAASCAST warm 99999999999999999999", "FAASCAST result x", "FAAST cold 1",
    ])
  func damaged(line: String) { #expect(AgentReport(line) == nil) }

  /// The newest kernel in /boot that this user may read.
  private static let kernel: String? = {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: "/boot")) ?? []
    return names.filter { $0.hasPrefix("vmlinuz-") }.sorted().last.map { "/boot/\($0)" }
      .flatMap { FileManager.default.isReadableFile(atPath: $0) ? $0 : nil }
  }()
  private static let isPossible =
    kernel != nil && Command.exists("qemu-system-x86_64")
    && SampleFunctions(directory: package.appending(path: "Guests").path) != nil
  private static let package = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()

  @Test(
    "a guest boots under emulation, and its agent reports what was asked for",
    .enabled(if: isPossible, "needs qemu-system-x86_64 and a kernel in /boot"))
  func boot() throws {
    let samples = try #require(SampleFunctions(directory: Self.package.appending(path: "Guests").path))
    let plan = QEMUPlan(
      programs: [.init(name: "hello", path: try samples.build("hello-linux"), request: Array("you".utf8))],
      memory: MemorySize(megabytes: 256), kernel: try #require(Self.kernel), agent: try samples.build("agent"),
      accelerator: .tcg, cold: 2, warm: 3)
    let profile = QEMUBench(plan).run()
    #expect(profile.ending == .complete)
    #expect(!profile.engine.fitForCalibration)
    let series = try #require(profile.functions.first?.conditions.first?.series)
    #expect(series.map(\.phase) == ["kernel_boot", "exec_to_first_result", "warm_invoke"])
    #expect(series.map(\.samples.count) == [1, 2, 3])
  }
}
