import Diffusion
import Platform
import TOMLKit
import TUI

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// The user's choices, in `settings.toml` of their configuration folder.
enum SettingsFile {
  /// The file, or nil where there is no home.
  static var path: String? {
    ResourceFolders.userFolder.map { "\($0)/diffusion-workbench/settings.toml" }
  }

  /// The settings; what the file does not say, or says wrongly, is as it is without it.
  static func load() -> UserSettings {
    var settings = UserSettings()
    guard let path, let data = FileManager.default.contents(atPath: path),
      let table = try? TOMLTable(string: String(decoding: data, as: UTF8.self))
    else { return settings }
    if let theme = table["theme"]?.string { settings.theme = theme }
    if let style = table["pictures"]?.string.flatMap({ PictureStyle(rawValue: $0) }) {
      settings.pictures = style
    }
    return settings
  }

  static func save(_ settings: UserSettings) throws {
    guard let path else { return }
    _ = try RunFolder.create(at: String(path[..<(path.lastIndex(of: "/") ?? path.endIndex)]))
    let table = TOMLTable()
    table["theme"] = settings.theme
    table["pictures"] = settings.pictures.rawValue
    try AtomicFile.replace(path, with: Array("\(table.convert(to: .toml))\n".utf8))
  }
}
