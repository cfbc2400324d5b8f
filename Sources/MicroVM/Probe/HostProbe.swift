import CKVM
public import Units

/// What a host's KVM is, found out by what it does.
public struct HostProbe: Equatable, Sendable {
  public enum Flavour: String, Equatable, Sendable {
    /// The processor virtualises: VMX or SVM.
    case hardware
    /// The kernel does, by running guests as processes of a kind (PVM): code at privilege level 3 runs at full speed,
    /// leaving a guest and giving it memory costs more.
    case software
  }

  public var flavour: Flavour
  /// From a guest's `out` to the monitor and back, all counted.
  public var exit: TimeSpan
  /// The first touch of a page of 4 KiB.
  public var pageFault: TimeSpan

  public init(flavour: Flavour, exit: TimeSpan, pageFault: TimeSpan) {
    self.flavour = flavour
    self.exit = exit
    self.pageFault = pageFault
  }

  private static let machines = 5
  private static let exits = 1000

  /// Makes a few machines, which takes about a tenth of a second. The costs are medians.
  public static func run() throws(MachineFault) -> HostProbe {
    let image = try ProbeImage.image()
    var exitTimes: [Int64] = []
    var touchTimes: [Int64] = []
    var flavour = Flavour.software
    for _ in 0..<machines {
      let machine = try Machine.create(image, MachineConfiguration(memory: 16 << 20))
      try machine.boot()
      // The mailbox and the code are touched before anything is timed.
      _ = try machine.invoke(ProbeImage.request(.leave, times: 1))
      let idle = try machine.invoke(ProbeImage.request(.leave, times: 1)).sample.wall.nanoseconds
      let left = try machine.invoke(ProbeImage.request(.leave, times: exits + 1)).sample.wall.nanoseconds
      exitTimes.append(max(0, left - idle) / Int64(exits))
      let pages = ProbeImage.freshPages
      let touched = try machine.invoke(ProbeImage.request(.touch, times: pages)).sample.wall.nanoseconds
      touchTimes.append(max(0, touched - idle) / Int64(pages))
      flavour = try Self.flavour(of: machine)
    }
    return HostProbe(
      flavour: flavour, exit: TimeSpan(nanoseconds: exitTimes.sorted()[machines / 2]),
      pageFault: TimeSpan(nanoseconds: touchTimes.sorted()[machines / 2]))
  }

  /// A system call enters privilege level 0 where the processor serves it. Without hardware virtualisation the kernel
  /// goes to the same address and leaves the guest's rights as they are.
  private static func flavour(of machine: Machine) throws(MachineFault) -> Flavour {
    do throws(MachineFault) {
      _ = try machine.invoke(ProbeImage.request(.systemCall, times: 1))
    } catch {
      guard case .unsupported = error else { throw error }
    }
    return try machine.processor.specialRegisters().cs.dpl == 0 ? .hardware : .software
  }
}
