import ArgumentParser
import Diffusion
import Platform

/// The program as the command line sees it.
enum WorkbenchMain {
  /// What `--version` prints.
  static let title = "workbench 0.1.0"

  /// Runs the command that was typed and ends the process.
  static func run() -> Never {
    Console.openStandardFiles()
    returnLargeBlocks()
    do {
      if CommandLine.arguments.count == 1 {
        try OpenCommand.runWithoutArguments()
      } else {
        var command = try WorkbenchCommand.parseAsRoot()
        try command.run()
      }
      Console.leave(0)
    } catch {
      Console.leave(report(error))
    }
  }

  /// Says what went wrong, in one sentence; returns the exit status.
  ///
  /// 64 for what was typed wrong, 1 for everything else that went wrong.
  private static func report(_ error: any Error) -> Int32 {
    let status = WorkbenchCommand.exitCode(for: error)
    if status.isSuccess {
      // Help or the version, which the parser reports as errors.
      let text = WorkbenchCommand.fullMessage(for: error)
      return (try? Console.line(text)) == nil ? 1 : 0
    }
    if let status = error as? ExitCode { return status.rawValue }
    let isUsageError = status == .validationFailure
    Console.printError(isUsageError ? oneLine(WorkbenchCommand.message(for: error)) : "\(error)")
    return isUsageError || error is RecipeError ? ExitCode.validationFailure.rawValue : 1
  }

  /// The parser's message without its line ends; it lists many words one a line.
  private static func oneLine(_ message: String) -> String {
    let lines = message.split(separator: "\n").map { $0.drop { $0 == " " } }
    let words = lines.filter { $0.hasPrefix("- ") }.map { $0.dropFirst(2) }
    let sentences = lines.filter { !$0.hasPrefix("- ") }
    return sentences.joined(separator: " ") + (words.isEmpty ? "" : " ")
      + words.joined(separator: ", ")
  }
}

/// The root of all commands.
struct WorkbenchCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "workbench",
    abstract: "Train small diffusion models on the CPU and watch them learn.",
    discussion: """
      Without a command the screens open: workbench, or workbench RECIPE.
      """,
    version: WorkbenchMain.title,
    subcommands: [
      OpenCommand.self, RunsCommand.self, LessonCommand.self, TrainCommand.self, SampleCommand.self,
      EditCommand.self, ExportCommand.self, EvaluateCommand.self, LikelihoodCommand.self,
      FeaturesCommand.self,
      ScheduleCommand.self, PlotCommand.self, DataCommand.self, NetworksCommand.self,
      RecipeCommand.self, CompareCommand.self, BenchCommand.self, DoctorCommand.self,
      ListCommand.self,
    ],
    defaultSubcommand: OpenCommand.self)
}

/// What stops a command, as the sentence the user reads.
struct CommandError: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) { self.description = description }
}
