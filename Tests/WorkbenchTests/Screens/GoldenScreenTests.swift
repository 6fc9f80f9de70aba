import Diffusion
import TUI
import Testing

@testable import Workbench

/// `WORKBENCH_UPDATE_GOLDEN=1 scripts/test --filter GoldenScreen` records all of them anew.
@Suite("Golden screens")
struct GoldenScreenTests {
  static let sizes = [Size(40, 12), Size(80, 24), Size(120, 40)]

  @Test("Train", arguments: Stage.Play.allCases, sizes)
  func train(_ play: Stage.Play, _ size: Size) throws {
    var stage = try Stage.training(play)
    try expectGolden(stage.drawn(size.width, size.height), "train-\(play.rawValue)")
  }

  @Test(
    "Train with the memorisation floor and a validation loss",
    arguments: Stage.Play.allCases, [Size(80, 24), Size(120, 40), Size(200, 60)])
  func floor(_ play: Stage.Play, _ size: Size) throws {
    var stage = try Stage.training(play, measured: true)
    try expectGolden(stage.drawn(size.width, size.height), "train-floor-\(play.rawValue)")
    stage.press(.tab, .tab, .tab, .character("z"))
    try expectGolden(stage.drawn(size.width, size.height), "train-floor-levels-\(play.rawValue)")
  }

  @Test(
    "Train with the curve of the samples' quality",
    arguments: [Size(40, 12), Size(80, 24), Size(120, 40), Size(200, 60)])
  func quality(_ size: Size) throws {
    var stage = try Stage.training(.digits)
    stage.send([.of(.evaluation(.working("training the feature classifier: 40 %")))])
    stage.press(.tab, .tab, .tab, .tab)
    try expectGolden(stage.drawn(size.width, size.height), "train-quality-begin")
    stage.send([20, 60, 100].map { .of(.judged(step: $0, .staged(step: $0))) })
    stage.send([.of(.evaluation(.working("step 120: 40 of 200 samples by raw weights")))])
    try expectGolden(stage.drawn(size.width, size.height), "train-quality")
  }

  @Test("Denoise", arguments: Stage.Play.allCases, sizes)
  func denoise(_ play: Stage.Play, _ size: Size) throws {
    var stage = try Stage.denoising(play)
    try expectGolden(stage.drawn(size.width, size.height), "denoise-\(play.rawValue)")
  }

  @Test("the sampler of a network that is told classes", arguments: sizes)
  func sampler(_ size: Size) throws {
    var recipe = Recipe.staged(.digits)
    recipe.network = NetworkConfiguration(UNetConfiguration(channels: 4, blocks: 1, classes: 10))
    var stage = try Stage(recipe)
    stage.send(stage.beginning)
    stage.press(.character("2"), .tab, .right, .down, .down)
    try expectGolden(stage.drawn(size.width, size.height), "sampler-variance")
    stage.press(.up, .up, .right, .right)
    for key: Key in [.up, .up, .right, .right, .right, .down, .right] { stage.press(key) }
    try expectGolden(stage.drawn(size.width, size.height), "sampler-guidance")
  }

  @Test("Schedule", arguments: Stage.Play.allCases, sizes)
  func schedule(_ play: Stage.Play, _ size: Size) throws {
    var stage = try Stage.scheduling(play)
    try expectGolden(stage.drawn(size.width, size.height), "schedule-\(play.rawValue)")
  }

  @Test("Schedule with points to drag", arguments: sizes)
  func schedulePoints(_ size: Size) throws {
    var stage = try Stage.training(.sine)
    stage.press(.character("3"), .left, .tab, .right, .right, .shiftUp)
    try expectGolden(stage.drawn(size.width, size.height), "schedule-points")
  }

  @Test(
    "A/B", arguments: [.digits, .swissroll, .sine] as [Stage.Play], sizes + [Size(200, 60)])
  func compared(_ play: Stage.Play, _ size: Size) throws {
    var stage = try Stage.comparing(play)
    try expectGolden(stage.drawn(size.width, size.height), "ab-\(play.rawValue)")
    guard play == .digits else { return }
    stage.press(.tab)
    try expectGolden(stage.drawn(size.width, size.height), "ab-settings")
  }

  @Test("Inside", arguments: Stage.Play.allCases, sizes + [Size(200, 60)])
  func inside(_ play: Stage.Play, _ size: Size) throws {
    var stage = try Stage.lookingInside(play)
    try expectGolden(stage.drawn(size.width, size.height), "inside-\(play.rawValue)")
    stage.press(.tab, .tab, .tab, .tab)
    try expectGolden(stage.drawn(size.width, size.height), "inside-data-\(play.rawValue)")
  }

  @Test("Runs", arguments: sizes)
  func runs(_ size: Size) throws {
    var stage = try Stage.listing()
    try expectGolden(stage.drawn(size.width, size.height), "runs")
    stage.press(.character("n"), .down)
    try expectGolden(stage.drawn(size.width, size.height), "runs-recipes")
  }

  @Test("Runs of an empty folder, and of one where a run is damaged")
  func otherRuns() throws {
    var stage = try Stage.listing()
    stage.press(.down)
    try expectGolden(stage.drawn(80, 24), "runs-damaged")
    stage.press(.enter)
    try expectGolden(stage.drawn(80, 24), "runs-message")
    stage.press(.escape)
    stage.send([
      .computed(
        RunListing(runs: [], recipes: RunListing.staged.recipes), screen: RunsScreen.title)
    ])
    try expectGolden(stage.drawn(80, 24), "runs-empty")
  }

  @Test("before the first message", arguments: 0..<6)
  func empty(_ screen: Int) throws {
    var stage = try Stage(.digits)
    stage.application.current = screen
    try expectGolden(
      stage.drawn(80, 24), "empty-\(stage.application.screen.title.lowercased().filter(\.isLetter))"
    )
  }

  @Test("the keys", arguments: sizes)
  func help(_ size: Size) throws {
    var stage = try Stage.training(.digits)
    stage.press(.character("?"))
    try expectGolden(stage.drawn(size.width, size.height), "help")
  }

  @Test("the question before leaving", arguments: sizes)
  func leaving(_ size: Size) throws {
    var stage = try Stage.training(.digits)
    stage.press(.character("q"))
    try expectGolden(stage.drawn(size.width, size.height), "leaving")
  }

  @Test("the palette, searched")
  func palette() throws {
    var stage = try Stage.training(.digits)
    stage.type(":sched")
    try expectGolden(stage.drawn(80, 24), "palette")
  }

  @Test("a value being typed, and what is wrong with it")
  func typing() throws {
    var stage = try Stage.training(.digits)
    stage.press(.tab, .tab, .enter, .control("u"))
    stage.type("70")
    stage.press(.enter)
    try expectGolden(stage.drawn(120, 40), "typing")
  }

  @Test("an error that has to be read")
  func message() throws {
    var stage = try Stage.training(.digits)
    stage.send([.of(.phase(.diverged(step: 121)))])
    try expectGolden(stage.drawn(80, 24), "diverged")
  }

  @Test("a window that is too small says what is needed", arguments: [Size(39, 12), Size(40, 11)])
  func tooSmall(_ size: Size) throws {
    var stage = try Stage.training(.digits)
    let surface = stage.drawn(size.width, size.height)
    #expect(surface.lines.contains { $0.contains("40×12") })
    try expectGolden(surface, "too-small")
  }
}
