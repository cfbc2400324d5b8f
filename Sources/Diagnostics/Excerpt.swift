/// Text taken from bad input, made safe to print: cut to a readable length, control characters escaped.
public func excerpt(_ bytes: some Sequence<UInt8>, limit: Int = 60) -> String {
  var shown: [UInt8] = []
  var cut = false
  for byte in bytes {
    if shown.count == limit {
      cut = true
      break
    }
    shown.append(byte)
  }
  return excerpt(String(decoding: shown, as: UTF8.self), limit: limit, alreadyCut: cut)
}

/// Text taken from bad input, made safe to print: cut to a readable length, control characters escaped.
public func excerpt(_ text: String, limit: Int = 60) -> String {
  // By scalars: a single character may have any number of marks on it.
  let shown = text.unicodeScalars.prefix(limit)
  return excerpt(String(shown), limit: limit, alreadyCut: shown.endIndex < text.unicodeScalars.endIndex)
}

private func excerpt(_ text: String, limit: Int, alreadyCut: Bool) -> String {
  var quoted = "\""
  for scalar in text.unicodeScalars {
    switch scalar {
    case "\t": quoted += "\\t"
    case "\n": quoted += "\\n"
    case "\r": quoted += "\\r"
    case "\"": quoted += "\\\""
    case _ where isInvisible(scalar): quoted += "\\u{\(String(scalar.value, radix: 16))}"
    default: quoted.unicodeScalars.append(scalar)
    }
  }
  return quoted + (alreadyCut ? "…\"" : "\"")
}

/// Whether a scalar would move the cursor, turn the writing round or break the line instead of showing.
private func isInvisible(_ scalar: Unicode.Scalar) -> Bool {
  switch scalar.properties.generalCategory {
  case .control, .format, .lineSeparator, .paragraphSeparator: true
  default: false
  }
}
