import ArgumentParser
import Diffusion
import TUI

/// Prints the numbers of a schedule.
struct ScheduleCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "schedule", abstract: "Print a noise schedule, level by level.",
    discussion: """
      Columns: t, beta (the share of the signal's power that the step removes), alpha_bar (the \
      signal's share of the power), sigma (the noise in units of the data), snr (the ratio of signal \
      to noise power). csv and json have full precision.
      """,
    version: WorkbenchMain.title)

  enum OutputFormat: String, CaseIterable, ExpressibleByArgument {
    case table
    case csv
    case json
  }

  @Argument(help: "The kind of schedule; see workbench list schedules.")
  var name: String

  @OptionGroup var options: ScheduleOptions

  @Option(help: "Print only the levels that a sampler visits in this many steps.")
  var visit: Int?

  @Option(setting: .preview, "spacing") var spacing: RecipeOverride?

  @Option(help: "How the numbers are printed.")
  var format: OutputFormat = .table

  func run() throws {
    let schedule = try options.configuration(of: name).make()
    if let warning = schedule.warning { Console.printError(warning) }
    if let visit { return try printSteps(visit, of: schedule) }
    if let spacing {
      throw ValidationError("\(spacing.option) needs --visit N, the number of steps")
    }
    let (betas, alphaBars) = (schedule.betas, schedule.alphaBars)
    let (sigmas, snrs) = (schedule.sigmas, schedule.snrs)
    try write(
      ["t", "beta", "alpha_bar", "sigma", "snr"],
      (0..<schedule.count).map { [Double($0), betas[$0], alphaBars[$0], sigmas[$0], snrs[$0]] })
  }

  /// Prints the levels that a sampler visits, the highest noise first.
  private func printSteps(_ count: Int, of schedule: Schedule) throws {
    guard (1...schedule.count).contains(count) else {
      throw ValidationError(
        "--visit \(count): expected 1 to \(schedule.count), the schedule's levels")
    }
    var sampling = SamplingConfiguration()
    let reader = try RecipeReader("", path: name, overrides: [spacing].compactMap(\.self))
    try reader.fill(&sampling, section: "preview")
    sampling.steps = count
    let steps = sampling.makeSteps(schedule)
    try write(
      ["frame", "t", "alpha", "sigma", "sigma_over_alpha", "snr"],
      steps.enumerated().map { frame, step in
        let level = step.level
        return [
          Double(frame), step.timestep, level.alpha, level.sigma, level.sigmaOverAlpha, level.snr,
        ]
      })
  }

  /// Prints rows of numbers, the first of which counts them.
  private func write(_ names: [String], _ rows: [[Double]]) throws {
    switch format {
    case .table:
      let cells = rows.map { row in
        [String(Int(row[0]))]
          + zip(names, row).dropFirst().map { name, value in
            name == "t" && value < 0 ? "clean" : Numbers.short(value, significant: 6)
          }
      }
      try Console.write(TextTable.text([names] + cells, right: 0))
    case .csv:
      let cells = rows.map { row in [String(Int(row[0]))] + row.dropFirst().map { "\($0)" } }
      let lines = ([names] + cells).map { $0.joined(separator: ",") }
      try Console.line(lines.joined(separator: "\n"))
    case .json:
      let objects = rows.map { row in
        JSONLines.line(Dictionary(uniqueKeysWithValues: zip(names, row)))
      }
      try Console.json("[\n\(objects.joined(separator: ",\n"))\n]")
    }
  }
}

extension Schedule {
  /// What is wrong with the last level, as a sentence; nil where it is noise.
  var warning: String? {
    guard !endsInNoise else { return nil }
    let decibels = Numbers.fixed(self[count - 1].snrDecibels, 1)
    return
      "x_T still contains signal: the terminal SNR is \(decibels) dB; sampling from pure noise "
      + "expects less than −18 dB"
  }
}
