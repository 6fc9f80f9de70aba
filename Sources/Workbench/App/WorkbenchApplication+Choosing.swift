import TUI

extension WorkbenchApplication {
  /// The items whose words contain everything that was typed.
  func found(in choices: Choices) -> [Choices.Item] {
    let words = line.text.lowercased().split(separator: " ")
    return choices.items.filter { item in words.allSatisfy { item.name.lowercased().contains($0) } }
  }

  func choosingOverlay(_ choices: Choices) -> CommandPalette {
    var list = CommandPalette(
      found(in: choices).map { .init($0.name, keys: $0.detail) }, field: line, selected: chosen)
    list.title = .init(choices.title)
    list.foot = .init(choices.foot)
    list.placeholder = "no matching entries"
    list.largest = Size(choices.width, min(list.largest.height, choices.items.count + 1))
    return list
  }

  /// A key while something is to be chosen.
  mutating func pick(_ key: Key, among choices: Choices) -> [Effect] {
    let found = found(in: choices)
    guard key == .enter else {
      choose(key, among: found.count)
      return []
    }
    guard found.indices.contains(chosen) else { return [] }
    overlay = nil
    return perform(found[chosen].action)
  }

  /// The list on top of the screen that has a line under the mouse, drawn as it is now.
  var listOverlay: CommandPalette? {
    switch overlay {
    case .palette: paletteOverlay
    case .log: logOverlay
    case .choosing(let choices): choosingOverlay(choices)
    default: nil
    }
  }
}
