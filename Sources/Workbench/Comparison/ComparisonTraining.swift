import Diffusion
import Synchronization

/// Trains a run of a comparison to its budget by the ordinary loop, and keeps checkpoints on the way, which
/// quality is measured of afterwards.
enum ComparisonTraining {
  /// How a run ended.
  enum End: Sendable, Equatable {
    /// Its budget is used up.
    case complete
    /// The program was interrupted; the run is saved.
    case stopped
    /// The loss or a gradient was not finite after this step; the run up to there is saved.
    case diverged(step: Int)
  }

  /// The shares of the budget at which checkpoints are kept: more of them early, where most is learned.
  static let moments = (1...7).map { Double($0 * $0) / 64 }

  /// Whether a run has used up its budget before, or cannot go on.
  static func isComplete(_ run: RunFolder, _ budget: ComparisonSettings.Budget) throws -> Bool {
    guard run.hasCheckpoint else { return false }
    let checkpoint = try run.checkpoint()
    return budget.share(step: checkpoint.state.step, seconds: checkpoint.elapsedSeconds) >= 1
  }

  /// Trains what is left of a run's budget, and returns how it ended.
  ///
  /// It ends early when `isStopping` is true. `show` is called after every step, on
  /// this thread; what it throws ends the run, which saves first.
  static func train(
    _ training: ComparisonPlan.Training, _ budget: ComparisonSettings.Budget,
    isStopping: @escaping @Sendable () -> Bool,
    show: @escaping @Sendable (StepReport) throws -> Void
  ) throws -> End {
    let commands = CommandQueue<RunCommand>()
    let driver = Driver(budget, commands, isStopping: isStopping, show: show)
    let run = training.folder
    let place = run.hasCheckpoint ? TrainingJob.Place.resume(run) : .folder(run)
    let loop = try TrainingLoop(
      TrainingJob(recipe: training.recipe, place: place), commands: commands, handsOutModels: false,
      estimatesFloor: false
    ) { driver.take($0) }
    try loop.run()
    return try driver.end()
  }
}

extension ComparisonSettings.Budget {
  /// The share of it that so much training is.
  func share(step: Int, seconds: Double) -> Double {
    switch self {
    case .steps(let steps): Double(step) / Double(steps)
    case .seconds(let budget): seconds / budget
    }
  }
}

/// Watches a run: requests checkpoints at their moments, and the end.
private final class Driver: Sendable {
  private struct State {
    var share = 0.0
    var end = ComparisonTraining.End.complete
    var problem: (any Error)?
  }

  private let state = Mutex(State())
  private let budget: ComparisonSettings.Budget
  private let commands: CommandQueue<RunCommand>
  private let isStopping: @Sendable () -> Bool
  private let show: @Sendable (StepReport) throws -> Void

  init(
    _ budget: ComparisonSettings.Budget, _ commands: CommandQueue<RunCommand>,
    isStopping: @escaping @Sendable () -> Bool,
    show: @escaping @Sendable (StepReport) throws -> Void
  ) {
    (self.budget, self.commands) = (budget, commands)
    (self.isStopping, self.show) = (isStopping, show)
  }

  func take(_ event: RunEvent) {
    state.withLock { state in
      switch event {
      case .started(let facts):
        let seconds = facts.history.last?.seconds ?? 0
        state.share = budget.share(step: facts.completedSteps, seconds: seconds)
      case .step(let report): take(report, &state)
      case .phase(.finished): commands.put(.stop)
      case .phase(.diverged(let step)):
        state.end = .diverged(step: step)
        commands.put(.stop)
      default: break
      }
    }
  }

  private func take(_ report: StepReport, _ state: inout State) {
    do {
      try show(report)
    } catch {
      state.problem = error
      return commands.put(.stop)
    }
    let before = state.share
    state.share = budget.share(step: report.metrics.step, seconds: report.elapsed)
    let share = state.share
    if ComparisonTraining.moments.contains(where: { before < $0 && share >= $0 }), share < 1 {
      commands.put(.keep)
    }
    if share >= 1 {
      commands.put(.stop)
    } else if isStopping() {
      state.end = .stopped
      commands.put(.stop)
    }
  }

  func end() throws -> ComparisonTraining.End {
    try state.withLock { state in
      if let problem = state.problem { throw problem }
      return state.end
    }
  }
}
