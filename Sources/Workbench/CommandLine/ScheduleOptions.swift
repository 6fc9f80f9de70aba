import ArgumentParser
import Diffusion

/// The parameters of the schedules that a command names.
struct ScheduleOptions: ParsableArguments {
  @Option(setting: .schedule, "timesteps") var timesteps: RecipeOverride?

  @Option(
    name: .customLong("set"),
    help: ArgumentHelp("Override a parameter of the schedule.", valueName: "key=value"))
  var values: [String] = []

  /// The parameters as overrides of a recipe.
  func overrides() throws -> [RecipeOverride] {
    try [timesteps].compactMap(\.self)
      + values.map { try RecipeOverride(set: $0, inside: "schedule") }
  }

  /// The kind of schedule of that name with these parameters.
  func configuration(of name: String) throws -> ScheduleConfiguration {
    let kind = RecipeOverride(RecipeKey("schedule", "family"), .text(name), option: name)
    // The parameters that are not given are those of the kind.
    var schedule = ScheduleConfiguration(named: name) ?? ScheduleConfiguration()
    try RecipeReader("", path: name, overrides: [kind] + overrides()).fill(
      &schedule, section: "schedule")
    return schedule
  }
}
