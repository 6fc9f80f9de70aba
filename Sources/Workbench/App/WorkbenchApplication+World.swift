import TUI

extension WorkbenchApplication {
  /// What the application needs from outside; tests put in their own.
  struct World {
    var carryOut: (Effect) -> Void
    /// Begins to train, or to open a model, as the session with this number.
    var start: (Workload, _ session: Int) -> Void = { _, _ in }
    /// Local seconds since midnight.
    var timeOfDay: () -> Int
    /// Seconds since some moment; a clock that stands still makes every two clicks single ones.
    var now: () -> Double = { .nan }
    /// The characters that the terminal has.
    var symbols = Symbols.unicode
    /// The names of the themes there are.
    var themes = ["dark"]
    /// The lessons there are.
    var lessons: () -> [LessonLibrary.Entry] = { [] }
    /// The lesson with this name.
    var lesson: (String) throws -> Lesson = { try LessonLibrary.load($0) }
    /// The theme of a name; nil where it cannot be read.
    var theme: (String) -> Theme?
    /// The colours that the terminal has; nil for themes as they are.
    var depth: ColorDepth?
    /// Where the user's settings are.
    var settingsPath: String?
  }
}
