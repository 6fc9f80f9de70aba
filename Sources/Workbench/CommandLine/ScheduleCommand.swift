import ArgumentParser
import Diffusion

/// Prints the numbers of a schedule.
struct ScheduleCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "schedule", abstract: "Print a noise schedule, level by level.",
    discussion: """
      Columns: t, beta (the share of the signal's power that the step takes), alpha_bar (the \
      signal's share of the power), sigma (the noise in units of the data), snr (signal to noise, \
      in power). csv and json have every digit.
      """,
    version: Program.title)

  enum OutputFormat: String, CaseIterable, ExpressibleByArgument {
    case table
    case csv
    case json
  }

  @Argument(help: "The kind of schedule; see workbench list schedules.")
  var name: ScheduleFamily

  @Option(help: "The number of noise levels.")
  var timesteps: Int?

  @Option(
    name: .customLong("set"),
    help: ArgumentHelp("Give a parameter another value.", valueName: "key=value"))
  var values: [String] = []

  @Option(help: "How the numbers are printed.")
  var format: OutputFormat = .table

  func run() throws {
    let schedule = try configuration().make()
    let (betas, alphaBars) = (schedule.betas, schedule.alphaBars)
    let (sigmas, snrs) = (schedule.sigmas, schedule.snrs)
    let rows = (0..<schedule.count).map { [betas[$0], alphaBars[$0], sigmas[$0], snrs[$0]] }
    let names = ["beta", "alpha_bar", "sigma", "snr"]
    switch format {
    case .table:
      let cells = rows.enumerated().map { t, row in [String(t)] + row.map { Format.number($0) } }
      try Console.write(Format.table([["t"] + names] + cells, right: true))
    case .csv:
      let lines = rows.enumerated().map { t, row in
        "\(t)," + row.map { "\($0)" }.joined(separator: ",")
      }
      try Console.line((["t," + names.joined(separator: ",")] + lines).joined(separator: "\n"))
    case .json:
      let objects = rows.enumerated().map { t, row in
        let members = zip(names, row).map { JSON.Member($0, .number($1)) }
        return JSON.object([.init("t", .integer(t))] + members).description
      }
      try Console.line("[\n\(objects.joined(separator: ",\n"))\n]")
    }
  }

  private func configuration() throws -> ScheduleConfiguration {
    var overrides = [
      RecipeOverride(RecipeKey(.schedule, "family"), .text(name.rawValue), option: name.rawValue)
    ]
    if let timesteps {
      overrides.append(
        RecipeOverride(RecipeKey(.schedule, "timesteps"), timesteps, option: "--timesteps"))
    }
    for value in values {
      overrides.append(try RecipeOverride(set: value, inside: .schedule))
    }
    var reader = try RecipeReader("", path: name.rawValue, overrides: overrides)
    let schedule = try reader.schedule()
    try reader.finish()
    return schedule
  }
}
