/// What is wrong with a recipe, where, and what is allowed there.
package struct RecipeError: Error, Hashable, CustomStringConvertible {
  /// Such as `recipes/digits.toml:12` or `--set training.batch=0`.
  package let place: String
  /// What is wrong and what is expected, as a sentence.
  package let problem: String

  package init(_ place: String, _ problem: String) {
    self.place = Wording.escaped(place)
    self.problem = Wording.escaped(problem)
  }

  package var description: String { "\(place): \(problem)" }
}

/// A value from the command line that goes before the one in the recipe.
package struct RecipeOverride: Sendable, Hashable {
  package let key: RecipeKey
  package let value: SettingValue
  /// What was typed after `=`.
  let text: String
  /// The option with its argument, for errors.
  package let option: String

  /// An option for one key, such as `--seed 3`.
  package init(_ key: RecipeKey, _ value: SettingValue, option: String) {
    self.key = key
    self.value = value
    if case .text(let typed) = value { text = typed } else { text = value.description }
    self.option = option
  }

  /// `section.key=value`, typed after `option`; a key without a section is one of `section`.
  package init(
    set argument: String, inside section: String? = nil, option name: String = "--set"
  ) throws(RecipeError) {
    option = "\(name) \(argument)"
    let expected =
      section == nil
      ? "section.key=value, such as training.batch=32" : "key=value, such as timesteps=500"
    guard let mark = argument.firstIndex(of: "=") else {
      throw RecipeError(option, "expected \(expected)")
    }
    text = argument[argument.index(after: mark)...].trimmed
    value = TOML.value(text)
    var path = argument[..<mark].trimmed.split(separator: ".", omittingEmptySubsequences: false)
    if let section, path.count == 1 { path.insert(Substring(section), at: 0) }
    guard path.count == 2, !path.contains(where: \.isEmpty) else {
      throw RecipeError(option, "expected \(expected)")
    }
    key = RecipeKey(String(path[0]), String(path[1]))
  }
}

extension Substring {
  /// The text without white space around it.
  fileprivate var trimmed: String {
    let start = drop(while: \.isWhitespace)
    return String(start.prefix(start.count - start.reversed().prefix(while: \.isWhitespace).count))
  }
}
