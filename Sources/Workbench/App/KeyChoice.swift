import Diffusion
import TUI

/// Why keys cannot be chosen so: whose keys, and the sentence.
struct KeyMistake: Error, CustomStringConvertible {
  let name: String
  let description: String
}

/// Keys as the settings file writes them.
enum KeyChoice {
  /// What keys may be called, in words.
  static let expected =
    "keys such as \"p\", \"space\", \"tab\", \"f5\" or \"ctrl-x\", one or a list of them"

  /// The keys of these names, for the command or movement called `name`.
  static func keys(_ values: [SettingValue], of name: String) throws(KeyMistake) -> [Key] {
    var keys: [Key] = []
    for value in values {
      guard case .text(let text) = value, let key = Key(name: text) else {
        throw KeyMistake(
          name: name,
          description:
            "\(Wording.escaped(name)): \(value.mention) is not a key; expected \(expected)")
      }
      keys.append(key)
    }
    return keys
  }
}

extension KeyMap where Action == Workbench.Action, Context == KeyContext {
  /// Something that keys can be chosen for.
  struct Command: Sendable {
    /// The name in the settings file.
    let name: String
    let help: String
    /// The usual keys.
    let keys: [Key]
    let action: Action?
  }

  /// The commands, and the movements, which other keys can stand for.
  static let commands: [Command] = {
    var seen: Set<Action> = []
    let commands = workbench.bindings.filter {
      $0.isCommand && seen.insert($0.action).inserted
    }.map { Command(name: $0.name, help: $0.help, keys: $0.keys, action: $0.action) }
    return commands
      + movements.map {
        Command(name: $0.name, help: "Act as the key \($0.label)", keys: [$0], action: nil)
      }
  }()

  private static let movements: [Key] = [
    .up, .down, .left, .right, .shiftUp, .shiftDown, .shiftLeft, .shiftRight, .home, .end, .pageUp,
    .pageDown, .enter, .escape,
  ]

  /// Always quits, whatever else is chosen.
  private static let lastResort = Key.control("c")

  /// The same commands with the keys that the user chose, by the commands' names.
  ///
  /// Keys for a movement are added to its own; those for a command take the place of the usual ones.
  func choosing(_ choices: [String: [Key]]) throws(KeyMistake) -> Self {
    guard !choices.isEmpty else { return self }
    var replaced: [Action: [Key]] = [:]
    var added: [Key: [Key]] = [:]
    for (name, keys) in choices.sorted(by: { $0.key < $1.key }) {
      guard let command = Self.commands.first(where: { $0.name == name }) else {
        let names = Self.commands.map(\.name)
        let near = Wording.nearest(to: name, in: names).map { "; did you mean \($0)?" }
        throw KeyMistake(
          name: name,
          description: "there is no command \(Wording.quoted(name))"
            + (near ?? "; expected one of those in the settings, such as pause"))
      }
      if let key = keys.first(where: { $0.isMovement || $0 == Self.lastResort }) {
        throw KeyMistake(
          name: name,
          description:
            "\(name): \(key.name) keeps its meaning; expected a letter, a symbol, a digit, "
            + "f1 to f12, or ctrl- with a letter")
      }
      if let action = command.action {
        replaced[action] = action == .quit ? keys + [Self.lastResort] : keys
      } else if let key = command.keys.first {
        added[key] = keys
      }
    }
    try Self.refuseCollisions(replaced, added, choices)
    let changed = bindingsWithKeys { binding in
      // A dialog's own keys are its answers.
      if let keys = replaced[binding.action], binding.isCommand || binding.repeatsCommand {
        return keys
      }
      return binding.keys + binding.keys.flatMap { added[$0] ?? [] }
    }
    if let (key, first, second) = Self.collision(among: changed) {
      throw KeyMistake(
        name: choices.first { $0.value.contains(key) }?.key ?? "",
        description: "\(key.name) would mean both \(first.help.asWords) and "
          + "\(second.help.asWords) in one dialog; expected a key that means nothing else")
    }
    return Self(changed)
  }

  /// Refuses a key with two meanings, wherever these are: a letter means the same on all screens.
  private static func refuseCollisions(
    _ replaced: [Action: [Key]], _ added: [Key: [Key]], _ choices: [String: [Key]]
  ) throws(KeyMistake) {
    var owners: [Key: [Command]] = [:]
    // What was not chosen is met first, so that errors are about what was.
    for command in commands.sorted(by: { choices[$0.name] == nil && choices[$1.name] != nil }) {
      let keys =
        command.action.map { replaced[$0] ?? command.keys }
        ?? command.keys.flatMap { added[$0] ?? [] }
      for key in keys {
        // Some keys mean two things from the start, in panels that are never one.
        let others = owners[key, default: []].filter {
          !($0.keys.contains(key) && command.keys.contains(key))
        }
        if let other = others.first(where: { $0.name != command.name }) {
          throw KeyMistake(
            name: choices[command.name] == nil ? other.name : command.name,
            description: "\(key.name) would mean both \(other.name) (\(other.help.asWords)) and "
              + "\(command.name) (\(command.help.asWords)); expected a key that means nothing else, or "
              + "another key for \(other.name), too")
        }
        owners[key, default: []].append(command)
      }
    }
  }
}

extension KeyBinding {
  /// Whether keys can be chosen for it: it gives a command rather than moving through something.
  var isCommand: Bool { group != "Dialogs" && !keys.allSatisfy(\.isMovement) }

  /// Whether it gives a command of the screens within a dialog, by the same key.
  var repeatsCommand: Bool {
    group == "Dialogs"
      && KeyMap<Action, KeyContext>.workbench.bindings.contains {
        $0.isCommand && $0.action == action && !Set($0.keys).isDisjoint(with: keys)
      }
  }

  /// Its name in the settings file: the words of the bottom line, of two the first; of a screen its title.
  var name: String {
    if case .show(let title) = action { return title.lowercased().filter(\.isLetter) }
    let first = title.prefix { $0 != "/" }.lowercased()
    return String(first.map { $0 == " " ? "-" : $0 })
  }
}

extension String {
  /// A sentence within another one.
  fileprivate var asWords: String { prefix(1).lowercased() + dropFirst() }
}
