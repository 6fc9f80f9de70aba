import ArgumentParser
import Diffusion
import Synchronization

/// Trains without a screen.
struct TrainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "train", abstract: "Train a recipe without opening the screens.",
    discussion: """
      The run's folder holds its recipe, metrics and checkpoint. Ctrl-C saves and stops; \
      --resume continues exactly where it stopped.
      """,
    version: WorkbenchMain.title)

  enum OutputFormat: String, CaseIterable, ExpressibleByArgument {
    case text
    case json
  }

  @OptionGroup var options: RunOptions

  @Option(help: "The output format: text, or json with one object per step and line.")
  var format: OutputFormat = .text

  func run() throws {
    let (subject, _) = try options.resolve()
    guard case .training(let job) = subject else {
      throw ValidationError("there is no training data; add --set data.source=PATH")
    }
    StopSignals.watch()
    let commands = CommandQueue<RunCommand>()
    let report: any TrainingReport =
      switch format {
      case .text: TextReport(job.recipe)
      case .json: JSONReport()
      }
    let output = TrainingOutput(report, commands)
    let loop = try TrainingLoop(job, commands: commands, handsOutModels: false) { output.take($0) }
    try loop.run()
    try output.finish(loop.folder)
    if let number = StopSignals.number { throw ExitCode(128 + number) }
  }
}

/// Prints a run's events, and ends it where it would wait.
private final class TrainingOutput: Sendable {
  private struct State {
    var report: any TrainingReport
    var last: StepReport?
    var divergedAt: Int?
    var problem: (any Error)?
    /// What could not be written, as it was said.
    var unwritten = ""
  }

  private let state: Mutex<State>
  private let commands: CommandQueue<RunCommand>

  init(_ report: any TrainingReport, _ commands: CommandQueue<RunCommand>) {
    state = Mutex(State(report: report))
    self.commands = commands
  }

  func take(_ event: RunEvent) {
    state.withLock { state in
      do {
        try take(event, &state)
      } catch {
        // What cannot be printed ends the run, which saves first.
        state.problem = error
        commands.put(.stop)
      }
    }
  }

  private func take(_ event: RunEvent, _ state: inout State) throws {
    switch event {
    case .started(let facts): try state.report.begin(facts)
    case .step(let report):
      // The last step is shown when its checkpoint is saved.
      if let last = state.last { try state.report.show(last) }
      state.last = report
      if StopSignals.number != nil { commands.put(.stop) }
    case .floor(let estimate): state.report.note(estimate)
    case .judged(let step, let record): try state.report.show(record, ofStep: step)
    case .evaluation(.problem(let sentence)): try state.report.show(problem: sentence)
    case .phase(.diverged(let step)):
      state.divergedAt = step
      commands.put(.stop)
    case .phase(.finished): commands.put(.stop)
    case .unwritten(let sentence):
      if sentence != state.unwritten {
        state.unwritten = sentence
        Console.printError("\(sentence); training is paused, and writing is retried every second")
      }
      if StopSignals.number != nil { commands.put(.stop) }
    case .phase(.training): state.unwritten = ""
    default: break
    }
  }

  /// The last words, when the run is saved.
  func finish(_ folder: RunFolder) throws {
    try state.withLock { state in
      if let problem = state.problem { throw problem }
      if let step = state.divergedAt {
        if let last = state.last { try state.report.show(last) }
        throw CommandError(
          "the loss or a gradient was not finite at step \(step + 1); the run up to that step "
            + "is in \(folder.path); a lower optimizer.learning_rate may help")
      }
      try state.report.end(state.last)
    }
  }
}
