import TUI

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
  /// Play what is in view, or stop.
  case play
  /// Play more slowly or faster.
  case playSpeed(Int)
  /// Go so many frames towards x_0 or x_T, whatever is focused.
  case frame(Int)
  /// Sample from other noise.
  case newNoise
  /// Show something else in a panel.
  case nextView
  case singleStep
  /// Train as fast as the machine can, or no faster than can be watched.
  case speedLimit
  case zoomPanel
  case imageStyle
  /// Choose a theme.
  case theme
  /// Change what the user's settings hold.
  case settings
  /// Go so many lines on in a long form.
  case page(Int)
  case keepCheckpoint
  case export
  case sample
  /// What charts can do besides moving the cursor.
  case chart(ChartCommand)
  case help
  case palette
  /// Show everything that happened.
  case log
  /// Choose a lesson.
  case lessons
  /// Start the lesson with this name.
  case startLesson(String)
  /// Go on with the lesson that was left.
  case resumeLesson
  /// Go to the next step of the lesson, or the one before.
  case nextStep
  case previousStep
  /// Take the mouse, or leave it to the terminal for selecting text.
  case mouse
  case chooseTheme(String)
  case chooseImageStyle(ImageStyle)
  case open(OpenRequest)
  /// Delete a run, after the question whether to.
  case deleteRun(RunFolder)
  /// Give the setting with this key on the screen with this title the value that is written so.
  case set(screen: String, key: String, to: String)
  /// Type a value of the setting with this key on the screen with this title.
  case edit(screen: String, key: String)
  case redraw
  case suspend
  case back
  case quit
  /// What only the screen with this title can do, under a name of its own.
  case own(screen: String, String)
}

/// What can be done to a chart.
enum ChartCommand: Hashable, Sendable {
  case scale
  case outliers
  case zoomIn
  case zoomOut
  case taller
  case flatter
  case up
  case down
  case fit
}

/// What the bottom line calls a key at this moment.
enum KeyTitle: Equatable {
  /// What the table of keys says.
  case asTable
  case named(String)
  /// The key does nothing now and is not offered.
  case notOffered
}

/// Where a key has a meaning of its own: on one screen, or in panels of one kind.
struct KeyContext: Hashable, Sendable {
  let name: String

  init(_ name: String) { self.name = name }

  static let fields = KeyContext("fields")
  static let timeline = KeyContext("timeline")
  static let samples = KeyContext("samples")
  static let chart = KeyContext("chart")
  static let log = KeyContext("log")
  /// While a lesson is open.
  static let lesson = KeyContext("lesson")
  /// While a step of a lesson is read that waits for nothing else.
  static let reading = KeyContext("reading")
  static let offer = KeyContext("offer")
  static let asking = KeyContext("question")
  static let choosing = KeyContext("choosing")
  static let enlarged = KeyContext("enlarged")
  static let painting = KeyContext("painting")
  static let list = KeyContext("list")
  static let overlay = KeyContext("overlay")
  static let typing = KeyContext("typing")
  static let palette = KeyContext("palette")
  static let settings = KeyContext("settings")
  static let quitting = KeyContext("leaving")
  static let unsaved = KeyContext("unsaved")
}
