import ArgumentParser
import Diffusion

/// Trains without a screen.
struct TrainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "train", abstract: "Train a recipe without the screens.",
    discussion: """
      The run's folder keeps its recipe, its metrics and its checkpoint. Ctrl-C saves and ends; \
      --resume goes on as if nothing had happened.
      """,
    version: Program.title)

  enum OutputFormat: String, CaseIterable, ExpressibleByArgument {
    case text
    case json
  }

  @OptionGroup var options: RunOptions

  @Option(help: "What is printed: text, or json with one object a line for every step.")
  var format: OutputFormat = .text

  func run() throws {
    let (configuration, place) = try options.resolve()
    guard !configuration.data.isNone else {
      throw ValidationError("there is nothing to learn from; add --set data.source=…")
    }
    StopSignals.watch()
    let (session, folder) = try prepare(configuration, place)
    let recorder = try RunRecorder(folder, for: session)
    var report: any TrainingReport =
      switch format {
      case .text: TextReport(session, folder)
      case .json: JSONReport(session, folder)
      }
    try report.begin()

    let lastStep = configuration.training.steps
    var last: StepReport?
    while let step = session.next() {
      guard step.metrics.isFinite else {
        try recorder.save(session)
        throw CommandError(
          "the loss or a gradient was not finite at step \(step.metrics.step); the run up to there "
            + "is in \(folder.path), a lower optimizer.learning_rate may help")
      }
      try recorder.record(step, batchSize: configuration.training.batchSize)
      last = step
      if step.metrics.step == lastStep || StopSignals.number != nil { break }
      try report.show(step)
      _ = try recorder.saveIfDue(session)
    }
    try recorder.save(session)
    try report.end(last)
    if let number = StopSignals.number { throw ExitCode(128 + number) }
  }

  private func prepare(
    _ configuration: RunConfiguration, _ place: TrainingRun.Place
  ) throws -> (TrainingSession, RunFolder) {
    switch place {
    case .newFolder(let parent):
      let session = try TrainingSession(configuration)
      return (session, try RunFolder.create(named: configuration.name, in: parent))
    case .folder(let folder):
      let session = try TrainingSession(configuration)
      return (session, try RunFolder.create(at: folder.path))
    case .resume(let folder):
      return (try TrainingSession(configuration, resuming: try folder.checkpoint()), folder)
    }
  }
}
