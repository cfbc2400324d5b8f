public import Diagnostics
public import MicroVM

/// Why a measurement could not be made or came to its end early.
public enum MeasuringFault: Error, Equatable, Sendable {
  /// A machine, or the function in it, failed.
  case machine(function: String, MachineFault)
  case quota(QuotaFault)
  /// Something that measuring needs is missing or refused to work.
  case unavailable(what: String, advice: String)
  /// The function or the request is not what can be measured.
  case unsuitable(what: String, advice: String)
  case input(InputFault)
}

extension MeasuringFault {
  public var exitStatus: ExitStatus {
    switch self {
    case .machine(_, let fault): fault.exitStatus
    case .quota(let fault): fault.exitStatus
    case .unavailable: .unavailable
    case .unsuitable: .badInput
    case .input(let fault): fault.exitStatus
    }
  }

  public var statement: String {
    switch self {
    // A function without a name of its own goes by its path, which the fault says itself.
    case .machine(let function, let fault):
      if case .badImage(function, _, _, _) = fault { "\(fault)" } else { "\(function): \(fault)" }
    case .quota(let fault): fault.description
    case .unavailable(let what, _), .unsuitable(let what, _): what
    case .input(let fault): fault.description
    }
  }

  /// What to do, where the statement does not say it already.
  public var advice: String? {
    switch self {
    case .unavailable(_, let advice), .unsuitable(_, let advice): advice
    case .machine, .quota, .input: nil
    }
  }
}
