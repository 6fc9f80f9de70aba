import Diffusion
import TOMLText

extension SettingsFile {
  /// The text with another value for a key, or for a key of a section; all else stays as it is written.
  ///
  /// - Throws: a sentence, where the text is no TOML or is written in a way that cannot be changed here.
  static func changing(
    _ path: [String], to value: SettingValue, in text: String, file: String
  ) throws(RecipeError) -> String {
    let table: TOMLTable
    do {
      table = try TOMLTable(parsing: text)
    } catch {
      throw mistake(
        file, error.line, "\(error.description); the choice is not saved until that is fixed")
    }
    let editor = TextEditor(bytes: Array(text.utf8), table: table)
    let wanted = (try? TOMLTable(parsing: "value = \(value)"))?["value"]
    // However the text is written, what comes out has to say what was meant and all that it said before.
    for candidate in editor.candidates(path, "\(value)") {
      guard let after = try? TOMLTable(parsing: candidate), after.value(at: path) == wanted,
        after.leaves(without: path) == table.leaves(without: path)
      else { continue }
      return candidate
    }
    throw RecipeError(
      file,
      "\(path.joined(separator: ".")) cannot be changed here; expected a file with a line "
        + "“\(path.last ?? "") = \(value)” for it")
  }
}

/// Finds where in a text a value is, or could be put.
private struct TextEditor {
  let bytes: [UInt8]
  let table: TOMLTable

  /// The text with the value in the places where it may belong, the likeliest first.
  func candidates(_ path: [String], _ value: String) -> [String] {
    let key = path[path.count - 1]
    if let place = table.entry(at: path)?.place { return [replacing(place, with: value)] }
    guard path.count > 1 else { return [inserting("\(key) = \(value)", in: table)] }
    guard let section = table.entry(path[0]) else {
      let gap = bytes.isEmpty ? "" : bytes.last == UInt8(ascii: "\n") ? "\n" : "\n\n"
      return [String(decoding: bytes, as: UTF8.self) + "\(gap)[\(path[0])]\n\(key) = \(value)\n"]
    }
    if let place = section.place {
      let isEmpty = section.value.table?.entries.isEmpty ?? true
      return [inserting("\(isEmpty ? "" : ", ")\(key) = \(value)", at: place.upperBound - 1)]
    }
    guard let inner = section.value.table else { return [] }
    if inner.entries.isEmpty {
      return [inserting("\n\(key) = \(value)", at: endOfLine(section.line))]
    }
    return ["", "\(path[0])."].map { inserting("\($0)\(key) = \(value)", in: inner) }
  }

  /// After the last value of a table, else before the first section, else at the end.
  private func inserting(_ line: String, in table: TOMLTable) -> String {
    if let last = table.entries.compactMap(\.place?.upperBound).max() {
      return inserting("\n\(line)", at: endOfLine(from: last))
    }
    if let first = table.entries.map(\.line).min() {
      return inserting("\(line)\n\n", at: startOfLine(first))
    }
    let gap = bytes.isEmpty || bytes.last == UInt8(ascii: "\n") ? "" : "\n"
    return String(decoding: bytes, as: UTF8.self) + "\(gap)\(line)\n"
  }

  private func inserting(_ text: String, at index: Int) -> String {
    replacing(index..<index, with: text)
  }

  private func replacing(_ place: Range<Int>, with text: String) -> String {
    var bytes = bytes
    bytes.replaceSubrange(place, with: Array(text.utf8))
    return String(decoding: bytes, as: UTF8.self)
  }

  private func endOfLine(from index: Int) -> Int {
    let end = bytes[index...].firstIndex(of: UInt8(ascii: "\n")) ?? bytes.endIndex
    return end > index && bytes[end - 1] == UInt8(ascii: "\r") ? end - 1 : end
  }

  private func endOfLine(_ number: Int) -> Int { endOfLine(from: startOfLine(number)) }

  private func startOfLine(_ number: Int) -> Int {
    var index = 0
    for _ in 1..<max(number, 1) {
      guard let end = bytes[index...].firstIndex(of: UInt8(ascii: "\n")) else { break }
      index = end + 1
    }
    return index
  }
}

extension TOMLTable {
  fileprivate func entry(at path: [String]) -> Entry? {
    guard let first = path.first, let entry = entry(first) else { return nil }
    return path.count == 1 ? entry : entry.value.table?.entry(at: Array(path.dropFirst()))
  }

  fileprivate func value(at path: [String]) -> TOMLValue? { entry(at: path)?.value }

  /// All values but one, each with its path.
  fileprivate func leaves(without path: [String], below parents: [String] = []) -> [[String]:
    TOMLValue]
  {
    var leaves: [[String]: TOMLValue] = [:]
    for entry in entries {
      let place = parents + [entry.key]
      if let table = entry.value.table {
        leaves.merge(table.leaves(without: path, below: place)) { first, _ in first }
      } else if place != path {
        leaves[place] = entry.value
      }
    }
    return leaves
  }
}
