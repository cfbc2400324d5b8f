import CMonitor
import Foundation
import MicroVM

/// The same code in a guest and outside, in alternating pairs: the ratio of medians.
enum Kernels {
  static func run() throws {
    let machine = try Machine.create(
      GuestImage.load(Guest.freestanding("Guests/Probes/kernels.c")), MachineConfiguration(memory: 32 << 20))
    try machine.boot()
    let kernels: [(String, Int32, UInt64)] = [
      ("SHA-256", 0, 40_000), ("matrix product", 1, 4), ("pointer chase", 2, 500_000), ("memory copy", 3, 12),
    ]
    for (name, number, amount) in kernels {
      let request = [UInt8(number)] + (0..<8).map { UInt8(truncatingIfNeeded: amount >> (8 * $0)) }
      var (inside, outside): ([Double], [Double]) = ([], [])
      for round in 0..<61 {
        func guest() throws -> [UInt8] {
          let begin = now()
          let result = try machine.invoke(request).result
          inside.append(Double(now() - begin))
          return result
        }
        func native() -> [UInt8] {
          let begin = now()
          let result = c_native_kernel(number, amount)
          outside.append(Double(now() - begin))
          return withUnsafeBytes(of: result) { Array($0) }
        }
        let (a, b) = round % 2 == 0 ? (try guest(), native()) : (native(), try guest())
        // The first run touches the memory. The matrix product adds up over calls, equally often on both sides.
        guard a == b else { throw CocoaError(.coderInvalidValue) }
        if round == 0 { (inside, outside) = ([], []) }
      }
      let ratio = median(inside) / median(outside)
      line(
        "\(name), guest over native",
        "\((median(inside) / 1e6).shown(2)) / \((median(outside) / 1e6).shown(2)) ms, ratio \(ratio.shown(3))", "1.05",
        holds: ratio <= 1.05)
    }
  }
}
