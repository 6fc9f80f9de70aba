import Diffusion
import TOMLText

/// A guided tour on the real screens: what is explained, and what each step waits for.
struct Lesson: Sendable {
  struct Step: Sendable {
    /// The screen that is shown when it begins; nil leaves the one in view.
    var screen: String?
    /// What is explained.
    var text: String
    /// What the reader is to do, in a line.
    var task: String?
    /// What ends the step; nil waits for the key that goes on.
    var wait: LessonCondition?
    /// What the text says is seen, which holds when the step ends.
    var claim: LessonCondition?
  }

  /// By what it is called: the name of its file.
  var name: String
  var title: String
  /// What it is about, in a line.
  var summary: String
  /// About how long it takes on two cores.
  var minutes: Int
  /// The recipe whose run it begins with; nil goes on with the open run.
  var recipe: Recipe?
  var steps: [Step]
}

/// Why a lesson cannot be read, as the sentence that the user gets.
struct LessonError: Error, Equatable, CustomStringConvertible {
  let description: String

  init(_ place: String, _ problem: String) { description = "\(Wording.escaped(place)): \(problem)" }
}

extension Lesson {
  private static let keys = ["title", "summary", "minutes", "recipe", "set", "step"]
  private static let stepKeys = ["screen", "text", "task", "wait", "claim"]

  /// Reads a lesson; `path` is said in errors.
  init(_ text: String, name: String, path: String) throws {
    let table: TOMLTable
    do {
      table = try TOMLTable(parsing: text)
    } catch {
      throw LessonError("\(path):\(error.line)", Wording.escaped(error.description))
    }
    let reader = LessonReader(path: path, table: table)
    try reader.check(Self.keys)
    self.name = name
    title = try reader.text("title")
    summary = try reader.text("summary")
    minutes = try reader.number("minutes", 1...240)
    recipe = try reader.recipe(name: name)
    steps = []
    for (index, value) in (table["step"]?.list ?? []).enumerated() {
      guard let table = value.table else { throw reader.error("step", "expected [[step]] tables") }
      let step = LessonReader(path: path, table: table, step: index + 1)
      try step.check(Self.stepKeys)
      steps.append(try step.makeStep())
    }
    guard !steps.isEmpty else { throw LessonError(path, "has no steps; expected [[step]] tables") }
  }
}

/// The values of one table of a lesson, with errors that say where they are.
private struct LessonReader {
  let path: String
  let table: TOMLTable
  /// Which step it is, counted from 1; nil for the lesson itself.
  var step: Int?

  func error(_ key: String, _ problem: String) -> LessonError {
    let line = table.entry(key).map { ":\($0.line)" } ?? ""
    let place = step.map { "step \($0): " } ?? ""
    return LessonError(path + line, place + problem)
  }

  func check(_ known: [String]) throws {
    guard let entry = table.entries.first(where: { !known.contains($0.key) }) else { return }
    let nearest = Wording.nearest(to: entry.key, in: known).map { "; did you mean \($0)?" } ?? ";"
    throw error(
      entry.key,
      "there is no key \(Wording.escaped(entry.key))\(nearest) expected "
        + known.joined(separator: ", "))
  }

  func optionalText(_ key: String) throws -> String? {
    guard let value = table[key] else { return nil }
    guard let text = value.text, !text.isEmpty else {
      throw error(key, "\(key) is not text; expected text in quotation marks")
    }
    // Control characters would reach the terminal; lines are the only ones that mean something.
    return text.split(separator: "\n", omittingEmptySubsequences: false)
      .map { Wording.escaped($0) }.joined(separator: "\n")
  }

  func text(_ key: String) throws -> String {
    guard let text = try optionalText(key) else {
      throw error(key, "\(key) is missing; expected text in quotation marks")
    }
    return text
  }

  func number(_ key: String, _ range: ClosedRange<Int>) throws -> Int {
    guard case .integer(let number) = table[key], range.contains(number) else {
      throw error(
        key,
        "\(key) is missing or out of range; expected \(range.lowerBound) to \(range.upperBound)")
    }
    return number
  }

  /// The recipe that it begins with, changed as `set` says.
  func recipe(name: String) throws -> Recipe? {
    guard let given = try optionalText("recipe") else { return nil }
    let list = table["set"].map { $0.list ?? [$0] } ?? []
    let changes = list.compactMap(\.text)
    guard changes.count == list.count, table["set"]?.text == nil else {
      throw error("set", "set is not a list of texts; expected such as [\"training.batch=32\"]")
    }
    let overrides = try changes.map { try RecipeOverride(set: $0, option: "\(path): set") }
    var recipe = try Recipe.load(given, overrides: overrides)
    if !changes.isEmpty { recipe.name = name }
    return recipe
  }

  func condition(_ key: String) throws -> LessonCondition? {
    guard let text = try optionalText(key) else { return nil }
    guard let condition = LessonCondition(text) else {
      throw error(
        key,
        "\(key) is \(Wording.quoted(text)); expected comparisons such as “step >= 100” joined by “and”"
      )
    }
    return condition
  }

  func makeStep() throws -> Lesson.Step {
    let screen = try optionalText("screen")
    let titles = Screens.all.map { $0.title }
    if let screen, !titles.contains(screen) {
      throw error(
        "screen",
        "there is no screen \(Wording.quoted(screen)); expected \(titles.joined(separator: ", "))")
    }
    return Lesson.Step(
      screen: screen, text: try text("text"), task: try optionalText("task"),
      wait: try condition("wait"), claim: try condition("claim"))
  }
}
