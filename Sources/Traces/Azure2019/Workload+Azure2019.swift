public import Diagnostics
import Logs
import Reading
import Statistics
import Units
public import Workloads

extension Workload {
  /// The Azure Functions 2019 trace: a directory with tables of invocations per minute, percentiles of durations and
  /// memory, in the published form or cut down (M. Shahrad et al., "Serverless in the Wild", ATC'20;
  /// github.com/Azure/AzurePublicDataset).
  ///
  /// Tables are known by their columns, plain or gzip; days by `d01`, `d02`… in the files' names. Instant zero is the
  /// start of the first minute of the first day.
  ///
  /// - Functions are what HashOwner, HashApp and HashFunction name together. One of several days has its days one after
  ///   another, and nothing on days that lack it. One that is never invoked is kept.
  /// - Counts are read as `minuteCounts(file:function:duration:arrivals:)` does.
  /// - Durations follow the percentiles, bent inside their steps so that the mean is Average. Minimum and Maximum, of
  ///   single invocations, are not used: the percentiles are of averages over half a minute and have ends of their own.
  ///   Several days' rows are averaged by Count. A function without a row gets the percentiles of its application's
  ///   functions pooled by Count, else of all functions, else, in a trace without durations, the lognormal law published
  ///   for the whole trace; the ledger counts these.
  /// - Memory is AverageAllocatedMb, averaged over days; that of an application stands undivided at each of its functions.
  ///
  /// - Parameters:
  ///   - directory: where the tables are.
  ///   - arrivals: where arrivals lie inside a minute.
  public static func azure2019(
    directory: String, arrivals: ArrivalLaw = .uniform
  ) throws(InputFault) -> Workload {
    let files = try Azure2019Files(directory: directory)
    var ledger = ImportLedger()
    for name in files.strangers { ledger.remark("file ignored: \(excerpt(name)) is none of the trace's tables") }
    var trace = Azure2019Invocations()
    for table in files.invocations { try trace.read(table, &ledger) }
    trace.counts.seal()
    var durations = Azure2019Durations(functions: trace.identities.count)
    for table in files.durations {
      try durations.read(table.path, into: &ledger) { trace.function(in: $0, $1) }
    }
    var memory = Azure2019Memory()
    for table in files.memory {
      try memory.read(
        table.path, into: &ledger, findApplication: { trace.application(in: $0, $1) },
        findFunction: { trace.function(in: $0, $1) })
    }
    let laws = trace.laws(durations, &ledger)
    let functions = trace.functions(memory, &ledger)
    ledger.remark("instant zero is the start of \(trace.beginning)")
    return Workload(
      title: directory, counts: trace.counts, functions: functions, durations: laws, minutes: trace.minutes,
      arrivals: arrivals, ledger: ledger)
  }
}

/// The functions of an Azure Functions 2019 trace and their counts, while it is read.
struct Azure2019Invocations {
  var counts = MinuteCounts()
  private(set) var identities: [ShortNames.Identity] = []
  private var triggers: [String?] = []
  /// The application of each function.
  private var applications: [Int] = []
  private var functionTable = FunctionTable()
  private var applicationTable = FunctionTable()

  /// The first day and its first minute, as the files number them.
  private var first: (day: Int?, minute: Int)?
  /// Minutes from instant zero to the end of the last table.
  private(set) var minutes = 0

  static let minutesOfDay = 1440

  var beginning: String {
    guard let first else { return "the trace" }
    return "minute \(first.minute) of " + (first.day.map { "day \($0)" } ?? "the day")
  }

  mutating func read(_ file: Azure2019Files.Table, _ ledger: inout ImportLedger) throws(InputFault) {
    let table = try MinuteTable(try CSVReader(path: file.path))
    let reader = table.reader
    let identity = try reader.identityColumns()
    let trigger = reader.column("Trigger")
    let used = Set(identity + (trigger.map { [$0] } ?? []))
    ledger.remarkIgnored(table.others.filter { !used.contains($0) }.map { reader.columns[$0] }, of: "invocations")
    try begin(table, of: file)

    while try table.next() {
      ledger.read += 1
      guard !table.field(identity[2]).isEmpty else {
        ledger.drop("invocations without a HashFunction")
        continue
      }
      let known = identities.count
      let function = Int(functionTable.index(of: Self.key(identity.map(table.field))))
      if function == known {
        identities.append(
          .init(
            owner: table.text(identity[0]), application: table.text(identity[1]), function: table.text(identity[2])))
        triggers.append(trigger.map(table.text).flatMap { $0.isEmpty ? nil : $0 })
        applications.append(Int(applicationTable.index(of: Self.key(identity.prefix(2).map(table.field)))))
      }
      switch counts.add(table.row, function: function) {
      case .new: break
      case .merged: ledger.repair("second invocations row of a function and day: counts added up")
      case .tooMany: throw table.tooManyFault(name: table.text(identity[2]))
      }
    }
    ledger.repair("empty or NaN count taken as 0", count: table.repairedRows)
  }

  /// Finds the table's place in time.
  private mutating func begin(_ table: MinuteTable, of file: Azure2019Files.Table) throws(InputFault) {
    var start = 0
    if let first {
      start = ((file.day ?? 0) - (first.day ?? 0)) * Self.minutesOfDay + table.minutes.lowerBound - first.minute
    } else {
      first = (file.day, table.minutes.lowerBound)
    }
    // Minutes within a day also keep the trace's end within Int64's reach.
    guard start >= minutes, minutes == 0 || table.minutes.upperBound <= Self.minutesOfDay else {
      throw InputFault(
        at: .init(file: file.path, line: 1),
        found: "minutes \(table.minutes.lowerBound) to \(table.minutes.upperBound) of day \(file.day ?? 0)",
        expected: "minutes up to \(Self.minutesOfDay), after the end of the day before",
        advice: "in a trace of several days, minutes are numbered 1 to 1440 each day")
    }
    minutes = start + table.minutes.count
    counts.beginTable(at: start)
  }

  /// The function that the hashes in these columns name.
  func function(in reader: CSVReader, _ columns: [Int]) -> Int? {
    functionTable.find(Self.key(columns.map(reader.field))).map(Int.init)
  }

  /// The application that the hashes in these columns name.
  func application(in reader: CSVReader, _ columns: [Int]) -> Int? {
    applicationTable.find(Self.key(columns.map(reader.field))).map(Int.init)
  }

  /// Fields as one key. The separator is a byte that no text in UTF-8 has.
  private static func key(_ fields: [UnsafeRawBufferPointer]) -> [UInt8] {
    var key: [UInt8] = []
    for field in fields {
      key.append(contentsOf: field)
      key.append(0xFF)
    }
    return key
  }

  /// A law of durations for each function.
  func laws(_ durations: Azure2019Durations, _ ledger: inout ImportLedger) -> [Distribution] {
    var laws = identities.indices.map { durations.law(of: $0, &ledger) }
    let known = laws.count { $0 != nil }
    if known > 0 {
      ledger.synthesise("durations: drawn from \(durations.probabilities.count) percentiles a function, mean kept")
    }
    let beyond = identities.indices.count { Double(counts.totals[$0]) > durations.count(of: $0) ?? .infinity }
    if beyond > 0 {
      ledger.remark("\(beyond.grouped) functions have more invocations here than the Count of their durations")
    }
    guard known < laws.count else { return laws.compactMap(\.self) }

    // Functions without durations of their own.
    var members: [Int: [Int]] = [:]
    for function in identities.indices where laws[function] != nil {
      members[applications[function], default: []].append(function)
    }
    let published = Distribution.lognormal(mu: -0.38, sigma: 2.36)
    var ofAll: Distribution?
    var pooled: [Int: Distribution] = [:]
    var (fromApplication, fromAll) = (0, 0)
    for function in identities.indices where laws[function] == nil {
      let application = applications[function]
      if let own = members[application], let law = pooled[application] ?? durations.pooledLaw(of: own) {
        pooled[application] = law
        laws[function] = law
        fromApplication += 1
      } else {
        if known > 0, ofAll == nil { ofAll = durations.pooledLaw(of: identities.indices) }
        laws[function] = ofAll ?? published
        fromAll += 1
      }
    }
    if fromApplication > 0 {
      ledger.synthesise(
        "durations of \(fromApplication.grouped) functions without their own: pooled of their application")
    }
    if fromAll > 0 {
      ledger.synthesise(
        "durations of \(fromAll.grouped) functions without their own: "
          + (ofAll == nil
            ? "lognormal(-0.38, 2.36) in seconds, as published for the whole trace" : "pooled of all functions"))
    }
    return laws.compactMap(\.self)
  }

  /// The functions as the workload describes them.
  func functions(_ memory: Azure2019Memory, _ ledger: inout ImportLedger) -> [WorkloadFunction] {
    let names = ShortNames.names(of: identities)
    var missing = 0
    let functions = identities.indices.map { index in
      let megabytes = memory.megabytes(function: index, application: applications[index])
      if megabytes == nil { missing += 1 }
      return WorkloadFunction(
        name: names[index], application: identities[index].application, trigger: triggers[index], memoryUsed: megabytes)
    }
    if missing > 0 {
      ledger.remark("\(missing.grouped) of \(functions.count.grouped) functions have no memory in the trace")
    }
    if memory.isByApplication {
      ledger.remark("memory is that of a function's whole application")
    }
    return functions
  }
}
