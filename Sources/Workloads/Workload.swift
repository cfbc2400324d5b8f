public import Diagnostics
public import Statistics
public import Units

/// What arrives: functions and their invocations, recorded one by one or generated from counts and laws.
///
/// A workload is a recipe; opening it as often as needed gives the same invocations for the same seed. Its memory grows
/// with its functions, never with its invocations.
public struct Workload: Sendable {
  public enum Feed: Sendable {
    case recorded(RecordedWorkload)
    case generated(GeneratedWorkload)
  }

  /// What it was made from, for people: a path or a kind.
  public var title: String
  public var feed: Feed
  /// The wall-clock moment of instant zero in seconds since 1970, where the trace tells.
  public var epoch: Double?

  public init(title: String, feed: Feed, epoch: Double? = nil) {
    self.title = title
    self.feed = feed
    self.epoch = epoch
  }
}

/// One function of a workload and what the trace says of it. What it does not say is nil and comes from the scenario.
public struct WorkloadFunction: Hashable, Sendable {
  /// Unique in the workload.
  public var name: String
  /// The application that it belongs to, where the trace groups functions.
  public var application: String?
  /// How it is invoked, as the trace names it (`http`, `timer`, `queue`…).
  public var trigger: String?
  /// The memory setting, where the trace records the setting itself.
  public var memory: MemorySize?
  /// Mean memory in use, MB, where the trace records use rather than the setting.
  public var memoryUsed: Double?
  /// Measured init times in seconds, where the trace has cold starts.
  public var initDuration: Distribution?

  public init(
    name: String, application: String? = nil, trigger: String? = nil, memory: MemorySize? = nil,
    memoryUsed: Double? = nil, initDuration: Distribution? = nil
  ) {
    self.name = name
    self.application = application
    self.trigger = trigger
    self.memory = memory
    self.memoryUsed = memoryUsed
    self.initDuration = initDuration
  }
}

/// A workload whose invocations stand in a file, one by one.
public struct RecordedWorkload: Sendable {
  /// Opens the record from its beginning.
  public var open: @Sendable () throws(InputFault) -> any InvocationReader
  /// Whether rows are known to come in no order of arrival, so that a sort cannot be avoided.
  public var needsSorting: Bool
  /// The part of the record that is used, from `Workload.windowed`. `OrderedInvocations` applies it, because where
  /// time begins is known only once the rows are in order; a reader that `open` gives does not.
  public internal(set) var window: TimeWindow?

  public init(needsSorting: Bool = false, open: @escaping @Sendable () throws(InputFault) -> any InvocationReader) {
    self.needsSorting = needsSorting
    self.open = open
  }
}

/// A workload whose invocations are drawn function by function.
public struct GeneratedWorkload: Sendable {
  public var functions: [WorkloadFunction]
  /// Where the trace ends; every arrival lies before it.
  public var horizon: Instant
  /// About how many invocations to expect: for progress and the size of working sets.
  public var expectedInvocations: Int
  /// What was read to make it.
  public var ledger: ImportLedger
  /// What the trace measured of itself.
  public var observations: Observations?
  /// A generator for the function at an index; a pure function of its arguments.
  public var generator: @Sendable (_ function: Int, _ seed: UInt64, _ replication: UInt64) -> any InvocationGenerator

  public init(
    functions: [WorkloadFunction], horizon: Instant, expectedInvocations: Int, ledger: ImportLedger,
    observations: Observations? = nil,
    generator: @escaping @Sendable (_ function: Int, _ seed: UInt64, _ replication: UInt64) -> any InvocationGenerator
  ) {
    self.functions = functions
    self.horizon = horizon
    self.expectedInvocations = expectedInvocations
    self.ledger = ledger
    self.observations = observations
    self.generator = generator
  }
}

/// Draws one function's invocations in order of arrival, block by block.
public protocol InvocationGenerator {
  /// Appends all invocations not yet given that arrive before `end`, in order of arrival.
  mutating func generate(until end: Instant, into block: inout InvocationBlock)
}

/// Reads invocations in the order of the record, which need not be the order of arrival.
public protocol InvocationReader: AnyObject {
  /// The functions met so far. Grows while reading; an index once given stays.
  var functions: [WorkloadFunction] { get }
  /// What was read, repaired and dropped so far.
  var ledger: ImportLedger { get }
  /// What the record measured of itself; complete at the end.
  var observations: Observations? { get }
  /// The share of the input consumed, 0 to 1, where it can be told.
  var progress: Double? { get }
  /// The moment of instant zero in seconds since 1970, once known and where it means anything.
  var epoch: Double? { get }

  /// Appends up to about `limit` invocations; appends none only at the end of the record.
  func read(into batch: inout InvocationBatch, limit: Int) throws(InputFault)
}

extension InvocationReader {
  public var observations: Observations? { nil }
  public var progress: Double? { nil }
  public var epoch: Double? { nil }
}
