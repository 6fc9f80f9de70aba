import Diffusion

/// Writes what happens in a run into its folder: the recipe once, every step's metrics, and
/// checkpoints.
///
/// It lives on the run's queue. A checkpoint replaces the one before as a whole or not at all.
final class RunRecorder {
  let folder: RunFolder
  private let metrics: JSONLines.Writer
  private let clock = ContinuousClock()
  private var lastSave: ContinuousClock.Instant

  /// Between two checkpoints that nobody asked for.
  static let interval = Duration.seconds(30)

  init(_ folder: RunFolder, for session: TrainingSession) throws {
    self.folder = folder
    try AtomicFile.replace(
      folder.recipePath, with: Array(session.configuration.recipeText.utf8))
    // What was measured behind the checkpoint that a run goes on from is measured again.
    let firstStep = session.trainer.step
    metrics = try JSONLines.Writer(appendingTo: folder.metricsPath) { line in
      (line["step"]?.integer ?? 0) <= firstStep
    }
    lastSave = clock.now
  }

  func record(_ report: StepReport, batchSize: Int) throws {
    let metrics = report.metrics
    try self.metrics.append([
      "step": .integer(metrics.step), "loss": .number(metrics.loss),
      "gradientNorm": .number(metrics.gradientNorm),
      "learningRate": .number(metrics.learningRate),
      "averageDecay": .number(metrics.averageDecay),
      "imagesPerSecond": .number(Double(batchSize) / report.duration),
      "seconds": .number(report.elapsed),
    ])
  }

  func record(_ change: ParameterChange, afterStep step: Int) throws {
    try metrics.append(["step": .integer(step), "change": .string(change.text)])
  }

  /// Saves if the last checkpoint is old enough.
  ///
  /// - Returns: whether it was.
  func saveIfDue(_ session: TrainingSession) throws -> Bool {
    guard clock.now - lastSave >= Self.interval else { return false }
    try save(session)
    return true
  }

  func save(_ session: TrainingSession) throws {
    try session.checkpoint().write(to: folder.checkpointPath)
    lastSave = clock.now
  }

  /// Saves, and keeps the checkpoint under a name of its own as well.
  ///
  /// - Returns: that path.
  func keep(_ session: TrainingSession) throws -> String {
    let path = folder.keptCheckpointPath(step: session.trainer.step)
    try session.checkpoint().write(to: path)
    try save(session)
    return path
  }
}
