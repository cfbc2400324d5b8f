/// A command as a person would type it into a shell.
enum CommandText {
  /// The program by its name, whatever path it was found at; arguments quoted where a shell would take them apart.
  static func of(_ arguments: [String]) -> String {
    (["faascast"] + arguments.dropFirst().map(quoted)).joined(separator: " ")
  }

  private static func quoted(_ argument: String) -> String {
    let isPlain = argument.unicodeScalars.allSatisfy {
      $0.properties.isAlphabetic || $0.properties.numericType != nil || "-_./:=,@%+".unicodeScalars.contains($0)
    }
    if isPlain, !argument.isEmpty { return argument }
    return "'" + argument.replacing("'", with: "'\\''") + "'"
  }
}
