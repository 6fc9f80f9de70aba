import ArgumentParser
import Diffusion
import TUI

/// A noise level as JSON.
private struct LevelRecord: Codable {
  let t: Int
  let beta: Double
  let alphaBar: Double
  let sigma: Double
  let snr: Double

  private enum CodingKeys: String, CodingKey {
    case t
    case beta
    case alphaBar = "alpha_bar"
    case sigma
    case snr
  }
}

/// A step that a sampler visits, as JSON.
private struct VisitedStep: Codable {
  let frame: Int
  let t: Double
  let alpha: Double
  let sigma: Double
  let sigmaOverAlpha: Double
  let snr: Double

  private enum CodingKeys: String, CodingKey {
    case frame
    case t
    case alpha
    case sigma
    case sigmaOverAlpha = "sigma_over_alpha"
    case snr
  }
}

/// Prints the numbers of a schedule.
struct ScheduleCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "schedule", abstract: "Print a noise schedule, level by level.",
    discussion: """
      Columns: t, beta (the share of the signal's power that the step takes), alpha_bar (the \
      signal's share of the power), sigma (the noise in units of the data), snr (signal to noise, \
      in power). csv and json have every digit.
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
    let rows = (0..<schedule.count).map { [betas[$0], alphaBars[$0], sigmas[$0], snrs[$0]] }
    let names = ["beta", "alpha_bar", "sigma", "snr"]
    switch format {
    case .table:
      let cells = rows.enumerated().map { t, row in
        [String(t)] + row.map { Numbers.short($0, significant: 6) }
      }
      try Console.write(TextTable.text([["t"] + names] + cells, right: true))
    case .csv:
      let lines = rows.enumerated().map { t, row in
        "\(t)," + row.map { "\($0)" }.joined(separator: ",")
      }
      try Console.line((["t," + names.joined(separator: ",")] + lines).joined(separator: "\n"))
    case .json:
      let objects = rows.enumerated().map { t, row in
        JSONLines.line(
          LevelRecord(t: t, beta: row[0], alphaBar: row[1], sigma: row[2], snr: row[3]))
      }
      try Console.line("[\n\(objects.joined(separator: ",\n"))\n]")
    }
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
    let names = ["frame", "t", "alpha", "sigma", "sigma_over_alpha", "snr"]
    let rows = steps.enumerated().map { frame, step in
      [
        Double(frame), step.timestep, step.level.alpha, step.level.sigma, step.level.sigmaOverAlpha,
        step.level.snr,
      ]
    }
    switch format {
    case .table:
      let cells = rows.map { row in
        [String(Int(row[0])), row[1] < 0 ? "clean" : Numbers.short(row[1], significant: 6)]
          + row.dropFirst(2).map { Numbers.short($0, significant: 6) }
      }
      try Console.write(TextTable.text([names] + cells, right: true))
    case .csv:
      let lines = rows.map { row in
        "\(Int(row[0]))," + row.dropFirst().map { "\($0)" }.joined(separator: ",")
      }
      try Console.line(([names.joined(separator: ",")] + lines).joined(separator: "\n"))
    case .json:
      let objects = rows.map { row in
        JSONLines.line(
          VisitedStep(
            frame: Int(row[0]), t: row[1], alpha: row[2], sigma: row[3], sigmaOverAlpha: row[4],
            snr: row[5]))
      }
      try Console.line("[\n\(objects.joined(separator: ",\n"))\n]")
    }
  }
}

extension Schedule {
  /// What is wrong with the last level, as a sentence; nil where it is noise.
  var warning: String? {
    guard !endsInNoise else { return nil }
    let decibels = Numbers.fixed(self[count - 1].snrDecibels, 1)
    return
      "x_T still holds signal: the terminal SNR is \(decibels) dB; samples that begin with noise "
      + "expect less than −18 dB"
  }
}
