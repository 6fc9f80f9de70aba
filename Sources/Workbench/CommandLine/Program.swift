import ArgumentParser

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The program as the command line sees it.
enum Program {
  /// What `--version` answers.
  static let title = "workbench 0.1.0"

  /// Runs the command that was typed and ends the process.
  static func run() -> Never {
    do {
      var command = try WorkbenchCommand.parseAsRoot()
      try command.run()
      exit(0)
    } catch {
      exit(report(error))
    }
  }

  /// Says what went wrong, in one sentence; answers the exit status.
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
    let isUsage = status == .validationFailure
    // The parser wraps what went wrong; behind its sentence it appends the usage.
    let text = isUsage ? WorkbenchCommand.message(for: error) : "\(error)"
    Console.complain(text.split(separator: "\n").first.map(String.init) ?? "unknown error")
    return isUsage || error is RecipeError ? ExitCode.validationFailure.rawValue : 1
  }
}

/// The root of all commands.
struct WorkbenchCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "workbench",
    abstract: "Trains small diffusion models on the processor, and shows how they learn.",
    discussion: """
      Without a command the screens open: workbench, or workbench RECIPE.
      """,
    version: Program.title,
    subcommands: [
      OpenCommand.self, TrainCommand.self, SampleCommand.self, ScheduleCommand.self,
      DataCommand.self, ListCommand.self,
    ],
    defaultSubcommand: OpenCommand.self)
}

/// What stops a command, as the sentence the user reads.
struct CommandError: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) { self.description = description }
}
