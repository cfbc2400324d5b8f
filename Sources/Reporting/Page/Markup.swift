import Units

/// A piece of HTML. Text put into it is escaped unless it is markup itself, so that no name from a trace can become a
/// tag, an attribute or a script.
struct Markup: ExpressibleByStringInterpolation {
  private(set) var text: String

  init(stringLiteral value: String) { text = value }
  init(stringInterpolation: StringInterpolation) { text = stringInterpolation.text }
  /// Text that is known to be whole HTML.
  init(trusted text: String) { self.text = text }
  init() { text = "" }

  struct StringInterpolation: StringInterpolationProtocol {
    fileprivate var text = ""

    init(literalCapacity: Int, interpolationCount: Int) { text.reserveCapacity(literalCapacity * 2) }
    mutating func appendLiteral(_ literal: String) { text += literal }
    mutating func appendInterpolation(_ value: String) { Markup.escape(value, to: &text) }
    mutating func appendInterpolation(_ value: Int) { text += String(value) }
    mutating func appendInterpolation(_ value: Markup) { text += value.text }
    mutating func appendInterpolation(_ value: Markup?) { text += value?.text ?? "" }
    mutating func appendInterpolation(_ values: [Markup]) { for value in values { text += value.text } }
  }

  static func += (a: inout Markup, b: Markup) { a.text += b.text }

  /// What has a meaning in HTML text or in quoted attributes becomes an entity; characters that HTML forbids become
  /// U+FFFD.
  private static func escape(_ value: String, to text: inout String) {
    for scalar in value.unicodeScalars {
      switch scalar {
      case "&": text += "&amp;"
      case "<": text += "&lt;"
      case ">": text += "&gt;"
      case "\"": text += "&quot;"
      case "'": text += "&#39;"
      case "\t", "\n": text.unicodeScalars.append(scalar)
      case _ where scalar.value < 0x20 || (0x7f...0x9f).contains(scalar.value): text += "\u{fffd}"
      default: text.unicodeScalars.append(scalar)
      }
    }
  }
}

/// A table of figures: the first column names the row, the others hold numbers unless said otherwise.
struct MarkupTable {
  struct Column {
    var title: String
    /// Explains the column when the pointer rests on it.
    var hint = ""
    var isText = false
  }

  struct Cell {
    var content: Markup
    /// A bar behind the number, as a share of the cell's width.
    var bar: Double?

    init(_ text: String, bar: Double? = nil) {
      content = "\(text)"
      self.bar = bar
    }
  }

  var caption: String
  var columns: [Column]
  var attributes = ""
  private var body = Markup()

  init(caption: String, columns: [Column], attributes: String = "") {
    self.caption = caption
    self.columns = columns
    self.attributes = attributes
  }

  /// Adds a row; `cells` are those after the row's name.
  mutating func row(_ name: Markup, _ cells: [Cell], isTotal: Bool = false) {
    body += "<tr\(Markup(trusted: isTotal ? " class=\"total\"" : ""))><th scope=\"row\">\(name)</th>"
    for (column, cell) in zip(columns.dropFirst(), cells) {
      let kind = column.isText ? "t" : "n"
      if let bar = cell.bar, bar > 0, bar.isFinite {
        // One decimal of a percent is finer than a pixel.
        let width = (min(bar, 1) * 1000).rounded() / 10
        body += "<td class=\"\(kind) bar\" style=\"--w:\(width.description)%\">\(cell.content)</td>"
      } else {
        body += "<td class=\"\(kind)\">\(cell.content)</td>"
      }
    }
    body += "</tr>\n"
  }

  var markup: Markup {
    let heads = columns.enumerated().map { index, column -> Markup in
      let hint: Markup = column.hint.isEmpty ? "" : " title=\"\(column.hint)\""
      return "<th scope=\"col\" class=\"\(index == 0 || column.isText ? "t" : "n")\"\(hint)>\(column.title)</th>"
    }
    return """
      <div class="scroll" role="region" aria-label="\(caption)" tabindex="0"><table\(Markup(trusted: attributes))>
      <caption>\(caption)</caption>
      <thead><tr>\(heads)</tr></thead>
      <tbody>
      \(body)</tbody>
      </table></div>

      """
  }
}
