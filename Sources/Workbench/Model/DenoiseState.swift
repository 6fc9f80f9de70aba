import Diffusion

/// What the Denoise screen shows.
struct DenoiseState: Sendable {
  var sampling: SamplingConfiguration
  /// The schedule that is sampled with, if another than the one trained with.
  var schedule: ScheduleConfiguration?
  /// The request whose frames are taken; its number rises.
  var number = 0
  /// Whether a request waits for weights.
  var wantsWeights = false
  var recording = Recording()
  /// The training step of the sampled weights.
  var weightsStep = 0
  /// How many frames the path will have.
  var total = 0
  var isComplete = false
  /// The frame in view.
  var position = 0
  var isPlaying = true
  /// Frames a second when playing.
  var speed = 24.0
  /// The noise at which the view stays when settings change, or nil to play from the start.
  var heldRatio: Double?
  /// The sample that is shown large.
  var selected = 0
  /// Another setting's frames, kept for comparison, and what they were made with.
  var compared: Comparison?
  var problem: String?

  struct Comparison: Sendable {
    var recording: Recording
    var sampling: SamplingConfiguration
    var schedule: ScheduleConfiguration
    var weightsStep: Int
  }

  init(_ recipe: Recipe) {
    sampling = recipe.preview.sampling
    sampling.seed = Self.following(sampling.seed)
  }

  /// The next seed; after the last that a recipe can have comes the first.
  static func following(_ seed: UInt64) -> UInt64 { seed >= UInt64(Int.max) ? 0 : seed + 1 }

  static let speeds = [1.0, 2, 4, 8, 12, 24, 30, 60]

  /// The frame in view, or nil before the first.
  var frame: Frame? {
    guard position < recording.count else { return nil }
    return try? recording.frame(at: position)
  }

  /// The frame of the comparison at the noise level nearest to the one in view.
  var comparedFrame: Frame? {
    guard let compared, let frame,
      let index = compared.recording.nearestIndex(ratio: frame.level.ratio)
    else { return nil }
    return try? compared.recording.frame(at: index)
  }

  mutating func move(to index: Int) {
    position = min(max(index, 0), max(recording.count - 1, 0))
    heldRatio = frame?.level.ratio
  }
}
