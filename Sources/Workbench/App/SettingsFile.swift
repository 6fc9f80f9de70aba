import Diffusion
import Platform
import TOMLText
import TUI

/// The user's choices, in `settings.toml` of their configuration folder.
enum SettingsFile {
  /// The file, or nil where there is no home.
  static var path: String? {
    ResourceFolders.userFolder.map { "\($0)/diffusion-workbench/settings.toml" }
  }

  /// The settings; what the file does not say, or says wrongly, is as it is without it.
  static func load() -> UserSettings {
    var settings = UserSettings()
    guard let path, let text = try? RecipeLibrary.read(path),
      let table = try? TOMLTable(parsing: text)
    else { return settings }
    if let theme = table["theme"]?.text { settings.theme = theme }
    // Earlier versions called the key "pictures".
    let images = table["images"] ?? table["pictures"]
    if let style = images?.text.flatMap({ ImageStyle(rawValue: $0) }) {
      settings.imageStyle = style
    }
    return settings
  }

  static func save(_ settings: UserSettings) throws {
    guard let path else { return }
    _ = try RunFolder.create(at: String(path[..<(path.lastIndex(of: "/") ?? path.endIndex)]))
    let text = """
      theme = \(SettingValue.text(settings.theme))
      images = \(SettingValue.text(settings.imageStyle.rawValue))

      """
    try AtomicFile.replace(path, with: Array(text.utf8))
  }
}
