/// Everything a user can ask for, whichever key, click or command it came from.
enum Action: Hashable, Sendable {
  /// Show the screen with this title.
  case show(String)
  case nextPanel
  case previousPanel
  case nextField
  case previousField
  /// Change the focused field, frame, sample or cursor by so many steps.
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
  case help
  case palette
  case redraw
  case suspend
  case back
  case quit
  /// What only the screen with this title can do, under a name of its own.
  case own(screen: String, String)
}

/// Where a key has a meaning of its own: on one screen, or in panels of one kind.
struct KeyContext: Hashable, Sendable {
  let name: String

  init(_ name: String) { self.name = name }

  static let fields = KeyContext("fields")
  static let timeline = KeyContext("timeline")
  static let samples = KeyContext("samples")
  static let chart = KeyContext("chart")
  static let list = KeyContext("list")
  static let overlay = KeyContext("overlay")
  static let typing = KeyContext("typing")
  static let palette = KeyContext("palette")
  static let quitting = KeyContext("leaving")
  static let unsaved = KeyContext("unsaved")
}
