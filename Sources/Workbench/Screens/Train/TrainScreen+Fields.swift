import Diffusion
import TUI

/// The settings that can be changed while the run goes on.
extension TrainScreen {
  /// The settings of the recipe that there is room for, with their names here.
  private static let fieldKeys = [
    (RecipeKey("optimizer", "learning_rate"), "learning rate"),
    (RecipeKey("training", "steps"), "train to step"),
    (RecipeKey("preview", "sampler"), "preview sampler"),
    (RecipeKey("preview", "steps"), "preview steps"),
    (RecipeKey("preview", "interval"), "preview interval"),
  ]

  func fields(of panel: Panel, _ session: Session) -> [FieldValue] {
    guard panel == .run else { return [] }
    return Self.fieldKeys.compactMap { key, label in
      session.recipe.setting(key).map {
        FieldValue("\(key)", $0, session.recipe.value(of: key), label: label)
      }
    }
  }

  func formArea(of panel: Panel, in inner: Rect, _ session: Session) -> Rect {
    // The run's numbers are above.
    panel == .run ? inner.inset(top: numberRows(in: inner, session)) : inner
  }

  func numberRows(in inner: Rect, _ session: Session) -> Int {
    // Where not all fits, the form scrolls rather than the time left and the elapsed time be missed.
    let left = inner.height - fields(of: .run, session).count
    return min(5, max(left, min(3, inner.height - 3), 0))
  }

  private static func recipeKey(_ text: String) -> RecipeKey? {
    fieldKeys.map(\.0).first { "\($0)" == text }
  }

  mutating func change(_ key: String, by steps: Int, _ session: inout Session) -> [Effect] {
    guard let key = Self.recipeKey(key) else { return [] }
    var recipe = session.recipe
    recipe.step(key, by: steps)
    if key == Self.stepsKey, case .steps(let steps) = recipe.training.duration {
      // What is done is done.
      recipe.training.duration = .steps(max(steps, session.step ?? 0, 1))
    }
    return session.use(recipe)
  }

  mutating func set(
    _ key: String, to text: String, _ session: inout Session
  ) throws(FieldInputError) -> [Effect] {
    guard let key = Self.recipeKey(key), let info = session.recipe.setting(key) else { return [] }
    var recipe = session.recipe
    try info.type(text) { (value) throws(SettingError) in try recipe.set(key, to: value) }
    if key == Self.stepsKey, case .steps(let steps) = recipe.training.duration,
      let done = session.step, steps < done
    {
      throw FieldInputError("\(Numbers.grouped(done)) steps are done; expected at least as many")
    }
    return session.use(recipe)
  }

  private static let stepsKey = RecipeKey("training", "steps")
}
