import Engine
import Foundation
import Platforms
import Pricing
import Statistics
import Units
import Workloads

extension Page {
  /// Simulated against measured, where the trace measured itself.
  var comparison: Section {
    let pairs = report.outcome.observations.map { Observed($0).beside(figures) } ?? []
    var table = MarkupTable(
      caption: "Simulated beside measured",
      columns: [
        .init(title: "Quantity"), .init(title: "Simulated"), .init(title: "Measured"), .init(title: "Difference"),
      ])
    for pair in pairs {
      table.row(
        "\(pair.name.prefix(1).uppercased() + pair.name.dropFirst())",
        [.init(pair.said(pair.simulated)), .init(pair.said(pair.measured)), .init(pair.saidDifference)])
    }
    let note: Markup = """
      <p class="fine">Measured: what the trace itself records of the platform that ran it. Differences are shares of \
      the measured value.</p>

      """
    return Section(
      id: "measured", title: "How close is it to what was measured?", short: "Measured",
      content: pairs.isEmpty ? "" : table.markup + note)
  }

  /// What the figures rest on: what was read, made up, assumed and set, and how to get them again.
  var assumed: Section {
    let ledger = report.outcome.ledger
    var content: Markup = "<div class=\"columns\">\n"
    content += list("How sure the figures are", report.certainty.remarks)
    content += list("Synthesised (not in the trace)", ledger.synthesised)
    content += list("Assumed", report.allAssumptions)
    content += read
    content += list("Remarks on the input", ledger.remarks)
    content += settings
    content += "</div>\n"
    if let command = report.run.command {
      content += "<h3>To make this report again</h3>\n<pre><code>\(command)</code></pre>\n"
    }
    if let measured = report.run.measured {
      content += """
        <p class="fine">\(Wording.large(report.outcome.totals.arrivals)) invocations were simulated in \
        \(Wording.span(milliseconds: measured.simulationSeconds * 1000)), \
        \(Wording.number(measured.invocationsPerSecond)) a second, in \(Wording.number(measured.peakMemoryMB)) MB of \
        memory.</p>

        """
    }
    return Section(id: "assumed", title: "What was assumed?", short: "Assumed", content: content)
  }

  private func list(_ title: String, _ items: [String]) -> Markup {
    guard !items.isEmpty else { return "" }
    let entries = items.prefix(200).map { item -> Markup in "<li>\(Wording.name(item, limit: 1000))</li>\n" }
    let rest: Markup = items.count > 200 ? "<li>and \((items.count - 200).grouped) more</li>\n" : ""
    return "<div><h3>\(title)</h3>\n<ul>\n\(entries)\(rest)</ul></div>\n"
  }

  private var read: Markup {
    let ledger = report.outcome.ledger
    guard ledger.read > 0 || ledger.repairedTotal > 0 || ledger.droppedTotal > 0 else { return "" }
    func rows(_ word: String, _ reasons: [String: Int]) -> [Markup] {
      reasons.sorted { $0.key < $1.key }.map {
        "<li>\($0.value.grouped) \(word): \(Wording.name($0.key, limit: 300))</li>\n"
      }
    }
    let untouched: Markup =
      ledger.repairedTotal == 0 && ledger.droppedTotal == 0 ? "<li>none repaired, none dropped</li>\n" : ""
    return """
      <div><h3>Read, repaired, dropped</h3>
      <ul>
      <li>\(Wording.count(ledger.read, "row")) read</li>
      \(rows("repaired", ledger.repaired))\(rows("dropped", ledger.dropped))\(untouched)</ul></div>

      """
  }

  private var settings: Markup {
    let platform = report.platform
    let entries: [(String, String)] = [
      ("Region", platform.region),
      ("Account's concurrency", platform.accountConcurrency?.grouped ?? "unlimited"),
      ("Reuse of environments", platform.reuse.rawValue),
      (
        "Keep-alive when idle",
        platform.keepAlive.sole.said(unit: "s")
          + (platform.keepAlive.deeper.map { "; with others alive: \($0.said(unit: "s"))" } ?? "")
      ),
      ("Maximum lifetime", platform.maximumLifetime.map { $0.said(unit: "s") } ?? "none"),
      ("Seed", "\(report.seed)"),
      ("Replications", report.replications.grouped),
      ("Carried out", report.wayOfExecution),
    ]
    let rows = entries.map { name, value -> Markup in "<dt>\(name)</dt><dd>\(value)</dd>\n" }
    return "<div><h3>Settings</h3>\n<dl class=\"settings\">\n\(rows)</dl></div>\n"
  }
}

extension Distribution {
  /// The law in people's words: `600 s`, `uniform, 620 s to 655 s`.
  func said(unit: String) -> String {
    func number(_ value: Double) -> String { "\(Wording.number(value)) \(unit)" }
    return switch self {
    case .constant(let value): number(value)
    case .uniform(let lower, let upper): "uniform, \(number(lower)) to \(number(upper))"
    case .exponential(let mean): "exponential, mean \(number(mean))"
    case .lognormal(let mu, let sigma):
      "lognormal, median \(number(exp(mu))), sigma \(Wording.number(sigma))"
    case .gamma(let shape, let scale): "gamma, mean \(number(shape * scale)), shape \(Wording.number(shape))"
    case .weibull(let shape, _): "Weibull, mean \(number(mean)), shape \(Wording.number(shape))"
    case .logLogistic(let shape, let scale): "log-logistic, median \(number(scale)), shape \(Wording.number(shape))"
    case .burr(let shape, let tail, _):
      "Burr, median \(number(quantile(0.5))), shape \(Wording.number(shape)), tail \(Wording.number(tail))"
    case .mixture(let parts): "mixture of \(Wording.count(parts.count, "law")), mean \(number(mean))"
    case .empirical(let quantiles): "as measured, median \(number(quantiles.value(at: 0.5)))"
    }
  }
}
