/// What is wrong with a recipe: where it stands, and what is allowed there.
struct RecipeError: Error, Hashable, CustomStringConvertible {
  /// Such as `recipes/digits.toml:12` or `--set training.batch=0`.
  let place: String
  let problem: String

  init(_ place: String, _ problem: String) {
    self.place = Wording.escaped(place)
    self.problem = Wording.escaped(problem)
  }

  init(_ origin: RecipeOrigin, _ problem: String) { self.init(origin.description, problem) }

  var description: String { "\(place): \(problem)" }
}

/// Where a value was written.
enum RecipeOrigin: Sendable, Hashable, CustomStringConvertible {
  case file(String, line: Int)
  /// An option of the command line, as it was typed.
  case option(String)

  var description: String {
    switch self {
    case .file(let path, let line): "\(path):\(line)"
    case .option(let text): text
    }
  }

  var isOption: Bool {
    if case .option = self { true } else { false }
  }
}
