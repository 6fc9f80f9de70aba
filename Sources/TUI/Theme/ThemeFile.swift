internal import Platform
internal import TOMLText

#if canImport(FoundationEssentials)
  internal import FoundationEssentials
#else
  internal import Foundation
#endif

/// Reads themes from TOML files.
public enum ThemeFile {
  /// The theme called `name`, from the first folder that has NAME.toml.
  ///
  /// `dark` needs no file. A file with a mistake is rejected as a whole.
  public static func load(_ name: String, folders: [String]) throws(ThemeError) -> Theme {
    try load(name, folders: folders, inheriting: [])
  }

  /// The names of all themes in the folders, and `dark`, in alphabetical order.
  package static func names(in folders: [String]) -> [String] {
    var names: Set<String> = [Theme.dark.name]
    for folder in folders {
      let files = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
      names.formUnion(files.filter { $0.hasSuffix(".toml") }.map { String($0.dropLast(5)) })
    }
    return names.sorted()
  }

  /// Whether there is a regular file of a size that a theme has: anything else might never be read to its
  /// end.
  private static func isFile(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
      && status.st_size < 1 << 20
  }

  private static func load(
    _ name: String, folders: [String], inheriting: [String]
  ) throws(ThemeError) -> Theme {
    for folder in folders {
      let path = "\(folder)/\(name).toml"
      guard isFile(path), let data = FileManager.default.contents(atPath: path) else { continue }
      guard !inheriting.contains(name) else {
        throw ThemeError(path, "inherits itself: \((inheriting + [name]).joined(separator: " → "))")
      }
      let reader = try Reader(path: path, text: String(decoding: data, as: UTF8.self))
      let parent = try reader.string("inherits") ?? Theme.dark.name
      let isBuiltIn = parent == Theme.dark.name && (name == parent || inheriting.contains(parent))
      let base =
        isBuiltIn
        ? Theme.dark : try load(parent, folders: folders, inheriting: inheriting + [name])
      return try reader.theme(named: name, over: base)
    }
    guard name != Theme.dark.name else { return .dark }
    let known = names(in: folders).joined(separator: ", ")
    throw ThemeError(name, "there is no such theme; the themes are \(known)")
  }
}

/// What is wrong with a theme, as the sentence the user reads.
public struct ThemeError: Error, Hashable, CustomStringConvertible {
  /// The file it is about.
  package let file: String
  /// What is wrong, as a sentence.
  package let problem: String

  init(_ file: String, _ problem: String) {
    (self.file, self.problem) = (file, problem)
  }

  public var description: String { "\(file): \(problem)" }
}

/// One file's tables, looked up with errors that say where and what.
private struct Reader {
  let path: String
  private let table: TOMLTable
  private let palette: [String: Color]

  private static let keys: Set<String> = [
    "name", "dark", "inherits", "palette", "colors", "ansi16", "mono", "ramps", "series",
  ]

  init(path: String, text: String) throws(ThemeError) {
    self.path = path
    do {
      table = try TOMLTable(parsing: text)
    } catch {
      throw ThemeError(path, "line \(error.line): \(escaped(error.description))")
    }
    if let unknown = table.entries.first(where: { !Self.keys.contains($0.key) }) {
      let allowed = Self.keys.sorted().joined(separator: ", ")
      throw ThemeError(
        path, "has an unknown key “\(escaped(unknown.key))”; a theme has \(allowed)")
    }
    var palette: [String: Color] = [:]
    for entry in table["palette"]?.table?.entries ?? [] {
      palette[entry.key] = try Self.color(
        entry.value.text, path, "palette.\(escaped(entry.key))", [:])
    }
    self.palette = palette
  }

  func string(_ key: String) throws(ThemeError) -> String? {
    guard let value = table[key] else { return nil }
    guard let text = value.text else {
      throw ThemeError(path, "“\(key)” is not text; expected text in quotation marks")
    }
    return text
  }

  func theme(named name: String, over base: Theme) throws(ThemeError) -> Theme {
    var theme = base
    theme.name = name
    if let dark = table["dark"] {
      guard let flag = dark.flag else {
        throw ThemeError(path, "“dark” is neither; expected true or false")
      }
      theme.isDark = flag
    }
    for (role, color) in try roles("colors") { theme.looks[role]?.color = color }
    for (role, color) in try roles("ansi16") { theme.looks[role]?.ansi16 = color }
    for entry in table["mono"]?.table?.entries ?? [] {
      let role = try role(entry.key, in: "mono")
      theme.looks[role]?.attributes = try attributes(entry.value.text, entry.key)
    }
    for entry in table["ramps"]?.table?.entries ?? [] {
      let colors = try colors(entry.value.list, "ramps.\(escaped(entry.key))")
      switch entry.key {
      case "noise": theme.noiseRamp = ColorRamp(colors)
      case "grey": theme.greyRamp = ColorRamp(colors)
      default:
        throw ThemeError(
          path, "has an unknown ramp “\(escaped(entry.key))”; the ramps are noise and grey")
      }
    }
    if let series = table["series"] { theme.seriesColors = try colors(series.list, "series") }
    return theme
  }

  private func roles(_ section: String) throws(ThemeError) -> [(Theme.Role, Color)] {
    var result: [(Theme.Role, Color)] = []
    for entry in table[section]?.table?.entries ?? [] {
      let key = entry.key
      let color = try Self.color(
        entry.value.text, path, "\(section).\(escaped(key))", palette)
      result.append((try role(key, in: section), color))
    }
    return result
  }

  private func role(_ key: String, in section: String) throws(ThemeError) -> Theme.Role {
    guard let role = Theme.Role(rawValue: key) else {
      let allowed = Theme.Role.allCases.map(\.rawValue).joined(separator: ", ")
      throw ThemeError(
        path, "[\(section)] has an unknown role “\(escaped(key))”; the roles are \(allowed)")
    }
    return role
  }

  private func attributes(_ text: String?, _ key: String) throws(ThemeError) -> Style.Attributes {
    var result: Style.Attributes = []
    for word in (text ?? "?").split(separator: "|") {
      switch word.filter({ $0 != " " }) {
      case "bold": result.insert(.bold)
      case "dim": result.insert(.dim)
      case "underline": result.insert(.underline)
      case "reverse": result.insert(.reverse)
      case "plain": break
      default:
        throw ThemeError(
          path,
          "mono.\(key) is not valid; expected plain, or bold, dim, underline and reverse joined by |"
        )
      }
    }
    return result
  }

  private func colors(_ list: [TOMLValue]?, _ key: String) throws(ThemeError) -> [Color] {
    guard let list, !list.isEmpty else {
      throw ThemeError(path, "\(key) is not valid; expected a list of one or more colours")
    }
    var result: [Color] = []
    for value in list { result.append(try Self.color(value.text, path, key, palette)) }
    return result
  }

  private static func color(
    _ text: String?, _ path: String, _ key: String, _ palette: [String: Color]
  ) throws(ThemeError) -> Color {
    if let text, let color = palette[text] ?? Color(text) { return color }
    throw ThemeError(
      path,
      "\(key) is not a colour; expected #rrggbb, a name from [palette], default, or one of the terminal's 16"
    )
  }
}

/// Foreign text with control characters made visible.
private func escaped(_ text: String) -> String {
  String(
    String.UnicodeScalarView(
      text.unicodeScalars.map { $0.value < 32 || $0.value == 127 ? "�" : $0 }))
}
