import Diffusion
import Platform
import TOMLText
import TUI

/// The user's choices, in `settings.toml` of their configuration folder.
///
/// The file is the user's: what the program changes in it is one value at a time.
enum SettingsFile {
  /// The file, or nil where there is no home.
  static var path: String? {
    ResourceFolders.userFolder.map { "\($0)/diffusion-workbench/settings.toml" }
  }

  /// What a file says, and what is wrong with it.
  struct Contents {
    var settings = UserSettings()
    var problems: [RecipeError] = []
  }

  /// The settings of the user's file; what it does not say, or says wrongly, is as without it.
  static func load() -> Contents {
    guard let path, access(path, F_OK) == 0 else { return Contents() }
    do {
      return read(try RecipeLibrary.read(path), path: path)
    } catch {
      return Contents(problems: [error])
    }
  }

  /// The settings in a text; what it says wrongly is as in `earlier`.
  static func read(
    _ text: String, path: String, keeping earlier: UserSettings = UserSettings()
  ) -> Contents {
    let table: TOMLTable
    do {
      table = try TOMLTable(parsing: text)
    } catch {
      return Contents(settings: earlier, problems: [mistake(path, error.line, error.description)])
    }
    var contents = Contents()
    for var entry in table.entries {
      // Earlier versions called the key "pictures".
      if entry.key == "pictures" {
        if table["images"] != nil { continue }
        entry.key = "images"
      }
      do {
        try contents.settings.read(entry, path: path)
      } catch {
        contents.problems.append(error)
        contents.settings.keep(entry.key, of: earlier)
      }
    }
    return contents
  }

  static func mistake(_ path: String, _ line: Int, _ problem: String) -> RecipeError {
    RecipeError("\(path):\(line)", problem)
  }
}

extension UserSettings {
  /// Takes a setting in from a file.
  fileprivate mutating func read(_ entry: TOMLTable.Entry, path: String) throws(RecipeError) {
    if entry.key == Self.keySection {
      keys = try Self.keys(entry, path: path)
      return
    }
    guard let info = setting(entry.key) else {
      let known = settings.map(\.key) + [Self.keySection]
      let near = Wording.nearest(to: entry.key, in: known).map { "; did you mean \($0)?" }
      throw SettingsFile.mistake(
        path, entry.line,
        "there is no setting \(Wording.quoted(entry.key))"
          + (near ?? "; expected one of \(known.joined(separator: ", "))"))
    }
    do {
      try set(entry.key, to: SettingValue(entry.value))
    } catch {
      throw SettingsFile.mistake(
        path, entry.line,
        "\(entry.key) is \(SettingValue(entry.value).mention); expected \(info.allowed)")
    }
  }

  /// What the section of keys says, where all of it can be.
  private static func keys(
    _ section: TOMLTable.Entry, path: String
  ) throws(RecipeError) -> [String: [Key]] {
    guard let entries = section.value.table?.entries else {
      throw SettingsFile.mistake(
        path, section.line,
        "keys is not a table; expected [keys] followed by lines such as pause = \"P\"")
    }
    var keys: [String: [Key]] = [:]
    for entry in entries {
      let values = entry.value.list ?? [entry.value]
      do {
        keys[entry.key] = try KeyChoice.keys(values.map { SettingValue($0) }, of: entry.key)
      } catch {
        throw SettingsFile.mistake(path, entry.line, error.description)
      }
    }
    do {
      _ = try KeyMap.workbench.choosing(keys)
    } catch {
      let line = entries.first { $0.key == error.name }?.line ?? section.line
      throw SettingsFile.mistake(path, line, error.description)
    }
    return keys
  }

  /// Leaves a setting as it was.
  fileprivate mutating func keep(_ key: String, of earlier: UserSettings) {
    if key == Self.keySection { keys = earlier.keys }
    guard setting(key) != nil, let value = earlier.value(of: key) else { return }
    // A value that was allowed is allowed.
    try? set(key, to: value)
  }
}
