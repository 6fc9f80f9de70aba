/// A value from the command line that goes before the one in the recipe.
struct RecipeOverride: Sendable, Hashable {
  let key: RecipeKey
  let value: RecipeValue
  /// What was typed behind `=`.
  let text: String
  /// The option with its argument, for errors.
  let option: String

  /// An option of its own for one key, such as `--seed 3`.
  init(_ key: RecipeKey, _ value: Int, option: String) {
    self.init(key, .integer(value), option: "\(option) \(value)")
  }

  init(_ key: RecipeKey, _ value: RecipeValue, option: String) {
    self.key = key
    self.value = value
    text = value.toml
    self.option = option
  }

  /// `--set section.key=value`; a key without a section is one of `section`.
  init(set argument: String, inside section: RecipeSection? = nil) throws(RecipeError) {
    option = "--set \(argument)"
    let expected =
      section == nil
      ? "section.key=value, such as training.batch=32" : "key=value, such as timesteps=500"
    guard let mark = argument.firstIndex(of: "=") else {
      throw RecipeError(option, "expected \(expected)")
    }
    text = argument[argument.index(after: mark)...].trimmed
    value = RecipeValue(argument: text)
    var path = argument[..<mark].trimmed.split(separator: ".", omittingEmptySubsequences: false)
    if let section, path.count == 1 { path.insert(Substring(section.rawValue), at: 0) }
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
