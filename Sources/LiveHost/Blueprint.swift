import Measuring
import MicroVM
import Platforms
import Units

/// What a new environment of a function is made from.
struct Blueprint: Sendable {
  let function: ServedFunction
  private let configuration: MachineConfiguration
  private let period: TimeSpan
  private let snapshot: Snapshot?

  /// Sees to it that the function's quota has an effect here and that it answers, and takes its snapshot where it is to be
  /// restored.
  init(_ function: ServedFunction, period: TimeSpan) throws(MeasuringFault) {
    self.function = function
    self.period = period
    let memory = function.settings.memory
    let stretch = max(1, Double(ProcessorQuota.megabytesPerProcessor) / Double(memory.megabytes))
    configuration = MachineConfiguration(
      memory: memory.megabytes << 20, deadline: TimeSpan(nanoseconds: Int64(30e9 * stretch)), counters: .all)
    do throws(QuotaFault) {
      let condition = try Condition(memory: memory, period: period, seed: 0, subject: function.name)
      guard condition.holdsSingleThreads else {
        throw .noController(reason: "control groups here take whole processes, and every machine needs one of its own")
      }
    } catch {
      throw .quota(error)
    }
    do throws(MachineFault) {
      let machine = try Machine.create(function.subject.image, configuration)
      try machine.boot()
      _ = try machine.invoke(function.subject.request)
      snapshot = function.isRestored ? try machine.snapshot() : nil
    } catch {
      throw .machine(function: function.name, error)
    }
  }

  /// A machine that is ready for its first request, on the calling thread.
  func machine() throws(MeasuringFault) -> Machine {
    do throws(MachineFault) {
      if let snapshot { return try Machine.restore(from: snapshot) }
      let machine = try Machine.create(function.subject.image, configuration)
      try machine.boot()
      return machine
    } catch {
      throw .machine(function: function.name, error)
    }
  }

  /// A quota of its own for one environment.
  func condition() throws(MeasuringFault) -> Condition {
    do throws(QuotaFault) {
      return try Condition(
        memory: function.settings.memory, period: period, isVerified: false, seed: 0, subject: function.name)
    } catch {
      throw .quota(error)
    }
  }
}
