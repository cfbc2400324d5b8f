import ArgumentParser
import Diagnostics
import Glibc
import Measuring

/// How the program ends when it cannot do what it was asked: a line on standard error, and a status.
struct Failure {
  private let text: String
  private let isHelp: Bool
  private let status: Int32

  init(_ error: any Error) {
    if let fault = error as? InputFault {
      text = Self.text(of: fault)
      isHelp = false
      status = fault.exitStatus.rawValue
      return
    }
    if let fault = error as? MeasuringFault {
      text = Self.text(fault.statement, advice: fault.advice)
      isHelp = false
      status = fault.exitStatus.rawValue
      return
    }
    // What remains is ArgumentParser's: help, the version, usage errors, an exit status.
    status = Faascast.exitCode(for: error).rawValue
    isHelp = status == 0
    var message = Faascast.fullMessage(for: error)
    if message.hasPrefix("Error: Unexpected argument"), let meant = Self.commandMeant() {
      message.replace("\n", with: ". Did you mean '\(meant)'?\n", maxReplacements: 1)
    }
    text = message.hasPrefix("Error: ") ? "faascast: error: " + message.dropFirst("Error: ".count) : message
  }

  /// The command that the first argument most likely stands for, when it is none.
  private static func commandMeant() -> String? {
    let commands = Faascast.configuration.subcommands.map { $0._commandName }
    guard let typed = CommandLine.arguments.dropFirst().first, !commands.contains(typed) else { return nil }
    return nearest(to: typed, among: commands)
  }

  /// One line that says what is wrong and where, and below it what to do.
  static func text(of fault: InputFault) -> String {
    text("\(fault.place): found \(fault.found), expected \(fault.expected)", advice: fault.advice)
  }

  private static func text(_ statement: String, advice: String?) -> String {
    let label = Terminal.error.isColoured ? "\u{1B}[1mfaascast: \u{1B}[31merror:\u{1B}[0m" : "faascast: error:"
    let line = "\(label) \(statement)"
    return advice.map { "\(line)\n  \($0)" } ?? line
  }

  func end() -> Never {
    if !text.isEmpty {
      let stream: StandardStream = isHelp ? .output : .error
      try? stream.write(text + "\n")
    }
    exit(status)
  }
}
