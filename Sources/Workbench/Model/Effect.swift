import Diffusion
import TUI

/// What screens and the session request: their only way to act.
enum Effect: Sendable {
  /// Tell the training run.
  case training(RunCommand)
  /// Draw samples, and end those that the same slot was drawing.
  case sample(SamplingRequest, SampleSlot)
  /// Compute something in the background, and hand it to the screen with this title.
  case compute(screen: String, @Sendable () -> any Sendable)
  /// Write samples as PNG.
  case export(ExportRequest)
  /// Save a recipe under a name, or one like it that is free.
  case saveRecipe(Recipe, name: String)
  /// Write one of the user's settings into their file: its key, or its section and its key.
  case saveSetting([String], SettingValue)
  /// Open another run; the current one is saved.
  case open(OpenRequest)
  /// Leave once everything is saved.
  case stopAndQuit
  /// Go on after all: what was to be saved could not be.
  case stay
  /// Hand the present model to the screens once more.
  case offerModel
  /// Show the screen with this title.
  case show(String)
  /// Let the user type a value of this field.
  case type(String)
  /// Show the selected sample as large as it goes.
  case enlarge
  /// Show a sentence that stays until it is read.
  case message(String)
  /// Ask before something is done that cannot be undone.
  case ask(Question)
  /// Let the user choose one thing of several.
  case choose(Choices)
  /// Compute with so many threads from now on.
  case threads(Int)
  /// Take the mouse, or leave it to the terminal.
  case mouse(Bool)
  /// Say that this run was interrupted no longer: the user has answered.
  case forgetInterruption(RunFolder)
  /// Leave now.
  case quit
  case suspend
  case redraw
}

/// Who draws samples: each slot has a run of its own, in which a newer request ends the older one.
struct SampleSlot: Hashable, Sendable {
  let name: String
  /// Whether nobody waits for its samples, so that they may take only a little time from training.
  let yieldsToTraining: Bool

  init(_ name: String, yieldsToTraining: Bool = false) {
    (self.name, self.yieldsToTraining) = (name, yieldsToTraining)
  }
}

/// What is asked before something is done that cannot be undone.
struct Question: Sendable, Equatable {
  var title: String
  var text: String
  /// What is done, in a word or two.
  var answer: String
  /// What `y` does.
  var action: Action
}

/// A list to choose one thing from.
struct Choices: Sendable, Equatable {
  struct Item: Sendable, Equatable {
    var name: String
    /// What is said at the right.
    var detail: String
    var action: Action
  }

  var title: String
  var items: [Item]
  var foot: String
  /// The line that is selected at first.
  var selected = 0
  /// Columns within the frame.
  var width = 72
}

/// Samples to write.
struct ExportRequest: Sendable {
  var path: String
  var format: SampleFormat
  var samples: [[Float]]

  /// Where samples that are sound are written, beside their picture.
  var soundPath: String { path.replacing(/\.png$/, with: "") + ".wav" }
}

/// What reaches the main thread from the background.
enum Message: Sendable {
  /// From the training run of the session with this number.
  case run(RunEvent, session: Int)
  case sampling(SamplingEvent, SampleSlot)
  /// What the screen with this title had computed.
  case computed(any Sendable, screen: String)
  /// Another subject is ready to be opened.
  case opened(Workload, Recipe, OpenRequest)
  /// The themes have been read again.
  case themes(ThemeShelf)
  /// The settings file has changed from one state to another.
  case settings(from: UserSettings, to: UserSettings)
  /// Something the user should read.
  case notice(String)
  /// Why something that was asked for is not done, to be read.
  case problem(String)
}
