import TUI

/// The themes there are, as they were read last.
struct ThemeShelf: Sendable {
  /// All names, in alphabetical order.
  private(set) var names: [String] = []
  private var themes: [String: Theme] = [:]
  /// What is wrong with a theme's file; the theme is then as it was before.
  private var problems: [String: String] = [:]

  /// Reads all themes; those that cannot be read are as in `earlier`.
  init(folders: [String], after earlier: ThemeShelf? = nil) {
    names = ThemeFile.names(in: folders)
    for name in names {
      do {
        themes[name] = try ThemeFile.load(name, folders: folders)
      } catch {
        themes[name] = earlier?.themes[name]
        problems[name] = error.description
      }
    }
  }

  subscript(name: String) -> Theme? { themes[name] }

  /// What is wrong now and was not wrong in the same way before.
  func newProblems(since earlier: ThemeShelf) -> [String] {
    names.compactMap { name in
      problems[name] == earlier.problems[name] ? nil : problems[name]
    }
  }
}
