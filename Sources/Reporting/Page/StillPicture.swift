import Glibc

/// Lines as inline SVG: small ones beside figures, large ones where nothing zooms (no library, no scripts).
enum StillPicture {
  struct Line {
    /// Nil leaves a gap.
    var values: [Double?]
    /// The style sheet's name of the line's colour.
    var colour: String
    var isFilled = false
    var isStepped = false
  }

  /// A picture from zero to the largest value, as wide as its surroundings.
  ///
  /// - Parameter limit: a level to mark by a dashed line.
  static func lines(_ lines: [Line], limit: Double? = nil, height: Int = 160) -> Markup {
    draw(lines, limit: limit, width: 1000, height: height, style: "still")
  }

  /// A word-sized picture; nothing when there is nothing to see.
  static func spark(_ values: [Double], colour: String) -> Markup {
    guard values.count > 2, values.contains(where: { $0 > 0 }) else { return "" }
    let runs = 120
    var peaks: [Double] = []
    for run in 0..<min(runs, values.count) {
      let start = run * values.count / min(runs, values.count)
      let end = max(start + 1, (run + 1) * values.count / min(runs, values.count))
      peaks.append(values[start..<end].max() ?? 0)
    }
    return draw(
      [Line(values: peaks, colour: colour, isFilled: true)], limit: nil, width: 240, height: 36, style: "spark")
  }

  private static func draw(
    _ lines: [Line], limit: Double?, width: Int, height: Int, style: String
  ) -> Markup {
    let largest = max(lines.compactMap { $0.values.compactMap { $0 }.max() }.max() ?? 0, limit ?? 0)
    let scale = largest > 0 && largest.isFinite ? Double(height - 3) / largest : 0
    func y(_ value: Double) -> Int { height - 1 - Int((max(0, value) * scale).rounded()) }
    var body = Markup()
    for line in lines {
      let steps = Double(max(1, line.values.count - 1))
      func x(_ index: Int) -> Int { Int((Double(index) * Double(width) / steps).rounded()) }
      var path = ""
      var isOpen = false
      var first = 0
      for (index, value) in line.values.enumerated() {
        guard let value, value.isFinite else {
          isOpen = false
          continue
        }
        if !isOpen {
          if path.isEmpty { first = x(index) }
          path += "M\(x(index)) \(y(value))"
        } else {
          path += line.isStepped ? "H\(x(index))V\(y(value))" : "L\(x(index)) \(y(value))"
        }
        isOpen = true
      }
      guard !path.isEmpty else { continue }
      if line.isFilled {
        body += "<path class=\"area k-\(line.colour)\" d=\"\(path)V\(height)H\(first)Z\"/>"
      }
      body += "<path class=\"line k-\(line.colour)\" d=\"\(path)\"/>"
    }
    if let limit { body += "<path class=\"line limit k-limit\" d=\"M0 \(y(limit))H\(width)\"/>" }
    return """
      <svg class="\(style)" viewBox="0 0 \(width) \(height)" preserveAspectRatio="none" aria-hidden="true">\
      \(body)</svg>
      """
  }
}
