import TUI

extension WorkbenchApplication {
  /// A key while a value is being typed.
  mutating func type(_ key: Key, into field: String) -> [Effect] {
    switch key {
    case .enter:
      do {
        let effects = try screens[current].set(field, to: line.text, &session)
        if let value = screen.focusedField(session) {
          session.note("\(value.name) set to \(value.text)")
        }
        overlay = nil
        return effects
      } catch {
        lineProblem = error.description
      }
    case .escape, .control("c"): overlay = nil
    default:
      lineProblem = ""
      edit(key)
    }
    return []
  }

  /// A key while the palette is open.
  mutating func search(_ key: Key) -> [Effect] {
    guard key == .enter else {
      choose(key, among: paletteEntries.count)
      return []
    }
    let found = paletteEntries
    overlay = nil
    guard found.indices.contains(chosen) else { return [] }
    let action = found[chosen].action
    recent = [action] + recent.filter { $0 != action }.prefix(Self.recentLimit - 1)
    return perform(action)
  }

  private static let recentLimit = 12

  /// A key in a list with a line to type in.
  mutating func choose(_ key: Key, among count: Int) {
    let page = 10
    switch key {
    case .escape, .control("c"): overlay = nil
    case .up: chosen = max(0, chosen - 1)
    case .down, .tab: chosen = min(max(0, count - 1), chosen + 1)
    case .pageUp: chosen = max(0, chosen - page)
    case .pageDown: chosen = min(max(0, count - 1), chosen + page)
    default:
      edit(key)
      chosen = 0
    }
  }

  mutating func edit(_ key: Key) {
    switch key {
    case .character(let character): line.insert(String(character))
    case .backspace: line.deleteBackward()
    case .delete: line.deleteForward()
    case .control("w"): line.deleteWord()
    case .control("u"): line.clear()
    case .left: line.move(by: -1)
    case .right: line.move(by: 1)
    case .home, .control("a"): line.moveToStart()
    case .end, .control("e"): line.moveToEnd()
    default: break
    }
  }
}
