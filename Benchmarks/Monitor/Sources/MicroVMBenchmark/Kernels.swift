import CMonitor
import Foundation
import MicroVM

/// The same code in a guest and outside, in alternating pairs: the ratio of medians.
///
/// A processor's caches know pages by their physical address, so that a placement can be lucky. Both sides are placed anew
/// several times, and the ratios' geometric mean lets luck on either side cancel.
enum Kernels {
  static func run(_ board: inout Scoreboard) throws {
    let image = try GuestImage.load(Guest.freestanding("Guests/Probes/kernels.c"))
    // Ten milliseconds each, beside which the call's own exit is nothing.
    let kernels: [(String, Int32, UInt64)] = [
      ("SHA-256", 0, 40_000), ("matrix product", 1, 12), ("pointer chase", 2, 500_000), ("memory copy", 3, 72),
    ]
    for (name, number, amount) in kernels {
      var (guest, native, noise): ([Double], [Double], [Double]) = ([], [], [])
      var logarithms = 0.0
      // All are kept to the end, so that none gets the pages of the one before.
      var machines: [Machine] = []
      for _ in 0..<placements {
        let machine = try Machine.create(image, MachineConfiguration(memory: 32 << 20))
        try machine.boot()
        machines.append(machine)
        guard c_native_move() == 0 else { throw CocoaError(.featureUnsupported) }
        // The pointer chase writes to the memory that others only read: unwritten, it would all be one page of zeros.
        _ = (try machine.invoke(request(2, 1)), c_native_kernel(2, 1))
        let times = try pairs(machine, number, amount)
        guest += times.first
        native += times.second
        noise.append(times.noisy)
        logarithms += log(median(times.first) / median(times.second))
      }
      board.add(
        "\(name), guest over native",
        "\(median(guest).shown(2)) / \(median(native).shown(2)) ms, \(noisy(noise.reduce(0, +) / Double(placements)))",
        figure: exp(logarithms / Double(placements)))
    }
  }

  private static let placements = 60

  private static func request(_ number: Int32, _ amount: UInt64) -> [UInt8] {
    [UInt8(number)] + (0..<8).map { UInt8(truncatingIfNeeded: amount >> (8 * $0)) }
  }

  private static func pairs(
    _ machine: Machine, _ number: Int32, _ amount: UInt64
  ) throws -> (first: [Double], second: [Double], noisy: Double) {
    let request = request(number, amount)
    // The first run touches the memory.
    _ = (try machine.invoke(request), c_native_kernel(number, amount))
    // The matrix product adds up over calls, equally often on both sides.
    var (inside, outside): ([UInt8], [UInt8]) = ([], [])
    let times = try Noise.pairs(6) {
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
    return times
  }
}
