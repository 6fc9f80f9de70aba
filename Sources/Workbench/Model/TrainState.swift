import Diffusion

/// What the Train screen shows.
struct TrainState: Sendable {
  /// What the loss is drawn over.
  enum HorizontalAxis: String, CaseIterable, Sendable {
    case step
    case seconds
    case epoch
  }

  var phase = RunPhase.preparing
  var facts: RunFacts?
  var history = RunHistory()
  var noiseLevels = NoiseLevelWindow()
  var preview = Playback()
  /// The recipe as it is trained and previewed now.
  var recipe: Recipe
  /// The schedule that training was asked to use and has not answered about.
  var askedSchedule: ScheduleConfiguration?
  /// Weight of what came before in the smoothed loss, 0 to 0.99.
  var smoothing = 0.9
  var isLogarithmic = true
  var axis = HorizontalAxis.step
  /// The share of the history that is shown, from its end; 1 is all.
  var span = 1.0
  /// The place of the cursor in the chart, 0 to 1, or nil without one.
  var cursor: Double?
  /// The newest checkpoint.
  var savedStep: Int?

  init(_ recipe: Recipe) { self.recipe = recipe }

  var schedule: ScheduleConfiguration { recipe.schedule }

  /// Steps after which training is complete; nil while only the data could tell.
  var lastStep: Int? {
    if let facts { return facts.lastStep }
    if case .steps(let steps) = recipe.training.duration { return steps }
    return nil
  }

  static let smoothings = [0, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.98, 0.99]

  var isTraining: Bool { phase == .training || phase == .preparing }
}
