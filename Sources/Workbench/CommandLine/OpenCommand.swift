import ArgumentParser

/// Opens the screens; what `workbench` does when no command is named.
struct OpenCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "open", abstract: "Open the screens (default).", version: Program.title)

  @OptionGroup var options: RunOptions

  /// The recipe that is opened when none is named.
  static let standardRecipe = "digits"

  func run() throws {
    let commands = WorkbenchCommand.configuration.subcommands.compactMap {
      $0.configuration.commandName
    }
    if let word = options.recipe, let near = Wording.nearest(to: word, in: commands),
      (try? RecipeLibrary.find(word)) == nil
    {
      throw ValidationError("there is no command and no recipe \(word), did you mean \(near)?")
    }
    let (configuration, place) = try options.resolve(standard: Self.standardRecipe)
    guard Console.isInteractive else {
      throw ValidationError(
        "the screens need a terminal; without one use workbench train \(configuration.name), "
          + "or see workbench --help")
    }
    try open(configuration, place)
  }

  /// Hands over to the screens.
  private func open(_ configuration: RunConfiguration, _ place: TrainingRun.Place) throws {
    throw CommandError("the screens are not part of this version yet; see workbench --help")
  }
}
