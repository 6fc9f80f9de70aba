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

/// Frames of one request as they arrive, and the one that is shown.
struct Playback: Sendable {
  /// The request that the frames answer; 0 for none.
  private(set) var number = 0
  /// The training step of the weights.
  private(set) var weightsStep = 0
  private(set) var frames: [Frame] = []
  /// The frame that is shown.
  var shown = 0
  /// Frames of the next request wait until the present ones have been played.
  private var waiting: [Frame] = []
  private var waitingNumber = 0
  private var waitingStep = 0

  var frame: Frame? { frames.indices.contains(shown) ? frames[shown] : nil }

  /// Whether there is more to show.
  var isPlaying: Bool {
    shown + 1 < frames.count || !waiting.isEmpty
  }

  mutating func add(_ frame: Frame, number: Int, weightsStep: Int) {
    if number == self.number || self.number == 0 {
      self.number = number
      self.weightsStep = weightsStep
      frames.append(frame)
    } else {
      if waitingNumber != number { waiting = [] }
      waitingNumber = number
      waitingStep = weightsStep
      waiting.append(frame)
    }
  }

  /// Shows the next frame, or begins with those that wait once the present path is at its end.
  mutating func advance() {
    if shown + 1 < frames.count {
      shown += 1
    } else if !waiting.isEmpty {
      // A newer path has ended the computation of this one, finished or not.
      (frames, number, weightsStep) = (waiting, waitingNumber, waitingStep)
      waiting = []
      shown = 0
    }
  }
}
