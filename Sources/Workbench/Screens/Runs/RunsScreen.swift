import Diffusion
import TUI

/// The runs in the folder, to look at, to compare, to go on with, and to start new ones.
struct RunsScreen: Screen {
  static let title = "Runs"

  enum Panel: Sendable {
    case list
    case recipes
    /// The recipe of a run to be started, as a form.
    case draft
    /// Samples of the runs that are shown, or what the selected recipe learns.
    case samples
    case loss
    case details
    /// In what the settings of the marked runs differ.
    case differences
  }

  enum Command: String {
    case new
    case resume
    case fork
    case mark
    case rename
    case delete
  }

  private static let listContext = KeyContext("runs")
  private static let recipesContext = KeyContext("recipes")

  static let keys: [KeyBinding] = KeyBinding.group(
    title, in: [listContext],
    [
      .init(
        [.enter], .enter, "open", help: "Save the current run and open this one, paused",
        prominence: 85),
      .init(
        [.enter], .enter, in: [recipesContext], "start",
        help: "Save the current run and start one from this recipe", prominence: 86),
      .init(
        ["R"], own(Command.resume), "resume",
        help: "Save the current run and resume this one", prominence: 84,
        synonyms: "continue go on"),
      .init(
        ["F"], own(Command.fork), in: [listContext, recipesContext], "fork",
        help: "Open the recipe as a form for a new run", prominence: 83,
        synonyms: "copy branch settings"),
      .init(
        ["*"], own(Command.mark), "mark",
        help: "Mark or unmark the run for comparison", prominence: 82,
        synonyms: "compare overlay select"),
      .init(
        [.function(2)], own(Command.rename), "rename", help: "Give the run another name",
        prominence: 43, synonyms: "name"),
      .init(
        ["D", .delete], own(Command.delete), "delete",
        help: "Delete the run, after asking", prominence: 42, synonyms: "remove"),
    ])

  static let slot = SampleSlot("runs")

  var focus = PanelFocus(Panel.list)
  /// What the losses show.
  var view = ChartView()
  /// Newest first; nil until the folder has been read.
  private(set) var runs: [RunSummary]?
  private(set) var recipes: [RecipeLibrary.Entry] = []
  private(set) var selected = 0
  private(set) var selectedRecipe = 0
  /// The runs that are compared, in the order in which they were marked.
  var marked: [RunFolder] = []
  /// What is known of the runs that are shown beyond their summaries.
  var details = RunDetails()
  /// The recipe that is being changed to start a run of it.
  var draft: RunDraft?
  /// What the recipes learn, by their names.
  var lessons: [String: RecipeLesson] = [:]
  /// Whether a lesson is being read.
  var isReadingLesson = false
  /// The selected line of what differs.
  private(set) var selectedDifference = 0
  /// The widest cells of the list.
  let widths = Memo<[RunSummary], [Int]>()
  let differing = Memo<[Recipe?], [DifferingSetting]>()

  init(_ session: Session) {}

  /// The list stays when another session begins.
  mutating func begin(_ session: Session) {
    focus.panel = .list
    draft = nil
    details = RunDetails()
  }

  mutating func appear(_ session: inout Session) -> [Effect] {
    // `n` starts a run only where the form is in sight.
    if focus.panel == .draft { focus.panel = .list }
    return Self.readingFolder
  }

  /// Reads what runs and recipes there are.
  static var readingFolder: [Effect] {
    [
      .compute(screen: Self.title) {
        RunListing(
          runs: RunSummary.all(in: RunFolder.standardParent),
          recipes: RecipeLibrary.entries())
      }
    ]
  }

  /// Those that `tab` goes through.
  var panels: [Panel] {
    [.list, draft == nil ? .recipes : .draft, .samples, .loss, .details]
      + (isComparing ? [.differences] : [])
  }

  func contexts(of panel: Panel) -> Set<KeyContext> {
    switch panel {
    case .list: [.list, Self.listContext]
    case .recipes: [.list, Self.recipesContext]
    case .differences: [.list]
    case .loss: [.chart]
    case .samples, .details, .draft: []
    }
  }

  /// The selected run, if there is one.
  var run: RunSummary? {
    guard let runs, runs.indices.contains(selected) else { return nil }
    return runs[selected]
  }

  /// The selected recipe, if there is one.
  var recipe: RecipeLibrary.Entry? {
    recipes.indices.contains(selectedRecipe) ? recipes[selectedRecipe] : nil
  }

  // MARK: Actions

  mutating func perform(_ action: Action, _ session: inout Session) -> [Effect] {
    switch action {
    case .own(Self.title, let name):
      return Command(rawValue: name).map { perform($0, &session) } ?? []
    case .chart(let command): view.perform(command, span).map { session.note($0) }
    case .change(let steps) where focus.panel == .loss: view.moveCursor(by: steps, span)
    case .home where focus.panel == .loss: view.putCursor(atEnd: false, span)
    case .end where focus.panel == .loss: view.putCursor(atEnd: true, span)
    case .back: goBack(&session)
    case .change(let steps): select((selectedLine ?? 0) + steps)
    case .home: select(0)
    case .end: select(.max / 2)
    case .enter: return focus.panel == .recipes ? start() : open(&session)
    case .deleteRun(let folder): return delete(folder, &session)
    default: break
    }
    return []
  }

  private mutating func perform(_ command: Command, _ session: inout Session) -> [Effect] {
    switch command {
    case .new:
      if focus.panel == .draft { return startDraft(&session) }
      focus.panel = draft == nil ? .recipes : .draft
    case .resume: return resume(&session)
    case .fork: return fork(&session)
    case .mark: mark(&session)
    case .rename: return rename(&session)
    case .delete: return delete(&session)
    }
    return []
  }

  /// One thing at a time: the cursor, the form, the marks.
  private mutating func goBack(_ session: inout Session) {
    if focus.panel == .loss, view.cursor != nil { return view.removeCursor() }
    if focus.panel == .draft {
      draft = nil
      session.note("nothing is started")
    } else if focus.panel == .list, !marked.isEmpty {
      marked = []
      show()
    }
    focus.panel = .list
  }

  func title(of action: Action, _ session: Session) -> KeyTitle {
    switch action {
    case .play: .notOffered
    case .enter where focus.panel == .list: run == nil ? .notOffered : .asTable
    case Self.own(Command.new): focus.panel == .draft ? .named("start this run") : .asTable
    case Self.own(Command.fork):
      focus.panel == .recipes ? .named("change") : run == nil ? .notOffered : .asTable
    case Self.own(Command.mark):
      run.map { marked.contains($0.folder) ? KeyTitle.named("unmark") : .asTable } ?? .notOffered
    case Self.own(Command.resume), Self.own(Command.rename), Self.own(Command.delete):
      run.map { isOpen($0, session) } == false ? .asTable : .notOffered
    case .chart(.scale): .named(view.isLogarithmic ? "linear scale" : "log scale")
    case .chart(.outliers): .named(view.leavesOutliersOut ? "all values" : "5–95 %")
    default: .asTable
    }
  }

  /// The selected line of the panel with the focus.
  private var selectedLine: Int? {
    switch focus.panel {
    case .list: selected
    case .recipes: selectedRecipe
    case .differences: selectedDifference
    case .samples, .loss, .details, .draft: nil
    }
  }

  /// Selects a line of the panel with the focus, or the nearest there is.
  private mutating func select(_ index: Int) {
    func nearest(_ count: Int) -> Int { min(max(index, 0), max(count - 1, 0)) }
    switch focus.panel {
    case .list:
      selected = nearest(runs?.count ?? 0)
      show()
    case .recipes: selectedRecipe = nearest(recipes.count)
    case .differences: selectedDifference = nearest(differences.count)
    case .samples, .loss, .details, .draft: break
    }
  }

  private func start() -> [Effect] { recipe.map { [.open(.recipe($0.name))] } ?? [] }

  private func open(_ session: inout Session) -> [Effect] {
    guard let run else { return [] }
    if let problem = run.problem { return [.message(problem)] }
    if isOpen(run, session) { return [.show(TrainScreen.title)] }
    guard run.hasCheckpoint else {
      session.note("\(Wording.escaped(run.name)) has no checkpoint to resume from")
      return []
    }
    return [.open(.run(run.folder))]
  }

  private func resume(_ session: inout Session) -> [Effect] {
    guard let run, run.problem == nil, run.hasCheckpoint, !isOpen(run, session) else {
      return open(&session)
    }
    if let writer = run.writer {
      return [.message("\(RunError.inUse(run.folder.path, process: writer))")]
    }
    return [.open(.resume(run.folder))]
  }

  /// Whether a run is the one behind the screens.
  func isOpen(_ run: RunSummary, _ session: Session) -> Bool {
    session.place == run.place && run.place != nil && session.phase != .stopped
  }

  // MARK: Messages

  mutating func receive(_ message: Message, _ session: inout Session) -> [Effect] {
    switch message {
    case .computed(let listing as RunListing, Self.title): take(listing)
    case .computed(let summary as RunSummary, Self.title): take(summary)
    case .computed(let detail as RunDetail, Self.title):
      details.take(detail)
      return drawSamples(&session)
    case .computed(let draft as RunDraft, Self.title): return take(draft)
    case .computed(let lesson as RecipeLesson, Self.title): take(lesson)
    case .computed(let change as RunChange, Self.title): return take(change, &session)
    case .run(.saved(_, let path), _): return refresh(savedAt: path)
    case .sampling(let event, Self.slot):
      return details.take(event) ? drawSamples(&session) : []
    default: break
    }
    return []
  }

  private mutating func take(_ listing: RunListing) {
    let old = run
    (runs, recipes) = (listing.runs, listing.recipes)
    select(old)
    let folders = Set(listing.runs.map(\.folder))
    marked.removeAll { !folders.contains($0) }
    selectedRecipe = min(selectedRecipe, max(recipes.count - 1, 0))
    if run != old, let run { details.forget(run.folder) }
    show()
  }

  /// Takes in how one run is now.
  private mutating func take(_ summary: RunSummary) {
    // Runs elsewhere are not of this list.
    guard let place = runs?.firstIndex(where: { $0.place == summary.place }) else { return }
    let old = run
    var summary = summary
    summary.folder = runs?[place].folder ?? summary.folder
    if summary != runs?[place] { details.forget(summary.folder) }
    runs?[place] = summary
    runs?.sort(by: RunSummary.isNewer)
    select(old)
    show()
  }

  /// Selects a run again after the list has changed.
  mutating func select(_ run: RunSummary?) {
    selected = runs?.firstIndex { $0.folder == run?.folder } ?? min(selected, lastRun)
  }

  /// A run is in another folder now.
  mutating func follow(_ old: RunFolder, to new: RunFolder) {
    if let place = runs?.firstIndex(where: { $0.folder == old }) { runs?[place].folder = new }
    if let place = marked.firstIndex(of: old) { marked[place] = new }
    show()
  }

  private var lastRun: Int { max((runs?.count ?? 0) - 1, 0) }

  /// Reads a run again whose checkpoint was just written.
  private func refresh(savedAt path: String) -> [Effect] {
    guard runs != nil, let end = path.lastIndex(of: "/") else { return [] }
    let folder = RunFolder(path: String(path[..<end]))
    return [.compute(screen: Self.title) { RunSummary(reading: folder) }]
  }

  /// Whoever goes through a list quickly does not wait for the details of each line.
  var tickInterval: Double? {
    wantsLesson != nil || details.wanted != nil || details.unsampled != nil ? 0.12 : nil
  }

  mutating func tick(_ session: inout Session) -> [Effect] {
    let effects = (wantsLesson.map { read(lesson: $0) } ?? []) + drawSamples(&session)
    guard let folder = details.beginReading() else { return effects }
    return effects + [.compute(screen: Self.title) { RunDetail(reading: folder) }]
  }

  // MARK: Mouse

  mutating func touch(
    _ panel: Panel, _ event: MouseEvent, in inner: Rect, _ context: DrawingContext
  ) {
    if panel == .loss {
      if let step = lossChart.x(atColumn: event.x, in: lossRows(in: inner)[0]) {
        view.touch(event.action, atStep: step, span)
      }
      return
    }
    guard event.action == .press else { return }
    switch panel {
    case .list:
      guard let row = table(context.session, in: inner).row(atY: event.y, in: inner) else { return }
      select(row)
      // The first columns have the marks.
      if event.x < inner.x + 5, let run { mark(run.folder) }
    case .recipes:
      recipeTable.row(atY: event.y, in: recipeParts(in: inner)[0]).map { select($0) }
    case .differences:
      differencesTable(width: inner.width).row(atY: event.y, in: inner).map { select($0) }
    case .samples, .loss, .details, .draft: break
    }
  }

  mutating func wheel(_ panel: Panel, _ direction: Int, _ session: inout Session) -> [Effect] {
    guard contexts(of: panel).contains(.list) else { return [] }
    focus.panel = panel
    return perform(.change(-direction), &session)
  }
}

/// What the folder of runs has, read in the background.
struct RunListing: Sendable {
  var runs: [RunSummary]
  var recipes: [RecipeLibrary.Entry]
}
