import Diffusion
import TUI

/// A setting in a form, as it stands.
struct FieldValue: Sendable, Equatable {
  /// The setting's key, or the section and the key in a recipe.
  var key: String
  var label: String
  var text: String
  /// Whether a change acts at once, rather than when a key says so.
  var isLive: Bool
  /// One sentence for the foot of the panel.
  var explanation: String
  /// Whether a value can be typed.
  var acceptsTyping = true
  /// What it may be, in words.
  var allowed = ""
  /// The words that it may be, where there are such.
  var choices: [String] = []
  /// Whose setting it is, on a screen that has it more than once.
  var owner = ""

  /// What it is called beside those of other panels and screens.
  var name: String { owner.isEmpty ? label : "\(owner) \(label)" }
}

extension FieldValue {
  init(
    _ key: String, _ info: SettingInfo, _ value: SettingValue?, label: String? = nil,
    explanation: String? = nil, live: Bool = true
  ) {
    self.init(
      key: key, label: label ?? info.label, text: info.text(of: value),
      isLive: live, explanation: explanation ?? info.sentence,
      acceptsTyping: info.allowed.acceptsTyping, allowed: info.allowed.description,
      choices: info.allowed.words)
  }
}

extension SettingInfo {
  /// A value as forms show it.
  func text(of value: SettingValue?) -> String {
    switch value {
    case .integer(let number): key == "seed" ? String(number) : Numbers.grouped(number)
    case .real(let number): Numbers.short(number)
    case .flag(let flag): flag ? "on" : "off"
    case .text(let text): text
    case .list, .other: value?.description ?? ""
    case nil: absent ?? ""
    }
  }

  /// What it means, as a sentence.
  var sentence: String {
    meaning.prefix(1).uppercased() + meaning.dropFirst() + (meaning.hasSuffix(".") ? "" : ".")
  }

  /// The same with another range or other words.
  func allowing(_ allowed: AllowedValues) -> SettingInfo {
    var info = self
    info.allowed = allowed
    return info
  }

  /// Hands the value that `text` stands for to `body`.
  ///
  /// - Throws: the sentence to show where it cannot be the value.
  func type(
    _ text: String, _ body: (SettingValue) throws(SettingError) -> Void
  ) throws(FieldInputError) {
    let value = allowed.value(typed: text)
    do throws(SettingError) {
      guard allowed.allows(value) else { throw .notAllowed }
      try body(value)
    } catch {
      switch error {
      case .notAllowed: throw FieldInputError("\(Wording.quoted(text)) is not \(allowed)")
      case .because(let sentence): throw FieldInputError(sentence)
      }
    }
  }
}

extension AllowedValues {
  /// The words that can be chosen; none where values are typed.
  fileprivate var words: [String] {
    switch self {
    case .word(let choices): choices.map(\.name)
    case .flag: ["on", "off"]
    default: []
    }
  }
}

/// Why a typed value cannot be, as the sentence the user reads.
struct FieldInputError: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) { self.description = description }
}
