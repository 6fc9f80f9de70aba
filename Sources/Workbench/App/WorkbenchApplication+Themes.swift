import TUI

/// Which theme is shown: the chosen one, or for a moment the one that is about to be.
extension WorkbenchApplication {
  /// What the look of the screens depends on.
  struct LookKey: Equatable {
    var name: String
    var onDark: Bool
    /// How often the themes were read.
    var reading: Int
  }

  /// All names that can be chosen.
  var themeNames: [String] {
    [UserSettings.automatic] + world.themes.filter { $0 != UserSettings.automatic }
  }

  /// Whether the terminal's background is dark, as far as is known.
  private var onDark: Bool { isBackgroundDark ?? true }

  /// Shows the theme that is wanted now; one that cannot be read leaves the look as it is.
  mutating func refreshLook() {
    var wanted = settings
    if let previewedTheme { wanted.theme = previewedTheme }
    let key = LookKey(
      name: wanted.themeName(onDark: onDark), onDark: onDark, reading: themeReadings)
    guard key != lookKey else { return }
    lookKey = key
    guard let theme = world.theme(key.name) else { return }
    self.theme = world.depth.map { theme.adapted(to: $0, onDark: isBackgroundDark) } ?? theme
  }

  /// The theme that the selected line of a list would choose.
  private var previewedTheme: String? {
    let action: Action? =
      switch overlay {
      case .choosing(let choices):
        found(in: choices).dropFirst(chosen).first?.action
      case .palette: paletteEntries.dropFirst(chosen).first?.action
      default: nil
      }
    if case .chooseTheme(let name) = action { return name }
    return nil
  }

  /// The themes to choose from, each shown while it is selected.
  var themeChoices: Choices {
    let names = themeNames
    return Choices(
      title: "theme",
      items: names.map {
        Choices.Item(
          name: $0,
          detail: $0 == settings.theme
            ? "now" : $0 == UserSettings.automatic ? "light or dark" : "",
          action: .chooseTheme($0))
      },
      foot: "enter keep · esc back", selected: names.firstIndex(of: settings.theme) ?? 0, width: 38)
  }

  /// Takes the themes in as they have been read.
  mutating func receive(_ shelf: ThemeShelf) {
    world.themes = shelf.names
    world.theme = { shelf[$0] }
    themeReadings += 1
    guard let previewedTheme, case .choosing = overlay else { return }
    let choices = themeChoices
    overlay = .choosing(choices)
    chosen = found(in: choices).firstIndex { $0.action == .chooseTheme(previewedTheme) } ?? 0
  }
}
