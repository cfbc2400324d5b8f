public import Measuring
public import Units

/// What became of one request.
public struct InvocationRecord: Sendable {
  /// A new environment's beginning.
  public struct ColdStart: Equatable, Sendable {
    /// From the request's hand-over until a thread began to make the machine, and putting it under its quota: not billed.
    public var overhead: TimeSpan
    /// From there until the machine could take its request.
    public var initialisation: TimeSpan

    public init(overhead: TimeSpan, initialisation: TimeSpan) {
      self.overhead = overhead
      self.initialisation = initialisation
    }
  }

  /// Index into the plan's functions.
  public var function: Int
  /// When it was due, since the run's beginning.
  public var arrival: TimeSpan
  /// When the host gave it to an environment, or refused it.
  public var handedOver: TimeSpan
  /// When its result was there.
  public var end: TimeSpan
  /// Counted from zero; nil where concurrency was used up and the request refused.
  public var environment: Int?
  /// nil where an environment was there.
  public var coldStart: ColdStart?
  /// What the machine's thread did meanwhile, without the start.
  public var sample: Sample

  public init(
    function: Int, arrival: TimeSpan, handedOver: TimeSpan, end: TimeSpan, environment: Int?,
    coldStart: ColdStart? = nil, sample: Sample = Sample(wall: .zero)
  ) {
    self.function = function
    self.arrival = arrival
    self.handedOver = handedOver
    self.end = end
    self.environment = environment
    self.coldStart = coldStart
    self.sample = sample
  }

  public var isThrottled: Bool { environment == nil }
  /// What the caller waits.
  public var latency: TimeSpan { end - arrival }
  /// That the host noticed the request too late.
  public var lateness: TimeSpan { handedOver - arrival }
  /// From the hand-over to an environment that is ready until the result.
  public var duration: TimeSpan {
    end - handedOver - (coldStart.map { $0.overhead + $0.initialisation } ?? .zero)
  }
  /// Init and duration, rounded up to whole milliseconds as Lambda does.
  public var billedMilliseconds: Int64 {
    guard !isThrottled else { return 0 }
    return ((duration + (coldStart?.initialisation ?? .zero)).nanoseconds + 999_999) / 1_000_000
  }
}

/// All that a host did in one run.
public struct ServiceRun: Sendable {
  public enum Ending: Equatable, Sendable {
    case complete
    /// Stopped by Ctrl-C.
    case interrupted
    /// A machine or a quota failed.
    case failed(MeasuringFault)
  }

  /// In no stated order.
  public var records: [InvocationRecord]
  public var horizon: TimeSpan
  public var ending: Ending

  public init(records: [InvocationRecord], horizon: TimeSpan, ending: Ending = .complete) {
    self.records = records
    self.horizon = horizon
    self.ending = ending
  }

  /// Invocations that others on the host kept waiting.
  public var noisyCount: Int { records.count { $0.sample.isNoisy } }

  /// The run as invocations with environments, a row each: what `faascast calibrate` reads. Refused ones are left out.
  public func table(of functions: [String]) -> String {
    var text =
      "function,start_s,end_s,environment,cold,overhead_ms,init_ms,duration_ms,billed_ms,run_delay_ms,throttled_ms,noisy\n"
    for record in records.sorted(by: { ($0.arrival, $0.end) < ($1.arrival, $1.end) }) {
      guard let environment = record.environment else { continue }
      let fields = [
        functions[record.function], "\(record.handedOver.seconds)", "\(record.end.seconds)", "\(environment)",
        record.coldStart == nil ? "0" : "1", record.coldStart.map { "\($0.overhead.milliseconds)" } ?? "",
        record.coldStart.map { "\($0.initialisation.milliseconds)" } ?? "",
        "\(record.duration.milliseconds)", "\(record.billedMilliseconds)",
        "\(record.sample.runDelay.milliseconds)", "\(record.sample.throttled.milliseconds)",
        record.sample.isNoisy ? "1" : "0",
      ]
      text += fields.joined(separator: ",") + "\n"
    }
    return text
  }
}
