import Documents
import Logs
import Units

/// One line of a function's log, before it is put into a form.
struct LambdaLogEvent {
  enum Kind {
    case initStart
    case start
    case end
    /// Duration and init, ns.
    case report(duration: Int64, initDuration: Int64?)
  }

  var kind: Kind
  /// Ns since instant zero.
  var time: Int64
  var function: Int
  var environment: LambdaEnvironments.Environment
  var requestID: String
}

extension LambdaLogEvent {
  /// What an invocation leaves in the log, in order.
  ///
  /// INIT_START stands at the arrival and START at the end of init: logs do not show the time before init.
  static func events(
    of run: LambdaEnvironments.Run, function: Int, arrival: Int64, duration: Int64
  ) -> [LambdaLogEvent] {
    let start = arrival.saturatingAdd(run.initDuration ?? 0)
    let end = start.saturatingAdd(duration)
    func event(_ kind: Kind, _ time: Int64) -> LambdaLogEvent {
      LambdaLogEvent(
        kind: kind, time: time, function: function, environment: run.environment, requestID: run.requestID)
    }
    return (run.initDuration == nil ? [] : [event(.initStart, arrival)]) + [
      event(.start, start), event(.end, end), event(.report(duration: duration, initDuration: run.initDuration), end),
    ]
  }

  /// The log stream: the day on which the environment was made, and its id.
  func stream(zero: Int64) -> String {
    let day = CivilDate.split(secondsSince1970: wholeSeconds(zero.saturatingAdd(environment.created))).day
    let date = CivilDate(daysSince1970: day)
    return "\(padded(date.year, 4))/\(padded(date.month, 2))/\(padded(date.day, 2))/[$LATEST]\(environment.id)"
  }

  /// The line as Lambda writes it in text, as billed since August 2025: init is billed, and with the duration rounded up
  /// once.
  func textMessage(function: String, memory: MemorySize) -> String {
    switch kind {
    case .initStart:
      let arn = "arn:aws:lambda:us-east-1::runtime:" + Self.runtimeHash
      return "INIT_START Runtime Version: nodejs:22.v57\tRuntime Version ARN: \(arn)\n"
    case .start: return "START RequestId: \(requestID) Version: $LATEST\n"
    case .end: return "END RequestId: \(requestID)\n"
    case .report(let duration, let initDuration):
      let figures = Figures(duration, initDuration)
      return "REPORT RequestId: \(requestID)\tDuration: \(figures.duration) ms\tBilled Duration: \(figures.billed) ms\t"
        + "Memory Size: \(memory.megabytes) MB\tMax Memory Used: \(environment.memoryUsed) MB\t"
        + (figures.initDuration.map { "Init Duration: \($0) ms\t" } ?? "") + "\n"
    }
  }

  /// The line as a platform event; nil for END, which has none.
  func jsonMessage(function: String, memory: MemorySize, zero: Int64) -> String? {
    let when = "{\"time\":\"\(LambdaLogEvent.timestamp(zero.saturatingAdd(time)))\",\"type\":\"platform."
    switch kind {
    case .initStart:
      var name = OutputText()
      name.append(json: function)
      return when + "initStart\",\"record\":{\"initializationType\":\"on-demand\",\"phase\":\"init\","
        + "\"runtimeVersion\":\"nodejs:22.v57\","
        + "\"runtimeVersionArn\":\"arn:aws:lambda:us-east-1::runtime:\(Self.runtimeHash)\","
        + "\"functionName\":\(String(decoding: name.bytes, as: UTF8.self)),\"functionVersion\":\"$LATEST\","
        + "\"instanceId\":\"\(environment.id)\",\"instanceMaxMemory\":\(memory.megabytes)}}"
    case .start: return when + "start\",\"record\":{\"requestId\":\"\(requestID)\",\"version\":\"$LATEST\"}}"
    case .end: return nil
    case .report(let duration, let initDuration):
      let figures = Figures(duration, initDuration)
      return when
        + "report\",\"record\":{\"requestId\":\"\(requestID)\",\"metrics\":{\"durationMs\":\(figures.duration),"
        + "\"billedDurationMs\":\(figures.billed),\"memorySizeMB\":\(memory.megabytes),"
        + "\"maxMemoryUsedMB\":\(environment.memoryUsed)"
        + (figures.initDuration.map { ",\"initDurationMs\":\($0)" } ?? "") + "},\"status\":\"success\"}}"
    }
  }

  /// Of no real runtime.
  private static let runtimeHash = String(repeating: "0123456789abcdef", count: 4)

  /// Figures of a report: milliseconds with two decimals.
  private struct Figures {
    var duration: String
    var billed: Int64
    var initDuration: String?

    init(_ duration: Int64, _ initDuration: Int64?) {
      let hundredths = (duration / 10_000) + (duration % 10_000 >= 5000 ? 1 : 0)
      let initHundredths = initDuration.map { ($0 / 10_000) + ($0 % 10_000 >= 5000 ? 1 : 0) }
      self.duration = Self.text(hundredths)
      self.initDuration = initHundredths.map(Self.text)
      billed = max(1, (hundredths + (initHundredths ?? 0) + 99) / 100)
    }

    private static func text(_ hundredths: Int64) -> String {
      "\(hundredths / 100).\(padded(Int(hundredths % 100), 2))"
    }
  }

  /// `2026-01-05T00:00:00.000Z`.
  static func timestamp(_ nanoseconds: Int64) -> String {
    let milliseconds = wholeMilliseconds(nanoseconds)
    let (day, second) = CivilDate.split(secondsSince1970: wholeSeconds(nanoseconds))
    let date = CivilDate(daysSince1970: day)
    return "\(padded(date.year, 4))-\(padded(date.month, 2))-\(padded(date.day, 2))T\(padded(second / 3600, 2)):"
      + "\(padded(second / 60 % 60, 2)):\(padded(second % 60, 2)).\(padded(Int((milliseconds % 1000 + 1000) % 1000), 3))Z"
  }
}

private func padded(_ number: Int, _ width: Int) -> String {
  let digits = String(number)
  return String(repeating: "0", count: max(0, width - digits.count)) + digits
}

/// Rounded down, before 1970 as well.
func wholeMilliseconds(_ nanoseconds: Int64) -> Int64 {
  nanoseconds / 1_000_000 - (nanoseconds % 1_000_000 < 0 ? 1 : 0)
}

private func wholeSeconds(_ nanoseconds: Int64) -> Int64 {
  nanoseconds / 1_000_000_000 - (nanoseconds % 1_000_000_000 < 0 ? 1 : 0)
}
