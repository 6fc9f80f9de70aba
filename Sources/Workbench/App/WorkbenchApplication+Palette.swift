import Diffusion
import TUI

/// Something the palette offers, and the words by which it is found.
struct PaletteEntry {
  var name: String
  /// The keys that do the same, or the value that a setting has.
  var keys = ""
  var synonyms = ""
  var action: Action
  /// Whether it has the value that was typed.
  var isTyped = false
}

/// Commands, settings with their values, samplers, recipes, runs and themes by name.
extension WorkbenchApplication {
  /// What matches all words that were typed, what was used last first.
  var paletteEntries: [PaletteEntry] {
    let words = line.text.lowercased().split(separator: " ")
    var seen: Set<Action> = []
    let found = (typedEntries + commandEntries + settingEntries + openingEntries + lookEntries)
      .filter { entry in
        let text = "\(entry.name) \(entry.synonyms)".lowercased()
        return (entry.isTyped || words.allSatisfy { text.contains($0) })
          && seen.insert(entry.action).inserted
      }
    // What is written just so comes first.
    let text = words.joined(separator: " ")
    let exact = found.filter { words.count > 1 && $0.name.lowercased().contains(text) }
    if !exact.isEmpty {
      return exact + found.filter { entry in !exact.contains { $0.action == entry.action } }
    }
    let used = recent.compactMap { action in found.first { $0.action == action } }
    return used + found.filter { !recent.contains($0.action) }
  }

  var paletteOverlay: CommandPalette {
    var list = CommandPalette(
      paletteEntries.map { .init($0.name, keys: $0.keys) }, field: line, selected: chosen)
    list.title = "commands and settings"
    return list
  }

  private var commandEntries: [PaletteEntry] {
    let contexts = screen.keyContexts(session)
    return keys.bindings.compactMap { binding in
      // Shared actions of other panels would mean something else here; what a screen alone can do shows it.
      let isOwn = if case .own = binding.action { true } else { false }
      guard isOwn || binding.contexts.isEmpty || !binding.contexts.isDisjoint(with: contexts),
        binding.group != "Dialogs"
      else { return nil }
      return PaletteEntry(
        name: binding.help, keys: binding.label(in: world.symbols),
        synonyms: "\(binding.title) \(binding.synonyms)", action: binding.action)
    }
  }

  private var settingEntries: [PaletteEntry] {
    screens.flatMap { screen in
      screen.settings(session).flatMap { field in
        let name = "\(screen.title): \(field.name)"
        let own = PaletteEntry(
          name: name, keys: field.text, synonyms: "\(field.key) set \(field.explanation)",
          action: .edit(screen: screen.title, key: field.key))
        return [own]
          + field.choices.map { word in
            PaletteEntry(
              name: "\(name) = \(word)", keys: word == field.text ? "now" : "",
              synonyms: field.key,
              action: .set(screen: screen.title, key: field.key, to: word))
          }
      }
    }
  }

  /// Settings whose names were typed with a number behind, such as "learning rate 1e-3".
  private var typedEntries: [PaletteEntry] {
    let words = line.text.lowercased().split(separator: " ").filter { $0 != "=" }.map(String.init)
    guard words.count > 1, let value = words.last, Double(value) != nil else { return [] }
    return screens.flatMap { screen in
      screen.settings(session).compactMap { field -> PaletteEntry? in
        let name = "\(screen.title): \(field.label)"
        let text = "\(name) \(field.key)".lowercased()
        guard field.acceptsTyping, words.dropLast().allSatisfy({ text.contains($0) }) else {
          return nil
        }
        return PaletteEntry(
          name: "\(name) = \(value)", keys: "now \(field.text)",
          action: .set(screen: screen.title, key: field.key, to: value), isTyped: true)
      }
    }
  }

  private var openingEntries: [PaletteEntry] {
    guard let runs = screens.lazy.compactMap({ $0 as? RunsScreen }).first else { return [] }
    let recipes = runs.recipes.map {
      PaletteEntry(
        name: "Start a new run of \(Wording.escaped($0.name))",
        synonyms: "recipe start \($0.summary)",
        action: .open(.recipe($0.name)))
    }
    let opened = (runs.runs ?? []).filter { $0.problem == nil && $0.hasCheckpoint }.map {
      PaletteEntry(
        name: "Open the run \(Wording.escaped($0.name))",
        keys: $0.step.map { "step \(Numbers.grouped($0))" } ?? "",
        synonyms: "resume load \($0.recipe)", action: .open(.run($0.folder)))
    }
    return recipes + opened
  }

  /// Whether what is asked for is the run on the screens, which goes on as it is.
  func isOpen(_ request: OpenRequest) -> Bool {
    guard case .run(let folder) = request,
      let runs = screens.lazy.compactMap({ $0 as? RunsScreen }).first,
      let run = runs.runs?.first(where: { $0.folder == folder })
    else { return false }
    return runs.isOpen(run, session)
  }

  private var lookEntries: [PaletteEntry] {
    themeNames.map {
      PaletteEntry(
        name: "Switch to the theme \($0)", keys: $0 == settings.theme ? "now" : "",
        synonyms: "colour look",
        action: .chooseTheme($0))
    }
      + ImageStyle.allCases.map {
        PaletteEntry(
          name: "Draw images with \($0.rawValue)", keys: $0 == settings.imageStyle ? "now" : "",
          synonyms: "picture style", action: .chooseImageStyle($0))
      }
  }

  /// Gives a setting a value that was chosen by name.
  mutating func set(_ key: String, ofScreen title: String, to text: String) -> [Effect] {
    guard let index = screens.firstIndex(where: { $0.title == title }) else { return [] }
    do {
      let effects = try screens[index].set(key, to: text, &session)
      session.note("\(key) set to \(text)")
      return show(title) + effects
    } catch {
      return [.message(error.description)]
    }
  }

  /// Lets the user type a setting that was chosen by name, or change it where it cannot be typed.
  mutating func edit(_ key: String, ofScreen title: String) -> [Effect] {
    let effects = show(title)
    guard screens[current].focusField(key, session) else { return effects }
    let isTyped = screen.focusedField(session)?.acceptsTyping ?? false
    return effects + (isTyped ? [.type(key)] : [])
  }
}

extension Screen {
  /// The settings of all forms of the screen.
  func settings(_ session: Session) -> [FieldValue] {
    panels.flatMap { fields(of: $0, session) }
  }

  /// Gives the keys to the field with this key; returns whether there is one.
  mutating func focusField(_ key: String, _ session: Session) -> Bool {
    for panel in panels {
      if let index = fields(of: panel, session).firstIndex(where: { $0.key == key }) {
        focus.panel = panel
        focus.field[panel] = index
        return true
      }
    }
    return false
  }
}
