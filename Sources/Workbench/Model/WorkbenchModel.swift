import Diffusion

/// Everything the screens show, and how it changes: events and actions in, effects out.
///
/// It does no input or output and knows no clock, so a list of messages replays it.
struct WorkbenchModel: Sendable {
  /// What lies over the screen and takes the keys.
  enum Overlay: Sendable, Equatable {
    case help
    /// A command by name.
    case palette
    /// A new value for a field, typed.
    case typing(FieldID)
    /// What to do with the run before leaving.
    case leaving
    /// One sample as large as it goes.
    case picture
    /// An error that stays until it is read.
    case message(String)
  }

  /// A line of what happened.
  struct Notice: Sendable, Equatable {
    /// Seconds since midnight, local time.
    var time: Int
    var text: String
  }

  var screen = Screen.train
  var focus: [Screen: PanelName] = [:]
  var field: [PanelName: Int] = [:]
  var isZoomed = false
  var overlay: Overlay?
  var settings = Settings()
  /// The names of the themes there are.
  var themes = ["dark"]
  var train: TrainState
  var denoise: DenoiseState
  var schedule: ScheduleState
  /// The exact denoiser of the data, which knows its nearest samples; nil for large sets.
  var exact: IdealDenoiser?
  /// The newest model that the training run has handed out.
  var model: Model?
  var notices: [Notice] = []
  var previewNumber = 0
  /// Local seconds since midnight, as the last tick told.
  var time = 0
  /// Whether the program leaves as soon as the run has saved.
  var isLeaving = false

  static let noticeLimit = 200

  init(_ recipe: Recipe, settings: Settings = Settings()) {
    self.settings = settings
    train = TrainState(recipe)
    denoise = DenoiseState(recipe)
    schedule = ScheduleState(recipe.schedule)
    if !recipe.hasData {
      // There is no training to look at: the samples wait for the weights.
      screen = .denoise
      denoise.wantsWeights = true
    }
  }

  var focusedPanel: PanelName { focus[screen] ?? screen.panels[0] }

  mutating func note(_ text: String) {
    notices.append(Notice(time: time, text: text))
    if notices.count > Self.noticeLimit { notices.removeFirst() }
  }

  /// The training sample nearest to a prediction, where the data is small enough to look at once.
  func nearest(to sample: [Float]) -> IdealDenoiser.Neighbor? {
    exact?.nearest(to: sample).first
  }

  /// The schedule that the Denoise screen samples with.
  var samplingSchedule: ScheduleConfiguration { denoise.schedule ?? train.schedule }
}

extension Recipe {
  /// Whether there is something to learn from; else its model only makes samples.
  var hasData: Bool { !data.source.isEmpty }
}
