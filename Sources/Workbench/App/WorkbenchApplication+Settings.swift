import Diffusion
import TUI

/// Where in the form of the settings the user is.
struct SettingsForm: Sendable, Equatable {
  var field = 0
  var isTyping = false
}

/// The user's settings as a form over the screen.
extension WorkbenchApplication {
  /// What is used from now on; answers what has to be done for that.
  mutating func use(_ changed: UserSettings) -> [Effect] {
    let before = settings
    settings = changed
    var effects: [Effect] = []
    if settings.takesMouse != before.takesMouse, takesMouse != settings.takesMouse {
      takesMouse = settings.takesMouse
      effects.append(.mouse(takesMouse))
    }
    if settings.slowsShortRuns != before.slowsShortRuns,
      session.limitsSpeed != settings.slowsShortRuns
    {
      session.limitsSpeed = settings.slowsShortRuns
      effects.append(.training(.limitSpeed(session.limitsSpeed)))
    }
    if settings.threadCount != before.threadCount {
      effects.append(.threads(settings.threadCount))
    }
    if settings.keys != before.keys { useKeys() }
    return effects
  }

  /// Takes in what has changed in the settings file; what it did not say before stays as it was chosen.
  mutating func receive(from earlier: UserSettings, to now: UserSettings) -> [Effect] {
    var changed = settings
    let keys = now.changes(since: earlier)
    for key in keys {
      // A value that one of them has is allowed.
      if let value = now.value(of: key) { try? changed.set(key, to: value) }
    }
    if keys.contains(UserSettings.keySection) { changed.keys = now.keys }
    session.note("settings read again: \(keys.joined(separator: ", "))")
    return use(changed)
  }

  /// Chooses the value of a setting for good.
  mutating func choose(_ key: String, _ value: SettingValue) throws(FieldInputError) -> [Effect] {
    var changed = settings
    do {
      try changed.set(key, to: value)
    } catch {
      throw FieldInputError(
        "\(value.mention) is not \(settings.setting(key)?.allowed.description ?? "allowed")")
    }
    guard changed != settings else { return [] }
    return use(changed) + [.saveSetting([key], value)]
  }

  /// Chooses a word for good; one that cannot be changes nothing.
  mutating func chooseWord(_ key: String, _ word: String) -> [Effect] {
    let effects = try? choose(key, .text(word))
    refreshLook()
    return effects ?? []
  }

  /// Takes the keys as the settings have them; what cannot be was refused when they were read.
  mutating func useKeys() {
    keys = (try? KeyMap.workbench.choosing(settings.keys)) ?? keys
    session.labels = [:]
    for binding in keys.bindings where binding.isCommand {
      session.labels[binding.action] = binding.keys.first?.label(in: world.symbols) ?? "no key"
    }
  }

  // MARK: Fields

  private static var keyPrefix: String { UserSettings.keySection + "." }

  /// All settings, and the keys of all commands.
  var settingFields: [FieldValue] {
    settings.settings.map { info in
      let info = offered(info)
      return FieldValue(info.key, info, settings.value(of: info.key))
    }
      + KeyMap.commands.map { command in
        let keys = keys(of: command).map { $0.label(in: world.symbols) }.joined(separator: " ")
        return FieldValue(
          key: Self.keyPrefix + command.name, label: "key: \(command.name)", text: keys,
          isLive: true, explanation: command.help + ".",
          allowed: "one key or several with spaces between, such as p, space, f5 or ctrl-x")
      }
  }

  /// A setting with the themes that there are.
  private func offered(_ info: SettingInfo) -> SettingInfo {
    switch info.key {
    case "theme": info.allowing(.word(themeNames.map { .init($0) }))
    case "dark_theme", "light_theme": info.allowing(.word(world.themes.map { .init($0) }))
    default: info
    }
  }

  /// The keys that a command has now.
  private func keys(of command: KeyMap<Action, KeyContext>.Command) -> [Key] {
    guard let action = command.action else {
      return command.keys + (settings.keys[command.name] ?? [])
    }
    return keys.bindings.first { $0.isCommand && $0.action == action }?.keys ?? command.keys
  }

  private func field(_ form: SettingsForm) -> FieldValue? {
    settingFields.dropFirst(form.field).first
  }

  // MARK: Keys

  /// A key while a setting is typed.
  mutating func type(_ key: Key, in form: SettingsForm) -> [Effect] {
    var form = form
    form.isTyping = false
    switch key {
    case .enter:
      guard let field = field(form) else { return [] }
      do {
        let effects = try set(field.key, typed: line.text)
        overlay = .settings(form)
        return effects
      } catch {
        lineProblem = error.description
      }
    case .escape, .control("c"): overlay = .settings(form)
    default:
      lineProblem = ""
      edit(key)
    }
    return []
  }

  /// Gives a setting, or the keys of a command, what was typed.
  mutating func set(_ key: String, typed text: String) throws(FieldInputError) -> [Effect] {
    guard key.hasPrefix(Self.keyPrefix) else {
      guard let info = settings.setting(key).map(offered) else { return [] }
      let value = info.allowed.value(typed: text)
      if case .word(let choices) = info.allowed,
        !choices.contains(where: { value == .text($0.name) })
      {
        throw FieldInputError("\(Wording.quoted(text)) is not \(info.allowed)")
      }
      let effects = try choose(key, value)
      session.note("\(info.label) set to \(text)")
      return effects
    }
    let name = String(key.dropFirst(Self.keyPrefix.count))
    let words = text.split(separator: " ").map { SettingValue.text(String($0)) }
    var changed = settings
    do {
      changed.keys[name] = try KeyChoice.keys(words, of: name)
      _ = try KeyMap.workbench.choosing(changed.keys)
    } catch {
      throw FieldInputError(error.description)
    }
    session.note("\(name): \(words.isEmpty ? "no key" : text)")
    return use(changed)
      + [.saveSetting([UserSettings.keySection, name], words.count == 1 ? words[0] : .list(words))]
  }

  /// What a key does in the form.
  mutating func perform(_ action: Action, in form: SettingsForm) -> [Effect] {
    let fields = settingFields
    var form = form
    func moved(_ steps: Int) -> Int { min(max(0, form.field + steps), max(0, fields.count - 1)) }
    switch action {
    case .previousField: form.field = moved(-1)
    case .nextField: form.field = moved(1)
    case .page(let steps): form.field = moved(steps)
    case .home: form.field = 0
    case .end: form.field = max(0, fields.count - 1)
    case .change(let steps): return change(fields[form.field], by: steps)
    case .enter:
      let field = fields[form.field]
      if field.key == "theme" { return [.choose(themeChoices)] }
      guard field.acceptsTyping else { return change(field, by: 1) }
      form.isTyping = true
      prepareLine(field.key.hasPrefix(Self.keyPrefix) ? typed(keysOf: field.key) : field.text)
    case .back, .quit, .settings:
      overlay = nil
      return []
    default: return []
    }
    overlay = .settings(form)
    return []
  }

  /// The keys of a command by the names that can be typed.
  private func typed(keysOf key: String) -> String {
    let name = String(key.dropFirst(Self.keyPrefix.count))
    guard let command = KeyMap<Action, KeyContext>.commands.first(where: { $0.name == name }) else {
      return ""
    }
    let chosen = command.action == nil ? settings.keys[name] ?? [] : keys(of: command)
    return chosen.filter { $0 != .control("c") }.map(\.name).joined(separator: " ")
  }

  private mutating func change(_ field: FieldValue, by steps: Int) -> [Effect] {
    guard let info = settings.setting(field.key).map(offered),
      let value = settings.value(of: field.key),
      let next = info.allowed.stepped(value, by: steps, default: info.defaultValue)
    else { return [] }
    let effects = (try? choose(field.key, next)) ?? []
    session.note("\(info.label) set to \(info.text(of: next))")
    return effects
  }

  // MARK: Drawing

  private func settingsPopup(in area: Rect) -> Popup {
    let room = Size(min(72, area.width - 6), min(26, area.height - 2))
    return Popup(
      "settings", content: room, info: world.settingsPath.map { StyledText($0, .dim) } ?? "",
      foot: "arrows change · enter type · esc close")
  }

  private func settingsRows(in area: Rect) -> [Rect] {
    let rows = settingsPopup(in: area).inner(in: area).rows(
      .fraction(1), .fixed(area.height < 16 ? 2 : 4))
    return [rows[0], area.height < 16 ? rows[1] : rows[1].inset(top: 1)]
  }

  private func settingsList(_ form: SettingsForm) -> Form {
    let width = min(16, max(11, size.width / 5))
    return Form(
      settingFields.map { Field($0.label, value: $0.text, valueWidth: width) }, focus: form.field)
  }

  func drawSettings(_ form: SettingsForm, _ area: Rect, _ surface: inout Surface) {
    settingsPopup(in: area).draw(in: area, on: &surface, theme: theme)
    let rows = settingsRows(in: area)
    settingsList(form).draw(in: rows[0], on: &surface, theme: theme)
    guard let field = field(form) else { return }
    Text(
      Text([StyledText(field.explanation)]).wrapped(to: rows[1].width)
        + Text([StyledText("allowed: \(field.allowed)", .dim)]).wrapped(to: rows[1].width)
    ).draw(in: rows[1], on: &surface, theme: theme)
    if form.isTyping { drawTyping(field, area, &surface) }
  }

  // MARK: The mouse

  /// A click in the form, or beside it.
  mutating func point(_ event: MouseEvent, in form: SettingsForm) -> [Effect] {
    let area = layout.body
    switch event.action {
    case .wheelUp: return perform(.previousField, in: form)
    case .wheelDown: return perform(.nextField, in: form)
    case .press: break
    case .drag, .release: return []
    }
    guard settingsPopup(in: area).frame(in: area).contains(x: event.x, y: event.y) else {
      return perform(.back, in: form)
    }
    let arrow = arrow(atX: event.x, y: event.y)
    guard let index = settingsList(form).field(atRow: event.y, in: settingsRows(in: area)[0]) else {
      return []
    }
    let clicked = SettingsForm(field: index)
    overlay = .settings(clicked)
    return arrow.map { perform(.change($0), in: clicked) } ?? []
  }
}
