import Diffusion
import TUI

/// What the user chose for good.
struct UserSettings: Configurable {
  /// The name that stands for the light or the dark theme, whichever suits the terminal.
  static let automatic = "auto"

  var theme = automatic
  /// What ``automatic`` means on a dark and on a light background.
  var darkTheme = "dark"
  var lightTheme = "light"
  var imageStyle = ImageStyle.halfBlocks
  var takesMouse = true
  var slowsShortRuns = true
  /// Compute threads, 0 for one per processor.
  var threads = 0
  /// Seconds between the lines about training in plain mode.
  var statusInterval = 10
  /// Keys other than the usual ones, by the names of commands and of movements.
  var keys: [String: [Key]] = [:]

  static let table: [Setting<Self>] = [
    .theme(
      \.theme, "theme", "the colours; auto is light or dark, to match the terminal's background"),
    .theme(\.darkTheme, "dark_theme", "the theme that auto means on a dark background"),
    .theme(\.lightTheme, "light_theme", "the theme that auto means on a light background"),
    .imageStyle,
    .flag(
      \.takesMouse, "mouse", "whether the program uses the mouse; otherwise the mouse selects text"),
    .flag(
      \.slowsShortRuns, "slow_short_runs",
      "whether runs of less than a minute are slowed down so that you can watch"),
    .integer(
      \.statusInterval, "status_interval", 1...86_400, step: 5,
      "seconds between the lines about training in plain mode"),
    .integer(
      \.threads, "threads", 0...1024, "compute threads; 0 for one per processor"),
  ]

  /// The section of the keys, in the file.
  static let keySection = "keys"

  /// How many threads compute.
  var threadCount: Int { threads > 0 ? threads : Parallel.processors }

  /// The name of the theme to show, on a dark or a light background.
  func themeName(onDark: Bool) -> String {
    theme == Self.automatic ? (onDark ? darkTheme : lightTheme) : theme
  }

  /// The settings that differ from those of `earlier`.
  func changes(since earlier: UserSettings) -> [String] {
    settings.map(\.key).filter { value(of: $0) != earlier.value(of: $0) }
      + (keys == earlier.keys ? [] : [Self.keySection])
  }
}

extension Setting where Root == UserSettings {
  /// A theme's name; which there are is known where themes are read.
  fileprivate static func theme(
    _ path: any WritableKeyPath<Root, String> & Sendable, _ key: String, _ meaning: String
  ) -> Self {
    Setting(
      key, .text("a theme's name"), meaning, get: { .text($0[keyPath: path]) },
      set: { (root, value) in
        guard case .text(let name) = value, !name.isEmpty else { return false }
        root[keyPath: path] = name
        return true
      })
  }

  fileprivate static var imageStyle: Self {
    Setting(
      "images", .word(ImageStyle.allCases.map { .init($0.rawValue) }), "how images are drawn",
      get: { .text($0.imageStyle.rawValue) },
      set: { (root, value) in
        guard case .text(let word) = value, let style = ImageStyle(rawValue: word) else {
          return false
        }
        root.imageStyle = style
        return true
      }
    )
  }
}
