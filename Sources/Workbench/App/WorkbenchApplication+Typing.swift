import TUI

extension WorkbenchApplication {
  /// A key while a value is being typed.
  mutating func type(_ key: Key, into field: String) -> [Effect] {
    switch key {
    case .enter:
      do {
        let effects = try screens[current].set(field, to: line.text, &session)
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
    let found = paletteEntries
    switch key {
    case .enter:
      overlay = nil
      guard found.indices.contains(chosen) else { return [] }
      return perform(found[chosen].action)
    case .escape, .control("c"): overlay = nil
    case .up: chosen = max(0, chosen - 1)
    case .down, .tab: chosen = min(max(0, found.count - 1), chosen + 1)
    default:
      edit(key)
      chosen = 0
    }
    return []
  }

  /// The commands whose words contain everything that was typed.
  var paletteEntries: [KeyBinding] {
    let words = line.text.lowercased().split(separator: " ")
    var seen: Set<Action> = []
    let contexts = screen.keyContexts(session)
    return keys.bindings.filter { binding in
      // Shared actions of other panels would mean something else here; what a screen alone can do shows it.
      let isOwn = if case .own = binding.action { true } else { false }
      guard isOwn || binding.contexts.isEmpty || !binding.contexts.isDisjoint(with: contexts) else {
        return false
      }
      let text = "\(binding.title) \(binding.help)".lowercased()
      return binding.group != "Dialogs" && words.allSatisfy { text.contains($0) }
        && seen.insert(binding.action).inserted
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
