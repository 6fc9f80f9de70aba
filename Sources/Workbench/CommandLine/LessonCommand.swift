import ArgumentParser
import Diffusion

/// Opens the screens with a lesson beside them, or lists the lessons.
struct LessonCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "lesson", abstract: "Open the screens with a guided tour, or list the tours.",
    version: WorkbenchMain.title)

  @Argument(help: "A lesson's name, or its file; without one, the lessons are listed.")
  var lesson: String?

  @OptionGroup var look: AppearanceOptions
  @OptionGroup var threads: ThreadOption

  func run() throws {
    threads.apply()
    guard let name = lesson else { return try list() }
    let lesson = try LessonLibrary.load(name)
    guard Console.isInteractive else {
      throw ValidationError("a lesson needs a terminal; workbench lesson lists them")
    }
    let recipe = try lesson.recipe ?? Recipe.load(OpenCommand.standardRecipe)
    let (subject, _) = try Workload.opening(.new(recipe, from: nil))
    let (settings, problem) = try look.settings()
    try WorkbenchApplication.open(
      subject, recipe, settings: settings, settingsProblem: problem, lesson: lesson
    ) { Console.lastLine($0) }
  }

  private func list() throws {
    try Console.write(
      TextTable.text(
        LessonLibrary.entries().map {
          [Wording.escaped($0.name), "\($0.minutes) min", "\($0.title): \($0.summary)"]
        }))
  }
}
