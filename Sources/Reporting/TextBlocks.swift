/// Emphasis by escape codes, or nothing at all when the output is no terminal.
package struct Ink {
  let isOn: Bool

  package init(isOn: Bool) { self.isOn = isOn }

  package func bold(_ text: String) -> String { isOn ? "\u{1b}[1m\(text)\u{1b}[0m" : text }
  package func faint(_ text: String) -> String { isOn ? "\u{1b}[2m\(text)\u{1b}[0m" : text }
  package func warning(_ text: String) -> String { isOn ? "\u{1b}[33m\(text)\u{1b}[0m" : text }
}

/// A small table: the first column at the left, all others at the right.
package struct TextTable {
  package var title: String
  package var columns: [String]
  /// One cell more than `columns`: the row's name comes first.
  package var rows: [[String]] = []
  package var note: String?
  package var lastIsTotal = false
  /// Whether the first column gives way when the table is too wide.
  package var flexible = false

  package init(_ title: String, columns: [String]) {
    self.title = title
    self.columns = columns
  }
}

/// Blocks of text one below the other, none wider than the terminal as far as words can be broken.
package struct TextBlocks {
  let ink: Ink
  let width: Int
  package private(set) var text = ""

  package init(ink: Ink, width: Int) {
    self.ink = ink
    self.width = width
  }

  package mutating func heading(_ title: String, note: String) {
    text += ink.bold(title)
    // On the same line when there is room for both.
    text += title.count + 2 + note.count <= width ? "  " : "\n"
    text += ink.faint(note) + "\n"
  }

  /// An empty line.
  package mutating func space() { text += "\n" }

  package mutating func warning(_ message: String) {
    for line in wrap(message, indent: 0) { text += ink.warning(line) + "\n" }
  }

  /// Name, value at the right of its column, meaning.
  package mutating func pairs(_ lines: [(String, String, String)]) {
    text += "\n"
    let names = lines.map(\.0.count).max() ?? 0
    let values = lines.map(\.1.count).max() ?? 0
    for (name, value, meaning) in lines {
      text += name.padded(to: names) + "  " + ink.bold(value.paddedLeft(to: values))
      let start = names + values + 5
      let wrapped = wrap(meaning, indent: start)
      if let first = wrapped.first, !first.isEmpty { text += "   " + first }
      text += "\n"
      for line in wrapped.dropFirst() { text += String(repeating: " ", count: start) + line + "\n" }
    }
  }

  package mutating func table(_ table: TextTable) {
    guard !table.rows.isEmpty else { return }
    var widths = [max(table.title.count, table.rows.map { $0[0].count }.max() ?? 0)]
    for (index, column) in table.columns.enumerated() {
      widths.append(max(column.count, table.rows.map { $0[index + 1].count }.max() ?? 0))
    }
    let rest = widths.dropFirst().reduce(0) { $0 + $1 + 2 }
    widths[0] = max(12, table.title.count, min(widths[0], width - rest))
    text += "\n" + ink.bold(table.title.padded(to: widths[0]))
    for (index, column) in table.columns.enumerated() {
      text += "  " + ink.faint(column.paddedLeft(to: widths[index + 1]))
    }
    text += "\n"
    for (number, row) in table.rows.enumerated() {
      var line = Wording.name(row[0], limit: widths[0]).padded(to: widths[0])
      for (index, cell) in row.dropFirst().enumerated() { line += "  " + cell.paddedLeft(to: widths[index + 1]) }
      text += (table.lastIsTotal && number == table.rows.count - 1 ? ink.bold(line) : line) + "\n"
    }
    if let note = table.note { text += ink.faint(note) + "\n" }
  }

  package mutating func list(_ title: String, _ items: [String]) {
    guard !items.isEmpty else { return }
    text += "\n" + ink.bold(title) + "\n"
    for item in items {
      for (number, line) in wrap(item, indent: 2).enumerated() { text += (number == 0 ? "- " : "  ") + line + "\n" }
    }
  }

  package mutating func closing(_ lines: [(String, String)]) {
    guard !lines.isEmpty else { return }
    text += "\n"
    let names = lines.map(\.0.count).max() ?? 0
    for (name, value) in lines { text += ink.faint(name.padded(to: names)) + "  " + value + "\n" }
  }

  /// The text in lines that fit beside `indent` columns; a word that is too long stands alone.
  private func wrap(_ text: String, indent: Int) -> [String] {
    let room = max(20, width - indent)
    var lines: [String] = []
    var line = ""
    for word in Wording.name(text, limit: 2000).split(separator: " ") {
      if !line.isEmpty, line.count + 1 + word.count > room {
        lines.append(line)
        line = ""
      }
      line += (line.isEmpty ? "" : " ") + word
    }
    return text.isEmpty ? [""] : lines + [line]
  }
}

extension String {
  fileprivate func padded(to width: Int) -> String { self + String(repeating: " ", count: Swift.max(0, width - count)) }
  fileprivate func paddedLeft(to width: Int) -> String {
    String(repeating: " ", count: Swift.max(0, width - count)) + self
  }
}
