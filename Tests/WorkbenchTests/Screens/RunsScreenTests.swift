import TUI
import Testing

@testable import Diffusion
@testable import Workbench

@Suite("Runs screen")
struct RunsScreenTests {
  static let sizes = [Size(80, 24), Size(120, 40)]

  /// The same list with the first two runs marked, read and sampled.
  static func comparing() throws -> Stage {
    var stage = try Stage.listing()
    stage.press(.up, "*", .down, "*")
    var other = Recipe.staged(.digits)
    other.schedule = ScheduleConfiguration(LinearSchedule())
    other.training.optimizer.learningRate.base = 2e-3
    for (run, recipe) in zip(RunListing.staged.runs, [Recipe.staged(.digits), other]) {
      var detail = RunDetail(folder: run.folder)
      let slope = recipe == other ? 12.0 : 8
      for step in 1...(run.step == 120 ? 120 : 200) {
        detail.history.add(StepRecord(step: step, loss: 1 / (1 + Double(step) / slope)))
      }
      detail.smoothedLosses = detail.history.smoothedLosses(weight: 0.9)
      detail.recipe = recipe
      detail.model = stage.session.model(atStep: 120)
      stage.send([.computed(detail, screen: RunsScreen.title)])
    }
    for _ in 0..<2 {
      let request = try #require(stage.effects.requests(RunsScreen.slot).last)
      let frames = try stage.frames(of: request.sampling)
      stage.send(frames.map { .sampling(.frame(number: request.number, $0), RunsScreen.slot) })
      stage.send([.sampling(.finished(number: request.number), RunsScreen.slot)])
    }
    return stage
  }

  /// The question in view.
  private func question(_ stage: Stage) -> Question? {
    if case .asking(let question) = stage.application.overlay { question } else { nil }
  }

  /// How many things are computed for the screen so far.
  private func computations(_ stage: Stage) -> Int {
    stage.effects.all.count { if case .compute = $0 { true } else { false } }
  }

  // MARK: Golden screens

  @Test("two marked runs side by side", arguments: sizes)
  func compared(_ size: Size) throws {
    var stage = try Self.comparing()
    try expectGolden(stage.drawn(size.width, size.height), "runs-compared")
    stage.press(.tab, .tab, .tab, .left, .left)
    try expectGolden(stage.drawn(size.width, size.height), "runs-compared-cursor")
    stage.press(.backTab, .backTab, .backTab, .backTab)
    try expectGolden(stage.drawn(size.width, size.height), "runs-differences")
  }

  @Test("a recipe with what it learns", arguments: Stage.Play.allCases, sizes)
  func lesson(_ play: Stage.Play, _ size: Size) throws {
    var stage = try Stage.listing()
    stage.press("n")
    let names = RunListing.staged.recipes.map(\.name)
    for _ in 0..<(names.firstIndex(of: play.rawValue) ?? 0) { stage.press(.down) }
    stage.send([
      .computed(RecipeLesson(reading: play.rawValue), screen: RunsScreen.title)
    ])
    try expectGolden(stage.drawn(size.width, size.height), "runs-lesson-\(play.rawValue)")
  }

  @Test("a fork as a form", arguments: sizes)
  func draft(_ size: Size) throws {
    var stage = try Stage.listing()
    let draft = RunDraft(
      .staged(.digits), parent: RunFolder(path: "runs/digits-1203"), step: 20_000)
    stage.send([.computed(draft, screen: RunsScreen.title)])
    for _ in 0..<12 { stage.press(.down) }
    stage.press(.right)
    try expectGolden(stage.drawn(size.width, size.height), "runs-draft")
  }

  @Test("the question before a run is deleted", arguments: sizes)
  func deleting(_ size: Size) throws {
    var stage = try Stage.listing()
    stage.press("D")
    try expectGolden(stage.drawn(size.width, size.height), "runs-delete")
  }

  // MARK: Comparing

  @Test("marked runs are sampled one after the other, from the same noise")
  func sameNoise() throws {
    let stage = try Self.comparing()
    let requests = stage.effects.requests(RunsScreen.slot).suffix(2)
    #expect(requests.count == 2 && Set(requests.map(\.sampling.seed)).count == 1)
    #expect(stage.application.runs.details.samples.values.allSatisfy { $0.frame != nil })
  }

  @Test("a run that is saved while it is read is read again")
  func staleReading() {
    let folder = RunFolder(path: "runs/a")
    var details = RunDetails()
    details.show([folder])
    #expect(details.beginReading() == folder)
    details.forget(folder)
    details.take(RunDetail(folder: folder))
    #expect(details[folder] == nil && details.beginReading() == folder)
    details.take(RunDetail(folder: folder))
    #expect(details[folder] != nil && details.wanted == nil)
  }

  @Test("runs are sampled in their order, with the noise of the first that has weights")
  func noiseOfFirst() throws {
    let model = try Stage(.digits).session.model()
    let folders = ["a", "b", "c"].map { RunFolder(path: "runs/" + $0) }
    var details = RunDetails()
    details.show(folders)
    func detail(_ index: Int, _ model: Model?) -> RunDetail {
      var detail = RunDetail(folder: folders[index])
      detail.model = model
      return detail
    }
    _ = details.beginReading()
    details.take(detail(0, nil))
    _ = details.beginReading()
    details.take(detail(1, model))
    #expect(details.unsampled?.folder == folders[1] && !details.haveSameNoise)
    details.take(detail(2, model))
    #expect(details.haveSameNoise)
    details.take(detail(2, try Stage(.sine).session.model()))
    #expect(!details.haveSameNoise)
    details.forget(folders[0])
    #expect(details.unsampled == nil, "the first may have weights by now")
  }

  @Test("the settings in which marked runs differ are told, and no others")
  func differences() throws {
    let keys = try Self.comparing().application.runs.differences.map(\.key)
    #expect(keys.contains("schedule.family") && keys.contains("optimizer.learning_rate"))
    #expect(!keys.contains("network.kind") && !keys.contains("training.batch"))
  }

  @Test("one cursor reads all marked runs")
  func cursor() throws {
    var stage = try Self.comparing()
    stage.press(.tab, .tab, .tab, .home)
    let lines = stage.drawn(120, 40).lines
    for name in ["digits ", "digits-1203"] {
      #expect(lines.contains { $0.contains("─ \(name)") || $0.contains("╌ \(name)") })
    }
    let chart = stage.application.runs.lossChart
    #expect(chart.cursor == 1 && chart.series.count == 2)
  }

  @Test("marks go with a second press and all of them with escape; no more than six are taken")
  func marks() throws {
    var stage = try Stage.listing()
    stage.press(.home, "*", "*")
    #expect(stage.application.runs.marked.isEmpty)
    let runs = (0..<8).map { RunSummary(folder: RunFolder(path: "runs/\($0)"), modified: 0) }
    stage.send([.computed(RunListing(runs: runs, recipes: []), screen: RunsScreen.title)])
    for _ in runs { stage.press("*", .down) }
    #expect(stage.application.runs.marked.count == 6)
    stage.press(.escape)
    #expect(stage.application.runs.marked.isEmpty && !stage.application.runs.isComparing)
  }

  @Test("a click on the sign marks a run")
  func click() throws {
    var stage = try Stage.listing()
    _ = stage.drawn(120, 40)
    let list = try #require(stage.area(\.runs, .list))
    _ = stage.application.update(.mouse(MouseEvent(.press, x: list.x + 3, y: list.y + 2)))
    #expect(stage.application.runs.marked.map(\.name) == ["digits"])
  }

  // MARK: Changing runs

  @Test("a run is deleted after the question with its name is answered by y, not by enter")
  func deletion() throws {
    var stage = try Stage.listing()
    stage.press("D")
    #expect(question(stage)?.title.contains("digits-1203") == true)
    let before = computations(stage)
    stage.press(.enter)
    #expect(question(stage) != nil && computations(stage) == before)
    stage.press("y")
    #expect(question(stage) == nil && computations(stage) == before + 1)
  }

  @Test("no deletes nothing", arguments: [Key.escape, "n"])
  func noDeletion(_ key: Key) throws {
    var stage = try Stage.listing()
    let before = computations(stage)
    stage.press("D", key)
    #expect(question(stage) == nil && computations(stage) == before)
  }

  @Test("a name that is typed for a run that goes away is given to no other run")
  func renamingGone() throws {
    var stage = try Stage.listing()
    stage.press(.function(2), .control("u"))
    stage.type("good")
    var listing = RunListing.staged
    listing.runs.remove(at: 1)
    stage.send([.computed(listing, screen: RunsScreen.title)])
    #expect(stage.application.runs.run != nil)
    let before = computations(stage)
    stage.press(.enter)
    #expect(computations(stage) == before)
    #expect(stage.application.lineProblem == "the run is no longer in the list")
  }

  @Test("neither the open run nor one that another process writes is deleted or renamed")
  func refusals() throws {
    var stage = try Stage.listing()
    stage.press(.up)
    for key: Key in ["D", .function(2)] {
      stage.press(key)
      guard case .message(let text) = stage.application.overlay else {
        Issue.record("expected a refusal")
        return
      }
      #expect(text.contains("open"))
      stage.press(.enter)
    }
    var listing = RunListing.staged
    listing.runs[1].writer = 4321
    stage.send([.computed(listing, screen: RunsScreen.title)])
    stage.press(.down, "D")
    #expect(
      stage.application.overlay
        == .message("runs/digits-1203: process 4321 is writing this run; stop that first"))
  }

  @Test("while a run is being opened it counts as open")
  func opening() throws {
    var stage = try Stage.listing()
    stage.application.session = Session(stage.recipe, after: stage.application.session)
    stage.application.session.place = "/runs/digits"
    let screen = stage.application.runs
    #expect(screen.isOpen(RunListing.staged.runs[0], stage.application.session))
  }

  @Test("a name is typed; one that is taken or leads elsewhere is refused")
  func renaming() throws {
    var stage = try Stage.listing()
    stage.press(.function(2))
    let key = RunsScreen.nameKey(of: RunListing.staged.runs[1])
    #expect(stage.application.overlay == .typing(key))
    for name in ["digits", "a/b", ".hidden"] {
      stage.press(.control("u"))
      stage.type(name)
      stage.press(.enter)
      #expect(!stage.application.lineProblem.isEmpty, "\(name)")
    }
    let before = computations(stage)
    stage.press(.control("u"))
    stage.type("good")
    stage.press(.enter)
    #expect(stage.application.overlay == nil && computations(stage) == before + 1)
    let run = RunListing.staged.runs[1].folder
    stage.send([
      .computed(
        RunChange.renamed(run, to: RunFolder(path: "runs/good")), screen: RunsScreen.title)
    ])
    #expect(stage.application.runs.run?.name == "good")
  }

  // MARK: Forks

  @Test("a fork starts with what was changed, from these weights or from the beginning")
  func fork() throws {
    var stage = try Stage.listing()
    let parent = RunFolder(path: "runs/digits-1203")
    stage.press("F")
    stage.send([
      .computed(
        RunDraft(.staged(.digits), parent: parent, step: 20_000), screen: RunsScreen.title)
    ])
    #expect(stage.application.runs.focus.panel == .draft)
    stage.press(.down, .enter, .control("u"))
    stage.type("mine")
    stage.press(.enter)
    try stage.application.set(\.runs, "optimizer.learning_rate", to: "5e-4")
    stage.press("n")
    guard case .open(.new(let recipe, let from)) = stage.effects.all.last else {
      Issue.record("expected a run to be started")
      return
    }
    #expect(recipe.name == "mine" && from == parent)
    #expect(recipe.training.optimizer.learningRate.base == 5e-4)
    stage.press(.up, .right, "n")
    guard case .open(.new(_, nil)) = stage.effects.all.last else {
      Issue.record("expected it to start from the beginning")
      return
    }
    stage.press(.escape)
    #expect(stage.application.runs.draft == nil)
  }

  @Test("n on another screen shows a form that is open, and starts nothing")
  func newElsewhere() throws {
    var stage = try Stage.listing()
    stage.send([
      .computed(RunDraft(.staged(.digits), parent: nil, step: 0), screen: RunsScreen.title)
    ])
    stage.press("1")
    let before = stage.effects.all.count
    stage.press("n")
    #expect(stage.application.screen.title == RunsScreen.title)
    #expect(
      !stage.effects.all.dropFirst(before).contains {
        if case .open = $0 { true } else { false }
      })
    #expect(stage.application.runs.focus.panel == .draft)
  }

  @Test("a run that cannot be opened says why, and the present one goes on")
  func notOpened() throws {
    var stage = try Stage.listing()
    stage.send([.problem("runs/x: has no checkpoint")])
    #expect(stage.application.overlay == .message("runs/x: has no checkpoint"))
    #expect(stage.application.session.phase == .training)
  }
}
