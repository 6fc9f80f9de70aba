/// Everything a user can ask for, whichever key, click or command line it came from.
enum Action: Hashable, Sendable {
  case screen(Screen)
  case nextPanel
  case previousPanel
  case nextField
  case previousField
  /// Changes the focused field, frame, sample or cursor by so many steps.
  case change(Int)
  case enter
  case home
  case end
  case togglePause
  case singleStep
  case zoomPanel
  case pictureStyle
  case theme
  case keepCheckpoint
  case export
  case sample
  case newNoise
  case compare
  case slower
  case faster
  case undo
  case useForSampling
  case useForTraining
  case logScale
  case horizontalAxis
  case lessSmoothing
  case moreSmoothing
  case zoomIn
  case zoomOut
  case zoomFit
  case help
  case palette
  case redraw
  case suspend
  case back
  case quit
}

/// The three pages of the program.
enum Screen: Int, CaseIterable, Hashable, Sendable {
  case train
  case denoise
  case schedule

  var title: String {
    switch self {
    case .train: "Train"
    case .denoise: "Denoise"
    case .schedule: "Schedule"
    }
  }

  /// The panels that can have the focus, in the order of the Tab key.
  var panels: [PanelName] {
    switch self {
    case .train: [.loss, .preview, .run, .noiseLevels]
    case .denoise: [.timeline, .sampler, .samples]
    case .schedule: [.parameters, .curves, .strip]
    }
  }
}

/// A framed part of a screen.
enum PanelName: String, Hashable, Sendable {
  case loss
  case noiseLevels
  /// How often each noise level was seen.
  case sigmas
  /// The gradient's norm.
  case gradient
  case preview
  case run
  /// The noisy samples x_t.
  case samples
  /// What the network believes they will become.
  case predictions
  case timeline
  case sampler
  case selected
  case noise
  case curves
  case parameters
  case strip
}
