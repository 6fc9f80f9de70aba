import ArgumentParser
import Diffusion
import TUI

/// Opens the screens; what `workbench` does when no command is named.
struct OpenCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "open", abstract: "Open the screens (default).", version: WorkbenchMain.title)

  @OptionGroup var options: RunOptions

  @OptionGroup var look: AppearanceOptions
  @OptionGroup var plain: PlainOption

  /// The recipe that is opened when none is named.
  static let standardRecipe = "digits"

  func run() throws {
    let commands = WorkbenchCommand.configuration.subcommands.compactMap {
      $0.configuration.commandName
    }
    if let word = options.recipe, let near = Wording.nearest(to: word, in: commands),
      (try? RecipeLibrary.find(word)) == nil
    {
      throw ValidationError("there is no command or recipe called \(word); did you mean \(near)?")
    }
    let run = options.recipe.map { RunFolder(path: $0) }
    let named = run.flatMap { $0.isRun ? $0 : nil }
    let (subject, recipe) =
      try named.map { try open($0) } ?? options.resolve(standard: Self.standardRecipe)
    let isChosen = named != nil || options.resume != nil || options.runDir != nil
    let (settings, problem) = try look.settings()
    try Self.open(
      subject, recipe, (options.threads.applied(to: settings), problem), isPlain: plain.isWanted,
      isChosen: isChosen)
  }

  /// What `workbench` does without arguments.
  ///
  /// The screens would wait for the parser a fifth of the time to the first frame.
  static func runWithoutArguments() throws {
    let (subject, recipe) = try RunOptions.newRun(of: standardRecipe)
    let contents = SettingsFile.load()
    try open(
      subject, recipe, (contents.settings, contents.problems.first?.description),
      isPlain: PlainProgram.isWanted, isChosen: false)
  }

  private static func open(
    _ subject: Workload, _ recipe: Recipe, _ look: (settings: UserSettings, problem: String?),
    isPlain: Bool, isChosen: Bool
  ) throws {
    guard isPlain || Console.isInteractive else {
      throw ValidationError(
        "the screens need a terminal; without one, use workbench train \(Wording.escaped(recipe.name)) "
          + "or --plain, or see workbench --help")
    }
    if isPlain {
      // Nobody answers questions where the commands are written down already.
      let asks = !isChosen && Console.isInteractive
      return try PlainProgram.run(
        subject, recipe, settings: look.settings, problem: look.problem,
        interrupted: asks ? InterruptedRun.newest(in: RunFolder.standardParent) : nil)
    }
    try WorkbenchApplication.open(
      subject.held, recipe, settings: look.settings, settingsProblem: look.problem,
      interrupted: isChosen ? nil : InterruptedRun.newest(in: RunFolder.standardParent)
    ) { Console.lastLine($0) }
  }

  /// The run in a folder, paused; the rest of the command line would change it.
  private func open(_ folder: RunFolder) throws -> (Workload, Recipe) {
    guard options.changesNothing else {
      throw ValidationError(
        "\(Wording.escaped(folder.path)) is opened unchanged; to change it, use --resume "
          + Wording.escaped(folder.path))
    }
    options.threads.apply()
    return try Workload.opening(.run(folder))
  }
}

/// Opens the screens on the runs in the folder, without training anything.
struct RunsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "runs", abstract: "Open the Runs screen, without training anything.",
    version: WorkbenchMain.title)

  @OptionGroup var look: AppearanceOptions
  @OptionGroup var plain: PlainOption
  @OptionGroup var threads: ThreadOption

  func run() throws {
    guard plain.isWanted || Console.isInteractive else {
      throw ValidationError(
        "the screens need a terminal; without one, use workbench list runs, or --plain")
    }
    let (chosen, problem) = try look.settings()
    let settings = threads.applied(to: chosen)
    if plain.isWanted {
      return try PlainProgram.run(nil, Recipe(name: ""), settings: settings, problem: problem)
    }
    try WorkbenchApplication.open(
      nil, Recipe(name: ""), settings: settings, settingsProblem: problem
    ) { Console.lastLine($0) }
  }
}

/// Whether there are screens at all.
struct PlainOption: ParsableArguments {
  @Flag(
    help: "Use no screens: type commands, read lines of text. For screen readers, logs and pipes.")
  var plain = false

  /// Asked for, or all that the terminal can do.
  var isWanted: Bool { plain || PlainProgram.isWanted }
}

/// How the screens look.
struct AppearanceOptions: ParsableArguments {
  @Option(help: "A theme's name; see workbench list themes.")
  var theme: String?

  @Option(help: "How images are drawn: half-blocks, quadrants, braille or ascii.")
  var images: String?

  /// The user's settings with what this command says instead, and what is wrong with their file.
  func settings() throws -> (UserSettings, problem: String?) {
    let contents = SettingsFile.load()
    var settings = contents.settings
    if let theme {
      // Asked for, it has to be there; one that was only remembered may be gone.
      if theme != UserSettings.automatic {
        _ = try ThemeFile.load(theme, folders: ResourceFolders.existing("themes"))
      }
      settings.theme = theme
    }
    if let images {
      guard let style = ImageStyle(rawValue: images) else {
        throw ValidationError(
          "--images \(images): expected "
            + ImageStyle.allCases.map(\.rawValue).joined(separator: ", "))
      }
      settings.imageStyle = style
    }
    return (settings, contents.problems.first?.description)
  }
}
