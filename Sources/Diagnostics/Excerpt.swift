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
  excerpt(String(text.prefix(limit)), limit: limit, alreadyCut: text.count > limit)
}

private func excerpt(_ text: String, limit: Int, alreadyCut: Bool) -> String {
  var quoted = "\""
  for scalar in text.unicodeScalars {
    switch scalar {
    case "\t": quoted += "\\t"
    case "\n": quoted += "\\n"
    case "\r": quoted += "\\r"
    case "\"": quoted += "\\\""
    case _ where scalar.properties.generalCategory == .control: quoted += "\\u{\(String(scalar.value, radix: 16))}"
    default: quoted.unicodeScalars.append(scalar)
    }
  }
  return quoted + (alreadyCut ? "…\"" : "\"")
}
