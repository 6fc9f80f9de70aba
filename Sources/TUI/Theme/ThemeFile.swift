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
      let files = Folder.names(in: folder).filter { $0.hasSuffix(".toml") }
      names.formUnion(files.map { String($0.dropLast(5)) })
    }
    return names.sorted()
  }

  /// A theme among others.
  package struct Entry: Sendable, Hashable {
    /// The name by which it is chosen.
    package let name: String
    /// Its file; nil for the built-in one.
    package let path: String?
    /// The comment that its file begins with.
    package let summary: String
  }

  /// All themes in the folders, and `dark`, in alphabetical order; of a name the one in the first folder.
  package static func entries(in folders: [String]) -> [Entry] {
    names(in: folders).map { name in
      let path = folders.map { "\($0)/\(name).toml" }.first(where: isFile)
      let text = path.flatMap { FileManager.default.contents(atPath: $0) } ?? Data()
      let start = String(decoding: text, as: UTF8.self).split(separator: "\n").first
      let comment = start.flatMap { $0.hasPrefix("#") ? $0.drop { $0 == "#" || $0 == " " } : nil }
      return Entry(
        name: name, path: path,
        summary: comment.map { escaped(String($0)) } ?? (path == nil ? builtInSummary : ""))
    }
  }

  private static let builtInSummary =
    "Quiet blue-grey frames on near black, data from violet to gold."

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
  /// The file it is about, with the line where there is one.
  package let place: String
  /// What is wrong, as a sentence.
  package let problem: String

  init(_ file: String, line: Int? = nil, _ problem: String) {
    place = escaped(file) + (line.map { ":\($0)" } ?? "")
    self.problem = problem
  }

  public var description: String { "\(place): \(problem)" }
}

/// One file's tables, looked up with errors that say where, what, and what was expected.
private struct Reader {
  let path: String
  private let table: TOMLTable
  private let palette: [String: Color]

  private static let keys: Set<String> = [
    "name", "dark", "inherits", "depth", "palette", "colors", "ansi16", "mono", "ramps", "series",
  ]

  init(path: String, text: String) throws(ThemeError) {
    self.path = path
    do {
      table = try TOMLTable(parsing: text)
    } catch {
      throw ThemeError(path, line: error.line, escaped(error.description))
    }
    if let unknown = table.entries.first(where: { !Self.keys.contains($0.key) }) {
      let allowed = Self.keys.sorted().joined(separator: ", ")
      throw ThemeError(
        path, line: unknown.line,
        "a theme has no key “\(escaped(unknown.key))”; expected one of \(allowed)")
    }
    var palette: [String: Color] = [:]
    for entry in table["palette"]?.table?.entries ?? [] {
      palette[entry.key] = try Self.color(
        entry.value, path, entry.line, "palette.\(escaped(entry.key))", [:])
    }
    self.palette = palette
  }

  func string(_ key: String) throws(ThemeError) -> String? {
    guard let entry = table.entry(key) else { return nil }
    guard let text = entry.value.text else { throw mistake(entry, key, "text") }
    return text
  }

  func theme(named name: String, over base: Theme) throws(ThemeError) -> Theme {
    var theme = base
    theme.name = name
    if let entry = table.entry("dark") {
      guard let flag = entry.value.flag else { throw mistake(entry, "dark", "true or false") }
      theme.isDark = flag
    }
    if let entry = table.entry("depth") {
      guard let depth = Self.depths[entry.value] else { throw mistake(entry, "depth", "16 or 256") }
      theme.mostColors = depth
    }
    for (role, color) in try roles("colors") { theme.looks[role]?.color = color }
    for (role, color) in try roles("ansi16") { theme.looks[role]?.ansi16 = color }
    for entry in try entries("mono") {
      let role = try role(entry, in: "mono")
      theme.looks[role]?.attributes = try attributes(entry)
    }
    for entry in try entries("ramps") {
      let colors = try colors(entry, "ramps.\(escaped(entry.key))")
      switch entry.key {
      case "noise": theme.noiseRamp = ColorRamp(colors)
      case "grey": theme.greyRamp = ColorRamp(colors)
      default:
        throw ThemeError(
          path, line: entry.line,
          "there is no ramp “\(escaped(entry.key))”; expected noise or grey")
      }
    }
    if let series = table.entry("series") { theme.seriesColors = try colors(series, "series") }
    return theme
  }

  private static let depths: [TOMLValue: ColorDepth] = [
    .integer(16): .ansi16, .integer(256): .palette256,
  ]

  private func mistake(
    _ entry: TOMLTable.Entry, _ key: String, _ expected: String
  ) -> ThemeError {
    ThemeError(path, line: entry.line, "\(key) is not valid; expected \(expected)")
  }

  /// What a section has; nothing where there is none.
  private func entries(_ section: String) throws(ThemeError) -> [TOMLTable.Entry] {
    guard let entry = table.entry(section) else { return [] }
    guard let table = entry.value.table else { throw mistake(entry, section, "a table") }
    return table.entries
  }

  private func roles(_ section: String) throws(ThemeError) -> [(Theme.Role, Color)] {
    var result: [(Theme.Role, Color)] = []
    for entry in try entries(section) {
      let color = try Self.color(
        entry.value, path, entry.line, "\(section).\(escaped(entry.key))", palette)
      result.append((try role(entry, in: section), color))
    }
    return result
  }

  private func role(_ entry: TOMLTable.Entry, in section: String) throws(ThemeError) -> Theme.Role {
    guard let role = Theme.Role(rawValue: entry.key) else {
      let allowed = Theme.Role.allCases.map(\.rawValue).joined(separator: ", ")
      throw ThemeError(
        path, line: entry.line,
        "[\(section)] has no role “\(escaped(entry.key))”; expected one of \(allowed)")
    }
    return role
  }

  private func attributes(_ entry: TOMLTable.Entry) throws(ThemeError) -> Style.Attributes {
    var result: Style.Attributes = []
    for word in (entry.value.text ?? "?").split(separator: "|") {
      switch word.filter({ $0 != " " }) {
      case "bold": result.insert(.bold)
      case "dim": result.insert(.dim)
      case "underline": result.insert(.underline)
      case "reverse": result.insert(.reverse)
      case "plain": break
      default:
        throw mistake(
          entry, "mono.\(entry.key)", "plain, or bold, dim, underline and reverse joined by |")
      }
    }
    return result
  }

  private func colors(_ entry: TOMLTable.Entry, _ key: String) throws(ThemeError) -> [Color] {
    guard let list = entry.value.list, !list.isEmpty else {
      throw mistake(entry, key, "a list of one or more colours")
    }
    var result: [Color] = []
    for value in list { result.append(try Self.color(value, path, entry.line, key, palette)) }
    return result
  }

  private static func color(
    _ value: TOMLValue, _ path: String, _ line: Int, _ key: String, _ palette: [String: Color]
  ) throws(ThemeError) -> Color {
    if let text = value.text, let color = palette[text] ?? Color(text) { return color }
    throw ThemeError(
      path, line: line,
      "\(key) is not a colour; expected #rrggbb, a name from [palette], default, or one of the "
        + "terminal's 16, such as bright-cyan")
  }
}

/// Foreign text with control characters made visible.
private func escaped(_ text: String) -> String {
  String(
    String.UnicodeScalarView(
      text.unicodeScalars.map { $0.value < 32 || $0.value == 127 ? "�" : $0 }))
}
