/// What is wrong with something a person gave to the program, said so that they can mend it.
///
/// Every fault names the place (file, line, column or key), what was found, what was expected, and what to do.
public struct InputFault: Error, Equatable, Sendable {
  /// Where in the input the fault lies.
  public struct Place: Equatable, Sendable, CustomStringConvertible {
    /// The file's path as the user gave it, or a name such as `standard input`.
    public var file: String
    /// Line, counted from one; nil where lines mean nothing.
    public var line: Int?
    /// Column name, key path (`functions.checkout.memory`) or field.
    public var key: String?

    public init(file: String, line: Int? = nil, key: String? = nil) {
      self.file = file
      self.line = line
      self.key = key
    }

    public var description: String {
      var text = file
      if let line { text += ":\(line)" }
      if let key { text += text.isEmpty ? key : ": \(key)" }
      return text
    }
  }

  /// The kinds of fault that end the program in different ways.
  public enum Kind: Equatable, Sendable {
    /// The content is wrong.
    case content
    /// The file could not be read or written.
    case system
  }

  public var kind: Kind
  public var place: Place
  public var found: String
  public var expected: String
  public var advice: String?

  public init(
    _ kind: Kind = .content, at place: Place, found: String, expected: String, advice: String? = nil
  ) {
    self.kind = kind
    self.place = place
    self.found = found
    self.expected = expected
    self.advice = advice
  }

  /// The process exit status that belongs to this fault.
  public var exitStatus: ExitStatus { kind == .content ? .badInput : .inputOutput }
}

extension InputFault: CustomStringConvertible {
  public var description: String {
    var text = "\(place): found \(found), expected \(expected)"
    if let advice { text += "; \(advice)" }
    return text
  }
}

/// Exit statuses of the command line, after `sysexits.h`.
public enum ExitStatus: Int32, Sendable {
  case success = 0
  /// A check that the user asked for failed.
  case checkFailed = 1
  case badUsage = 64
  case badInput = 65
  case unavailable = 69
  case inputOutput = 74
  /// Ended by Ctrl-C with what there was (128 + SIGINT).
  case interrupted = 130
}
