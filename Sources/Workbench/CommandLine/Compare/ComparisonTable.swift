import Diffusion
import TUI

/// What a comparison found, as text.
enum ComparisonTable {
  private typealias Spread = ComparisonReport.Spread

  /// A table with an entry a line, and what its columns mean.
  static func text(_ result: ComparisonReport) -> String {
    var tables = [training(result)]
    if let quality = result.quality { tables.append(sampling(result, quality)) }
    if let scores = result.denoising { tables.append(denoising(scores)) }
    return tables.joined(separator: "\n") + "\n" + notes(result)
  }

  /// What training cost, and how far it came.
  private static func training(_ result: ComparisonReport) -> String {
    let loss = result.lossTarget.map { short($0) } ?? "–"
    // Not measured where denoising is compared, level by level.
    let hasErrors = result.denoising == nil
    let titles =
      ["", "parameters", "steps", "ms/step", "validation loss"]
      + (hasErrors ? [ComparisonReport.errorName] : []) + ["s to \(loss)"]
    let rows = result.entries.map { entry in
      let summary = entry.summary
      return [
        Wording.escaped(entry.name), Numbers.grouped(entry.parameters),
        spread(Spread(entry.runs.map { Double($0.steps) })) { Numbers.grouped(Int($0)) },
        spread(summary?.secondsPerStep) { short($0 * 1000) },
        spread(summary?.validation, short),
      ] + (hasErrors ? [spread(summary?.error, short)] : [])
        + [spread(summary?.secondsToLoss, short)]
    }
    return TextTable.text([titles] + rows, right: 0)
  }

  /// How good samples are, and what good ones cost.
  private static func sampling(
    _ result: ComparisonReport, _ quality: ComparisonReport.QualityNote
  ) -> String {
    let counts = Set(result.entries.flatMap { $0.runs.flatMap { $0.sampling.map(\.steps) } })
      .sorted()
    let target = quality.target.map { short($0) } ?? "–"
    let titles =
      ["", "samples by", quality.metric.title] + counts.map { "\($0) steps" }
      + ["evaluations to \(target)", "ms/sample"]
    let rows = result.entries.map { entry in
      let tried = counts.map { count in
        let values = entry.runs.compactMap { run in
          run.sampling.first { $0.steps == count }?.quality?.value
        }
        return spread(Spread(values), short)
      }
      return [
        Wording.escaped(entry.name), "\(entry.sampler)\(entry.weights == "raw" ? ", raw" : "")",
        spread(entry.summary?.quality, short),
      ] + tried + [
        spread(entry.summary?.evaluations) { Numbers.grouped(Int($0.rounded())) },
        spread(entry.summary?.secondsPerSample) { short($0 * 1000) },
      ]
    }
    return TextTable.text([titles] + rows, right: 0)
  }

  /// Methods by noise level.
  private static func denoising(_ scores: [DenoisingComparison.Score]) -> String {
    var (methods, levels): ([String], [Double]) = ([], [])
    for score in scores {
      if !methods.contains(score.method) { methods.append(score.method) }
      if !levels.contains(score.noise) { levels.append(score.noise) }
    }
    func table(
      _ title: String, _ digits: Int,
      _ value: (DenoisingComparison.Score) -> DenoisingComparison.Interval
    ) -> String {
      let rows = methods.map { method in
        [Wording.escaped(method)]
          + levels.map { noise in
            scores.first { $0.method == method && $0.noise == noise }.map { score in
              let interval = value(score)
              let half = Numbers.fixed((interval.high - interval.low) / 2, digits)
              return "\(Numbers.fixed(interval.value, digits)) ±\(half)"
            } ?? "–"
          }
      }
      return TextTable.text(
        [[title] + levels.map { "σ/α \(Numbers.short($0))" }] + rows, right: 0)
    }
    var chosen: [[String]] = []
    for score in scores where !score.parameters.isEmpty {
      chosen.append([score.method, "σ/α \(Numbers.short(score.noise))", score.parameters])
    }
    return table("PSNR, dB", 2) { $0.psnr } + "\n" + table("SSIM", 3) { $0.ssim }
      + "\nparameters, chosen on training samples:\n" + TextTable.text(chosen)
  }

  private static func short(_ value: Double) -> String { Numbers.short(value, significant: 3) }

  /// A value with its ends, where it has some.
  private static func spread(_ spread: Spread?, _ text: (Double) -> String) -> String {
    guard let spread else { return "–" }
    guard spread.low < spread.high else { return text(spread.value) }
    return "\(text(spread.value)) (\(text(spread.low))–\(text(spread.high)))"
  }

  private static func notes(_ result: ComparisonReport) -> String {
    var lines =
      result.lossTarget == nil
      ? []
      : [
        "The last column of the first table gives the seconds of training needed to reach that \(result.lossName)."
      ]
    if let quality = result.quality {
      lines.append(
        "\(quality.metric.title): \(quality.features), \(quality.samples) samples against "
          + "\(quality.referenceSamples) real ones; \(direction(quality.metric))"
          + (quality.yardstick.map {
            "; \(short($0.value)) for \(quality.yardstickSamples) real ones as a yardstick"
          } ?? "") + ".")
    }
    let seeds = result.entries.map(\.runs.count).max() ?? 1
    lines.append(
      result.denoising != nil
        ? "±: 95 % intervals of the mean over \(result.denoisedImages ?? 0) held-out images."
        : seeds > 1
          ? "In parentheses: the minimum and maximum over \(seeds) seeds."
          : "In parentheses: 95 % bootstrap intervals over samples; --seeds shows the spread between trainings."
    )
    for entry in result.entries {
      for run in entry.runs {
        guard let step = run.divergedAt else { continue }
        lines.append("\(entry.name): not finite after step \(step) of \(run.folder)")
      }
    }
    var warnings: [String] = []
    for warning in result.entries.flatMap({ $0.runs.flatMap { $0.sampling.flatMap(\.warnings) } })
    where !warnings.contains(warning) {
      // What is printed; the report has all metrics with all warnings.
      guard let title = result.quality?.metric.title, warning.contains(title) else { continue }
      warnings.append(warning)
    }
    lines += warnings.map { "Note: \($0)." }
    if let load = result.machine.load, load > Double(result.machine.processors) / 2 {
      lines.append("Other programs were running; an idle machine would be faster.")
    }
    lines.append("Measured on \(result.machine.description).")
    return lines.map { Wording.escaped($0) + "\n" }.joined()
  }

  private static func direction(_ metric: QualityMetric) -> String {
    metric.better == .higher ? "higher is better" : "lower is better"
  }
}
