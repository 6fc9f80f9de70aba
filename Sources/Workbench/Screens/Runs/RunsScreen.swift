import Diffusion
import TUI

/// The runs in the folder, to look at, to go on with, and to start new ones.
struct RunsScreen: Screen {
  static let title = "Runs"

  enum Panel: Sendable {
    case list
    case recipes
    case samples
    case loss
    case details
  }

  enum Command: String {
    case new
  }

  private static let listContext = KeyContext("runs")
  private static let recipesContext = KeyContext("recipes")

  static let keys: [KeyBinding] = KeyBinding.group(
    title,
    [
      .init(
        [.enter], .enter, in: [listContext], "open",
        help: "Save the current run and open this one, paused", prominence: 85),
      .init(
        [.enter], .enter, in: [recipesContext], "start",
        help: "Save the current run and start one from this recipe", prominence: 86),
    ])

  static let slot = SampleSlot("runs")

  var focus = PanelFocus(Panel.list)
  let panels: [Panel] = [.list, .recipes, .samples, .loss, .details]
  /// What the loss of the selected run shows.
  var view = ChartView()
  /// Newest first; nil until the folder has been read.
  private(set) var runs: [RunSummary]?
  private(set) var recipes: [RecipeLibrary.Entry] = []
  private(set) var selected = 0
  private(set) var selectedRecipe = 0
  /// What is known of the selected run beyond its summary.
  private(set) var detail: RunDetail?
  /// Whether the details of the selected run are still to be asked for.
  private var wantsDetail = false
  /// Whether details are being read, of this run or of one selected before.
  private var isReading = false
  private(set) var samplesNumber = 0
  /// The newest frame of the selected run's samples.
  private(set) var frame: Frame?
  /// Why there are no samples of the selected run.
  private(set) var problem: String?

  init(_ session: Session) {}

  /// The list stays when another session begins.
  mutating func begin(_ session: Session) {
    focus.panel = .list
    forgetDetail()
  }

  mutating func appear(_ session: inout Session) -> [Effect] { Self.readingFolder }

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

  func contexts(of panel: Panel) -> Set<KeyContext> {
    switch panel {
    case .list: [.list, Self.listContext]
    case .recipes: [.list, Self.recipesContext]
    case .loss: [.chart]
    case .samples, .details: []
    }
  }

  /// The selected run, if there is one.
  var run: RunSummary? {
    guard let runs, runs.indices.contains(selected) else { return nil }
    return runs[selected]
  }

  // MARK: Actions

  mutating func perform(_ action: Action, _ session: inout Session) -> [Effect] {
    switch action {
    case .own(Self.title, Command.new.rawValue): focus.panel = .recipes
    case .chart(let command): view.perform(command, history).map { session.note($0) }
    case .change(let steps) where focus.panel == .loss: view.moveCursor(by: steps, history)
    case .home where focus.panel == .loss: view.putCursor(atEnd: false, history)
    case .end where focus.panel == .loss: view.putCursor(atEnd: true, history)
    case .back where view.cursor != nil && focus.panel == .loss: view.removeCursor()
    case .change(let steps): select((focus.panel == .list ? selected : selectedRecipe) + steps)
    case .home: select(0)
    case .end: select(.max)
    case .back: focus.panel = .list
    case .enter:
      return focus.panel == .recipes ? start() : open(&session)
    default: break
    }
    return []
  }

  func title(of action: Action, _ session: Session) -> KeyTitle {
    switch action {
    case .play: .notOffered
    case .enter where focus.panel == .list: run == nil ? .notOffered : .asTable
    case .chart(.scale): .named(view.isLogarithmic ? "linear scale" : "log scale")
    case .chart(.outliers): .named(view.leavesOutliersOut ? "all values" : "5–95 %")
    default: .asTable
    }
  }

  var history: RunHistory { detail?.history ?? RunHistory() }

  /// Selects a line of the panel with the focus, or the nearest there is.
  private mutating func select(_ index: Int) {
    if focus.panel == .recipes {
      selectedRecipe = min(max(index, 0), max(recipes.count - 1, 0))
      return
    }
    let old = run?.folder
    selected = min(max(index, 0), max((runs?.count ?? 0) - 1, 0))
    if run?.folder != old { forgetDetail() }
  }

  private mutating func forgetDetail() {
    (detail, frame, problem) = (nil, nil, nil)
    wantsDetail = run != nil
  }

  private func start() -> [Effect] {
    recipes.indices.contains(selectedRecipe)
      ? [.open(.recipe(recipes[selectedRecipe].name))] : []
  }

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

  /// Whether a run is the one shown by the screens.
  func isOpen(_ run: RunSummary, _ session: Session) -> Bool {
    session.facts?.place == run.place && run.place != nil && session.phase != .stopped
  }

  // MARK: Messages

  mutating func receive(_ message: Message, _ session: inout Session) -> [Effect] {
    switch message {
    case .computed(let listing as RunListing, Self.title): take(listing)
    case .computed(let summary as RunSummary, Self.title): take(summary)
    case .computed(let detail as RunDetail, Self.title): return take(detail, &session)
    case .run(.saved(_, let path), _): return refresh(savedAt: path)
    case .sampling(.frame(let number, let frame), Self.slot) where number == samplesNumber:
      self.frame = frame
    case .sampling(.failed(let number, let sentence), Self.slot) where number == samplesNumber:
      problem = sentence
    default: break
    }
    return []
  }

  private mutating func take(_ listing: RunListing) {
    let old = run
    (runs, recipes) = (listing.runs, listing.recipes)
    selected = listing.runs.firstIndex { $0.folder == old?.folder } ?? 0
    selectedRecipe = min(selectedRecipe, max(recipes.count - 1, 0))
    if run != old || detail == nil { forgetDetail() }
  }

  /// Takes in how one run is now.
  private mutating func take(_ summary: RunSummary) {
    let old = run
    // Runs elsewhere are not of this list.
    guard let place = runs?.firstIndex(where: { $0.place == summary.place }) else { return }
    var summary = summary
    summary.folder = runs?[place].folder ?? summary.folder
    runs?[place] = summary
    runs?.sort(by: RunSummary.isNewer)
    selected = runs?.firstIndex { $0.folder == old?.folder } ?? 0
    if run != old { forgetDetail() }
  }

  /// Reads a run again whose checkpoint was just written.
  private func refresh(savedAt path: String) -> [Effect] {
    guard runs != nil, let end = path.lastIndex(of: "/") else { return [] }
    let folder = RunFolder(path: String(path[..<end]))
    return [.compute(screen: Self.title) { RunSummary(reading: folder) }]
  }

  private mutating func take(_ detail: RunDetail, _ session: inout Session) -> [Effect] {
    isReading = false
    guard detail.folder == run?.folder else { return [] }
    self.detail = detail
    problem = detail.problem
    guard let model = detail.model else { return [] }
    var sampling = model.sampling
    sampling.count = Self.sampleCount
    let request = session.request(sampling, along: model.schedule, from: model)
    samplesNumber = request.number
    return [.sample(request, Self.slot)]
  }

  /// Samples that are drawn of the selected run.
  private static let sampleCount = 8

  /// Whoever goes through the list quickly does not wait for the details of each.
  var tickInterval: Double? { wantsDetail && !isReading ? 0.12 : nil }

  mutating func tick(_ session: inout Session) -> [Effect] {
    guard wantsDetail, !isReading, let folder = run?.folder else { return [] }
    (wantsDetail, isReading) = (false, true)
    return [.compute(screen: Self.title) { RunDetail(reading: folder) }]
  }

  // MARK: Mouse

  mutating func touch(
    _ panel: Panel, _ event: MouseEvent, in inner: Rect, _ context: DrawingContext
  ) {
    if panel == .loss {
      if let step = lossChart.x(atColumn: event.x, in: inner) {
        view.touch(event.action, atStep: step, history)
      }
      return
    }
    guard event.action == .press else { return }
    switch panel {
    case .list:
      table(context.session, width: inner.width).row(atY: event.y, in: inner).map { select($0) }
    case .recipes: recipeTable.row(atY: event.y, in: inner).map { select($0) }
    case .samples, .loss, .details: break
    }
  }

  mutating func wheel(_ panel: Panel, _ direction: Int, _ session: inout Session) -> [Effect] {
    guard panel == .list || panel == .recipes else { return [] }
    focus.panel = panel
    return perform(.change(-direction), &session)
  }
}

/// What the folder of runs has, read in the background.
struct RunListing: Sendable {
  var runs: [RunSummary]
  var recipes: [RecipeLibrary.Entry]
}

/// A run's measurements and its model, read in the background.
struct RunDetail: Sendable {
  var folder: RunFolder
  var history = RunHistory()
  var smoothedLosses: [Double] = []
  /// The averaged weights of its checkpoint; nil where there is none.
  var model: Model?
  /// Why something of it cannot be shown.
  var problem: String?

  init(folder: RunFolder) { self.folder = folder }

  init(reading folder: RunFolder) {
    self.init(folder: folder)
    do {
      history = RunHistory(try folder.history(upTo: .max))
      smoothedLosses = history.smoothedLosses(weight: 0.9)
      if folder.hasCheckpoint { model = try Model(contentsOf: folder.path) }
    } catch {
      problem = "\(error)"
    }
  }
}
