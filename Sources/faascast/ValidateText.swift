import Calibration
import Reporting
import Units

extension Validate {
  static func show(_ trace: HeldOutTrace, isHeldOut: Bool, _ blocks: inout TextBlocks) {
    var table = TextTable(
      "Function", columns: ["invocations", "cold measured", "predicted", "± sd", "error", "flat 600 s", "error"])
    for row in trace.rows {
      table.rows.append([
        row.function, row.invocations.grouped, "\(row.measured)", Wording.plain(row.predicted.mean, 1),
        Wording.plain(row.predicted.deviation, 1), Wording.plainPercent(row.error, 1), Wording.plain(row.tenMinutes, 0),
        Wording.plainPercent(row.tenMinutesError, 1),
      ])
    }
    table.rows.append(
      [
        "mean absolute", "", "", "", Wording.plainPercent(mean(trace.rows.map(\.noise))),
        Wording.plainPercent(trace.error), "",
        Wording.plainPercent(trace.tenMinutesError),
      ])
    table.lastIsTotal = true
    table.note =
      isHeldOut
      ? "each function is predicted by laws fitted to the others; ± sd: between simulations, the noise floor"
      : "± sd: between simulations, the noise floor"
    blocks.table(table)
  }

  static func show(_ predictions: [RateExperiments.Prediction], _ blocks: inout TextBlocks) {
    var table = TextTable(
      "Arrivals/s",
      columns: ["P(cold) measured", "± se", "predicted", "error", "z", "environments", "alive", "counted", "error"])
    for row in predictions {
      let experiment = row.experiment
      table.rows.append([
        Wording.plain(experiment.rate, 4), Wording.plain(experiment.coldProbability, 5),
        Wording.plain(experiment.standardError, 5), Wording.plain(row.coldProbability, 5),
        Wording.plainPercent(row.coldError, 1), Wording.plain(row.z, 2), Wording.plain(experiment.environments, 3),
        Wording.plain(row.alive, 3), Wording.plain(row.environments, 3), Wording.plainPercent(row.environmentsError, 1),
      ])
    }
    if predictions.contains(where: { $0.experiment.countedIdle != nil }) {
      table.note = "counted: as the experiment did, until so long after an environment's last request as the table says"
    }
    blocks.table(table)
    let z = mean(predictions.map { $0.z * $0.z }).squareRoot()
    let noise = mean(predictions.map { $0.experiment.standardError / $0.experiment.coldProbability }) * 0.7979
    var summary = TextTable("Mean absolute error", columns: ["P(cold)", "environments", "rms z"])
    summary.rows = [
      [
        "these laws", Wording.plainPercent(mean(predictions.map(\.coldError.magnitude))),
        Wording.plainPercent(mean(predictions.map(\.environmentsError.magnitude))), Wording.plain(z, 3),
      ],
      ["SimFaaS, as published", "12.75 %", "3.43 %", ""],
      ["SimFaaS, its notebook", "12.23 %", "3.05 %", ""],
      ["the measurement's own noise", Wording.plainPercent(noise), "", "1"],
    ]
    summary.note =
      "SimFaaS: Mahmoudi and Khazaei, arXiv:2102.08904, on the same experiments; noise: mean standard error · √(2/π)"
    blocks.table(summary)
  }

  static func show(_ validation: LogValidation, _ blocks: inout TextBlocks) {
    func cells(_ row: LogValidation.Row) -> [String] {
      [
        Wording.digits(row.measured, 5), Wording.digits(row.predicted.mean, 5),
        Wording.digits(row.predicted.deviation, 3),
        row.error.map { Wording.plainPercent($0, 1) } ?? "",
      ]
    }
    var totals = TextTable("All of it", columns: ["measured", "predicted", "± sd", "error"])
    totals.rows = validation.totals.map { [$0.name] + cells($0) }
    totals.note = "± sd: between \(validation.replications) simulations, the noise floor"
    blocks.table(totals)
    for (title, parts) in [("Function", validation.functions), ("Hour", validation.hours)] {
      var table = TextTable(
        title,
        columns: [
          "invocations", "cold measured", "predicted", "± sd", "error", "running measured", "predicted", "± sd",
          "error",
        ])
      table.rows = parts.prefix(48).map {
        [$0.name, $0.invocations.grouped] + cells($0.coldStarts) + cells($0.concurrency)
      }
      if parts.count > 48 { table.note = "\(parts.count - 48) more" }
      blocks.table(table)
    }
    blocks.list("Not compared", validation.notes)
  }
}
