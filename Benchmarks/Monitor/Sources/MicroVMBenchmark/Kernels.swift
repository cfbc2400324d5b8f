import CMonitor
import Foundation
import MicroVM

/// The same code in a guest and outside, in alternating pairs: the ratio of medians.
enum Kernels {
  static func run(_ board: inout Scoreboard) throws {
    let machine = try Machine.create(
      GuestImage.load(Guest.freestanding("Guests/Probes/kernels.c")), MachineConfiguration(memory: 32 << 20))
    try machine.boot()
    let kernels: [(String, Int32, UInt64)] = [
      ("SHA-256", 0, 40_000), ("matrix product", 1, 4), ("pointer chase", 2, 500_000), ("memory copy", 3, 12),
    ]
    for (name, number, amount) in kernels {
      let request = [UInt8(number)] + (0..<8).map { UInt8(truncatingIfNeeded: amount >> (8 * $0)) }
      // The first run touches the memory.
      _ = (try machine.invoke(request), c_native_kernel(number, amount))
      // The matrix product adds up over calls, equally often on both sides.
      var (inside, outside): ([UInt8], [UInt8]) = ([], [])
      let times = try Noise.pairs(60) {
        let begin = now()
        inside = try machine.invoke(request).result
        return Double(now() - begin) / 1e6
      } _: {
        let begin = now()
        let result = c_native_kernel(number, amount)
        let time = Double(now() - begin) / 1e6
        outside = withUnsafeBytes(of: result) { Array($0) }
        return time
      }
      guard inside == outside else { throw CocoaError(.coderInvalidValue) }
      let (guest, native) = (median(times.first), median(times.second))
      board.add(
        "\(name), guest over native", "\(guest.shown(2)) / \(native.shown(2)) ms, \(noisy(times.noisy))",
        figure: guest / native)
    }
  }
}
