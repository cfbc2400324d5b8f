import Dispatch
import Foundation
import Glibc
import Measuring
import MicroVM
import Synchronization
import Units

/// An execution environment: a machine on a thread of its own, which serves one request at a time.
final class Environment: Sendable {
  /// A request in an environment's hands.
  struct Task: Sendable {
    /// CLOCK_MONOTONIC.
    var due: TimeSpan
    var handedOver: TimeSpan
  }

  /// What an environment says at once when a request is done (the moment), or when it has failed.
  typealias Answer = Result<TimeSpan, MeasuringFault>

  private enum Order {
    case serve(Task)
    case end
  }

  let serial: Int
  let function: Int
  private let orders = Mutex<[Order]>([])
  private let bell = DispatchSemaphore(value: 0)

  init(serial: Int, function: Int) {
    self.serial = serial
    self.function = function
  }

  func serve(_ task: Task) { give(.serve(task)) }

  func end() { give(.end) }

  private func give(_ order: Order) {
    orders.withLock { $0.append(order) }
    bell.signal()
  }

  private func next() -> Order {
    bell.wait()
    return orders.withLock { $0.removeFirst() }
  }

  /// Begins its life on a new thread; it is over when the environment leaves `living`.
  ///
  /// - Parameters:
  ///   - answer: called on that thread for each request. An environment that failed takes no more of them.
  ///   - bequeath: called at the end with all that it did.
  func begin(
    _ blueprint: Blueprint, among living: DispatchGroup, answer: @escaping @Sendable (Environment, Answer) -> Void,
    bequeath: @escaping @Sendable ([InvocationRecord]) -> Void
  ) {
    living.enter()
    Thread.detachNewThread { [self] in
      Thread.current.name = "environment"
      Self.leaveSignalsToOthers()
      var records: [InvocationRecord] = []
      do throws(MeasuringFault) {
        try live(blueprint, &records) { answer(self, .success($0)) }
      } catch {
        answer(self, .failure(error))
      }
      bequeath(records)
      living.leave()
    }
  }

  private func live(
    _ blueprint: Blueprint, _ records: inout [InvocationRecord], _ answer: (TimeSpan) -> Void
  ) throws(MeasuringFault) {
    guard case .serve(let first) = next() else { return }
    let condition = try blueprint.condition()
    let began = Clock.now
    let machine = try blueprint.machine()
    let ready = Clock.now
    // Lambda lets init run at full speed.
    try quota { () throws(QuotaFault) in try condition.hold(machine.thread) }
    defer { try? condition.release(machine.thread) }
    let held = Clock.now - ready
    let start = InvocationRecord.ColdStart(
      overhead: began - first.handedOver + held, initialisation: ready - began)
    var throttled = TimeSpan.zero
    var record = try invoke(machine, first, start, blueprint)
    while true {
      answer(record.end)
      let order = next()
      // Waiting that the environment's own quota caused is no noise. It is read when the next request is there: right
      // after a result the quota may be used up, and the environment would come back late.
      let sum = try quota { () throws(QuotaFault) in try condition.throttled() }
      record.sample.throttled = sum - throttled
      throttled = sum
      records.append(record)
      guard case .serve(let task) = order else { return }
      record = try invoke(machine, task, nil, blueprint)
    }
  }

  private func invoke(
    _ machine: Machine, _ task: Task, _ start: InvocationRecord.ColdStart?, _ blueprint: Blueprint
  ) throws(MeasuringFault) -> InvocationRecord {
    do throws(MachineFault) {
      let sample = try machine.invoke(blueprint.function.subject.request).sample
      return InvocationRecord(
        function: function, arrival: task.due, handedOver: task.handedOver, end: Clock.now, environment: serial,
        coldStart: start, sample: Sample(sample))
    } catch {
      throw .machine(function: blueprint.function.name, error)
    }
  }

  private func quota<T>(_ body: () throws(QuotaFault) -> T) throws(MeasuringFault) -> T {
    do throws(QuotaFault) { return try body() } catch { throw .quota(error) }
  }

  /// Ctrl-C is the main thread's to notice.
  private static func leaveSignalsToOthers() {
    var set = sigset_t()
    sigemptyset(&set)
    for number in [SIGINT, SIGTERM, SIGHUP] { sigaddset(&set, number) }
    pthread_sigmask(SIG_BLOCK, &set, nil)
  }
}
