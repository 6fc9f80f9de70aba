import Diffusion
import TUI

/// What the screens share: a run or a model, and the sampling settings.
///
/// It does no input or output and knows no clock, so a list of messages replays it.
struct Session: Sendable {
  /// Which session of this program it is, from 0 on.
  let number: Int
  /// The recipe as it is trained and previewed now.
  var recipe: Recipe
  var phase: RunPhase
  var facts: RunFacts?
  /// Where the run is, without links and detours; nil while that is not known.
  var place: String?
  /// The data where it is points of the plane, at most 2000 of them.
  var dataPoints: [ScatterPlot.Point] = []
  /// The newest model that the run has handed out.
  var model: Model?
  /// The same with its weights as they are trained, not averaged; only where they were requested.
  var rawModel: Model?
  /// The screens that take raw weights beside the averaged ones.
  private var takersOfRawWeights: Set<String> = []
  /// The newest step of training.
  var step: Int?
  /// The steps a second to which training is held back, or nil where it is not.
  var speedLimit: Double?
  /// The same while that is wanted.
  var effectiveLimit: Double? { limitsSpeed && phase == .training ? speedLimit : nil }
  /// Whether training may be held back so that it can be watched.
  var limitsSpeed = true
  /// The schedule requested for training, until training confirms or refuses it.
  var requestedSchedule: ScheduleConfiguration?
  /// The newest checkpoint.
  var savedStep: Int?
  /// How samples are drawn on request.
  var sampling: SamplingConfiguration
  /// The schedule that is sampled with, if another than the one trained with.
  var samplingScheduleOverride: ScheduleConfiguration?
  /// Whether the next model is to be sampled.
  var wantsSamples: Bool
  /// Sampling requests so far, of all sessions.
  private var requests: Int
  private(set) var notices: [Notice] = []
  /// How many there have been, of all sessions.
  private(set) var noticeCount = 0
  /// Local seconds since midnight, as of the last tick.
  var time = 0
  /// What the user does for an action, where that is not its usual key.
  var labels: [Action: String] = [:]

  /// A line of what happened.
  struct Notice: Sendable, Equatable {
    /// Seconds since midnight, local time.
    var time: Int
    /// The newest step then; nil before the first.
    var step: Int?
    var text: String
    /// How many there were before.
    var number = 0
    /// Whether it happens all the time by itself.
    var isRoutine = false
  }

  private static let noticeLimit = 200

  /// A session about `recipe` whose run is about to begin, after `previous`.
  init(_ recipe: Recipe, phase: RunPhase = .preparing, after previous: Session? = nil) {
    self.recipe = recipe
    self.phase = phase
    number = previous.map { $0.number + 1 } ?? 0
    sampling = recipe.preview.sampling
    sampling.seed = Self.seed(after: sampling.seed)
    // There is no training to look at: the samples wait for the weights.
    wantsSamples = phase != .idle && !recipe.hasData
    requests = previous?.requests ?? 0
    notices = previous?.notices ?? []
    noticeCount = previous?.noticeCount ?? 0
    time = previous?.time ?? 0
    limitsSpeed = previous?.limitsSpeed ?? true
    labels = previous?.labels ?? [:]
  }

  /// The next seed; after the last that a recipe can have comes the first.
  static func seed(after seed: UInt64) -> UInt64 { seed >= UInt64(Int.max) ? 0 : seed + 1 }

  /// The schedule of training.
  var schedule: ScheduleConfiguration { recipe.schedule }

  /// The schedule that samples are drawn with.
  var samplingSchedule: ScheduleConfiguration { samplingScheduleOverride ?? schedule }

  var dataset: Dataset? { facts?.dataset }
  var format: SampleFormat? { facts?.format }

  /// Steps after which training is complete; nil while that depends on data not yet loaded.
  var totalSteps: Int? {
    if let facts { return facts.totalSteps }
    if case .steps(let steps) = recipe.training.duration { return steps }
    return nil
  }

  /// What to call the key of an action, whose usual one is given.
  func label(of action: Action, usually key: String) -> String { labels[action] ?? key }

  /// What panels say that have no samples.
  var noSamplesYet: String { "no samples yet – press \(label(of: .sample, usually: "s"))" }

  /// Says what happened; what is routine goes first where there are too many.
  mutating func note(_ text: String, isRoutine: Bool = false) {
    notices.append(
      Notice(time: time, step: step, text: text, number: noticeCount, isRoutine: isRoutine))
    noticeCount += 1
    guard notices.count > Self.noticeLimit else { return }
    notices.remove(at: notices.firstIndex { $0.isRoutine } ?? 0)
  }

  /// The notice to show: the newest, unless it is routine and there was one of more weight within the
  /// last minute.
  var shownNotice: Notice? {
    guard let last = notices.last, last.isRoutine else { return notices.last }
    let important = notices.last { !$0.isRoutine }
    let day = 86_400
    return important.flatMap { (time - $0.time + day) % day < Self.noticeSeconds ? $0 : nil }
      ?? last
  }

  private static let noticeSeconds = 60

  /// A request for samples from the newest model; later requests have larger numbers.
  mutating func request(
    _ sampling: SamplingConfiguration, along schedule: ScheduleConfiguration, from model: Model
  ) -> SamplingRequest {
    requests += 1
    return SamplingRequest(number: requests, model: model, schedule: schedule, sampling: sampling)
  }

  /// Asks for samples from the weights as they are at this moment.
  mutating func requestSamples() -> [Effect] {
    guard phase == .stopped || phase == .idle else {
      wantsSamples = true
      return askForModel()
    }
    wantsSamples = model != nil
    return askForModel()
  }

  /// Asks for the weights as they are at this moment, which come as a model.
  func askForModel() -> [Effect] {
    // When a run has ended, nobody is there to publish another model.
    phase == .stopped || phase == .idle ? [.offerModel] : [.training(.snapshot)]
  }

  /// Whether raw weights can be had beside the averaged ones: from the run, also a complete one.
  var hasRawWeights: Bool { rawModel != nil || dataset != nil && phase != .stopped }

  /// Whether a screen takes raw weights; while one does, they come with every model, and the next one at once.
  mutating func takeRawWeights(_ isTaken: Bool, by screen: String) -> [Effect] {
    let isRunning = phase != .stopped && phase != .idle
    if isTaken {
      takersOfRawWeights.insert(screen)
      return isRunning ? [.training(.handOutRawWeights(true))] : [.offerModel]
    }
    let wasTaken = takersOfRawWeights.remove(screen) != nil
    return wasTaken && takersOfRawWeights.isEmpty && isRunning
      ? [.training(.handOutRawWeights(false))] : []
  }

  /// Trains and previews by another recipe from the next step on, if anything changed.
  mutating func use(_ changed: Recipe) -> [Effect] {
    var changed = changed
    changed.preview.sampling.steps = min(
      changed.preview.sampling.steps, changed.schedule.timesteps)
    guard changed != recipe else { return [] }
    recipe = changed
    if let requestedSchedule { changed.schedule = requestedSchedule }
    return [.training(.change(changed))]
  }

  /// The training sample nearest to a prediction, where the data is small enough to look at once.
  func nearest(to sample: [Float]) -> IdealDenoiser.Neighbor? {
    facts?.idealDenoiser?.nearest(to: sample).first
  }
}

extension Recipe {
  /// Whether there is something to learn from; else its model only makes samples.
  var hasData: Bool { !data.source.isEmpty }
}
