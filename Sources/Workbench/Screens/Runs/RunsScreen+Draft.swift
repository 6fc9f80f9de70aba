import Diffusion
import TUI

/// A recipe that is being changed, to start a run of it.
struct RunDraft: Sendable {
  var recipe: Recipe
  /// The recipe before anything was changed.
  let original: Recipe
  /// The run whose weights may be the first ones, and the step they are of.
  let parent: RunFolder?
  let parentStep: Int
  /// Whether they are.
  var keepsWeights: Bool
  /// Why there is no recipe, as a sentence.
  var problem: String?

  /// That of a run, whose weights are the first ones unless somebody says otherwise.
  init(reading folder: RunFolder) {
    do {
      let checkpoint = folder.hasCheckpoint ? try folder.checkpoint() : nil
      self.init(
        try folder.currentRecipe(), parent: checkpoint == nil ? nil : folder,
        step: checkpoint?.state.step ?? 0)
    } catch {
      self.init(problem: "\(error)")
    }
  }

  /// That of a recipe by its name.
  init(recipe name: String) {
    do {
      self.init(try Recipe.load(name), parent: nil, step: 0)
    } catch {
      self.init(problem: "\(error)")
    }
  }

  init(_ recipe: Recipe, parent: RunFolder?, step: Int) {
    (self.recipe, original, self.parent, parentStep) = (recipe, recipe, parent, step)
    keepsWeights = parent != nil
  }

  private init(problem: String) {
    self.init(Recipe(name: ""), parent: nil, step: 0)
    self.problem = problem
  }

  /// How many settings were changed.
  var changeCount: Int { recipe.differences(from: original).count }
}

extension RunsScreen {
  // MARK: Beginning and starting

  /// Opens the recipe of the selected run, or the selected recipe, for change.
  func fork(_ session: inout Session) -> [Effect] {
    if focus.panel == .recipes {
      guard let name = recipe?.name else { return [] }
      return [.compute(screen: Self.title) { RunDraft(recipe: name) }]
    }
    guard let folder = run?.folder else { return [] }
    session.note("reading the recipe of \(Wording.escaped(folder.name))")
    return [.compute(screen: Self.title) { RunDraft(reading: folder) }]
  }

  mutating func take(_ draft: RunDraft) -> [Effect] {
    if let problem = draft.problem { return [.message(problem)] }
    self.draft = draft
    focus.panel = .draft
    focus.field[.draft] = 0
    return []
  }

  func startDraft(_ session: inout Session) -> [Effect] {
    guard let draft else { return [] }
    session.note("starting a run of \(Wording.escaped(draft.recipe.name))")
    return [.open(.new(draft.recipe, from: draft.keepsWeights ? draft.parent : nil))]
  }

  // MARK: Fields

  private static let weightsKey = "weights"
  private static let nameKey = "name"

  func fields(of panel: Panel, _ session: Session) -> [FieldValue] {
    switch panel {
    case .details: run.map { [Self.nameField(of: $0)] } ?? []
    case .draft: draft.map { fields(of: $0) } ?? []
    default: []
    }
  }

  /// The key of the field with a run's own name: the list may change while another one is typed.
  static func nameKey(of run: RunSummary) -> String { "name of \(run.folder.path)" }

  private static func nameField(of run: RunSummary) -> FieldValue {
    FieldValue(
      key: nameKey(of: run), label: "name", text: Wording.escaped(run.name), isLive: false,
      explanation: "The name of the run's folder.", allowed: "a name that no other run has")
  }

  private func fields(of draft: RunDraft) -> [FieldValue] {
    var fields: [FieldValue] = []
    if draft.parent != nil {
      fields.append(
        FieldValue(
          key: Self.weightsKey, label: "initial weights",
          text: draft.keepsWeights
            ? "step \(Numbers.grouped(draft.parentStep))" : "newly initialised",
          isLive: false,
          explanation: "Whether the run starts from the weights of step "
            + "\(Numbers.grouped(draft.parentStep)), or from a new initialisation.",
          acceptsTyping: false))
    }
    fields.append(
      FieldValue(
        key: Self.nameKey, label: "name", text: Wording.escaped(draft.recipe.name), isLive: false,
        explanation: "What the run is called; the time is added.", allowed: "a name"))
    return fields + RecipeSection.all.flatMap { Self.fields(of: $0, in: draft) }
  }

  private static func fields(of section: RecipeSection, in draft: RunDraft) -> [FieldValue] {
    let before = section.texts(in: draft.original)
    return section.values(in: draft.recipe).map { info, value in
      let key = "\(section.name).\(info.key)"
      let isChanged = before[info.key] != info.text(of: value)
      let was = before[info.key].map { "Was \($0). " } ?? "Not set before. "
      return FieldValue(
        key, info, value, label: key + (isChanged ? " *" : ""),
        explanation: (isChanged ? was : "") + info.sentence, live: false)
    }
  }

  /// The place of a setting in recipes, of a field of the form.
  private static func recipeKey(_ text: String) -> RecipeKey? {
    let parts = text.split(separator: ".", maxSplits: 1).map(String.init)
    return parts.count == 2 ? RecipeKey(parts[0], parts[1]) : nil
  }

  func formArea(of panel: Panel, in inner: Rect, _ session: Session) -> Rect {
    panel == .details ? inner.row(0) : inner
  }

  mutating func change(_ key: String, by steps: Int, _ session: inout Session) -> [Effect] {
    guard focus.panel == .draft else { return [] }
    if key == Self.weightsKey {
      draft?.keepsWeights.toggle()
    } else if let key = Self.recipeKey(key) {
      draft?.recipe.step(key, by: steps)
    }
    return []
  }

  mutating func set(
    _ key: String, to text: String, _ session: inout Session
  ) throws(FieldInputError) -> [Effect] {
    if focus.panel == .details { return try rename(key, to: text, session) }
    guard var changed = draft?.recipe else { return [] }
    if key == Self.nameKey {
      guard !text.isEmpty else { throw FieldInputError("a run needs a name") }
      changed.name = text
    } else if let key = Self.recipeKey(key), let info = changed.setting(key) {
      try info.type(text) { (value) throws(SettingError) in try changed.set(key, to: value) }
    }
    draft?.recipe = changed
    return []
  }

  // MARK: Drawing

  func drawDraft(in area: Rect, _ context: DrawingContext, _ surface: inout Surface) {
    guard let draft else { return }
    let title = draft.parent.map { "fork of \(Wording.escaped($0.name))" } ?? "new run"
    let changes = draft.changeCount
    let key = context.session.label(of: Self.own(Command.new), usually: "n")
    let info = changes == 0 ? "\(key) starts it" : "\(changes) changed · \(key) starts it"
    let inner = frame(
      .draft, .init(title), info: .init(info), foot: advice(on: .draft, context), in: area,
      context, on: &surface)
    drawForm(
      of: .draft, labelWidth: 0, valueWidth: min(24, max(8, inner.width - 40)), in: inner, context,
      on: &surface)
  }
}
