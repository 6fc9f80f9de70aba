import TUI
import Testing

@testable import Diffusion
@testable import Workbench

@Suite("Views of the Train screen")
struct TrainViewTests {
  static let sizes = [Size(80, 24), Size(120, 40)]

  /// A run whose losses by noise level were recorded, and whose layers were measured.
  static func stage() throws -> Stage {
    var stage = try Stage.training(.digits)
    let schedule = try stage.recipe.schedule.make()
    stage.send(
      (121...320).map { step in
        var report = StepReport.staged(step: step, schedule: schedule)
        if step.isMultiple(of: 10) {
          report.levels = (0..<32).map {
            $0 == 7 && step > 250 ? nil : Double(40 - $0) / Double(step)
          }
        }
        return .of(.step(report))
      })
    stage.send([.of(.layers(step: 300, layers))])
    return stage
  }

  static let layers = [
    LayerHealth(
      name: "down.0.conv1", count: 900, weightNorm: 3, gradientNorm: 0.02, updateNorm: 0.003,
      dead: nil),
    LayerHealth(
      name: "down.0.conv2", count: 900, weightNorm: 2, gradientNorm: 0.9, updateNorm: 0.6, dead: nil
    ),
    LayerHealth(
      name: "middle.conv1", count: 1800, weightNorm: 4, gradientNorm: 0, updateNorm: 0, dead: nil),
    LayerHealth(
      name: "middle.conv2", count: 1800, weightNorm: 4, gradientNorm: 0.01, updateNorm: 0.004,
      dead: .init(dead: 30, all: 32)),
    LayerHealth(
      name: "out", count: 30, weightNorm: 1, gradientNorm: 0.2, updateNorm: 0.002,
      dead: .init(dead: 0, all: 32)),
  ]

  @Test("the loss by noise level over time", arguments: sizes)
  func map(_ size: Size) throws {
    var stage = try Self.stage()
    stage.application.train.focus.panel = .noiseLevels
    stage.press("v")
    try expectGolden(stage.drawn(size.width, size.height), "train-level-map")
    stage.press("z", .left)
    try expectGolden(stage.drawn(size.width, size.height), "train-level-map-zoomed")
  }

  @Test("what is dark and what is bright is told for the background of the theme")
  func brightness() throws {
    var light = Theme.dark
    light.isDark = false
    for (theme, text) in [(Theme.dark, "loss: 0.0281 dark, "), (light, "loss: 0.0281 light, ")] {
      var stage = try Self.stage()
      stage.application.theme = theme
      stage.application.train.levelView = .overTime
      stage.application.train.focus.panel = .noiseLevels
      #expect(stage.drawn(120, 40).lines.contains { $0.contains(text) })
    }
  }

  @Test("the layers, those in trouble in plain words", arguments: sizes)
  func layers(_ size: Size) throws {
    var stage = try Self.stage()
    stage.application.train.focus.panel = .gradient
    stage.press("v")
    try expectGolden(stage.drawn(size.width, size.height), "train-layers")
    stage.press("z")
    try expectGolden(stage.drawn(size.width, size.height), "train-layers-zoomed")
  }

  @Test("where the time of a step goes, by kind of layer", arguments: sizes)
  func cost(_ size: Size) throws {
    var stage = try Self.stage()
    stage.application.train.focus.panel = .gradient
    stage.press("v", "v")
    #expect(
      stage.drawn(size.width, size.height).lines.contains { $0.contains("timed every 50 steps") })
    stage.send([.of(.cost(StepCost(step: 301, profile: Self.profile)))])
    try expectGolden(stage.drawn(size.width, size.height), "train-cost")
    stage.press("z")
    try expectGolden(stage.drawn(size.width, size.height), "train-cost-zoomed")
    stage.press("v")
    #expect(stage.application.train.gradientView == .norm)
  }

  static let profile = StepProfile(
    layers: [
      layer("Conv2d 3×3", 0.0021, 0.0040, operations: 1.2e9),
      layer("GroupNorm + SiLU", 0.0002, 0.0004, operations: 0),
      layer("Conv2d 3×3", 0.0011, 0.0023, operations: 0.6e9),
      layer("Attention, 1 head", 0.0009, 0.0017, operations: 0.2e9),
      layer("Linear", 0.00002, 0.00003, operations: 1e6),
    ], total: 0.0152, update: 0.0008, samples: 64)

  private static func layer(
    _ kind: String, _ forward: Double, _ backward: Double, operations: Double
  ) -> StepProfile.Layer {
    StepProfile.Layer(
      name: "down.0", kind: kind, output: Shape(64, 14, 14, 32), forward: forward,
      backward: backward, operations: operations, bytes: 4e6)
  }

  @Test("a layer that is exploding, starving or dying is named once")
  func troubles() throws {
    var stage = try Self.stage()
    func told() -> [String] {
      stage.application.session.notices.map(\.text).filter { text in
        ["is exploding", "is starving", "is dying"].contains { text.contains($0) }
      }
    }
    #expect(
      told() == [
        "down.0.conv2 is exploding: a step changes its weights by 30 %",
        "middle.conv1 is starving: no gradient reaches it",
        "middle.conv2 is dying: 30 of its 32 units are always 0",
      ])
    stage.send([.of(.layers(step: 350, Self.layers))])
    #expect(told().count == 3)
  }

  @Test("nothing is said of layers in the first steps, which grow by leaps")
  func warmUp() {
    var report = LayerReport()
    #expect(report.take(Self.layers, atStep: 50).isEmpty)
    #expect(report.take(Self.layers, atStep: 100).count == 3)
  }

  @Test("layers that grow to ten times their weights explode")
  func growth() {
    var report = LayerReport()
    func layer(_ norm: Double) -> LayerHealth {
      LayerHealth(
        name: "a", count: 1, weightNorm: norm, gradientNorm: 1, updateNorm: norm / 1000, dead: nil)
    }
    #expect(report.take([layer(1)], atStep: 10).isEmpty)
    #expect(report.take([layer(12)], atStep: 500).map(\.trouble) == [.explodes])
  }

  @Test("the cursor of the charts is that of the map")
  func cursor() throws {
    var stage = try Self.stage()
    stage.application.train.levelView = .overTime
    stage.press(.home)
    let train = stage.application.train
    let map = train.levelMap(stage.application.session, .halfBlocks)
    #expect(map.cursor == 1 && map.strips.count == 20)
    #expect(map.readOut.text.hasPrefix("step 1  highest loss: t 0–"))
  }

  // MARK: Steps

  @Test("the last step can be raised, and the run says so")
  func raising() throws {
    var stage = try Self.stage()
    try stage.application.set(\.train, "training.steps", to: "2000")
    var changed = stage.recipe
    changed.training.duration = .steps(2000)
    stage.send([.of(.changed(step: 320, changed, lines: ["training.steps = 2000"]))])
    #expect(stage.application.session.totalSteps == 2000)
    #expect(
      stage.application.session.notices.last?.text.hasPrefix("training to step 2,000") == true)
  }

  @Test("steps that are done cannot be taken back")
  func lowering() throws {
    var stage = try Self.stage()
    #expect(throws: FieldInputError.self) {
      try stage.application.set(\.train, "training.steps", to: "100")
    }
    _ = stage.application.change("training.steps", by: -1000)
    #expect(stage.application.session.recipe.training.duration == .steps(320))
  }

  // MARK: Going back

  @Test(
    "the checkpoints to go back to are listed, and the chosen one becomes a run", arguments: sizes)
  func rewinding(_ size: Size) throws {
    var stage = try Self.stage()
    stage.press("U")
    let folder = RunFolder(path: "runs/digits")
    let kept = [
      KeptCheckpoint(path: "runs/digits/checkpoint.safetensors", step: 300, reason: "latest"),
      KeptCheckpoint(path: "runs/digits/step-100.safetensors", step: 100, reason: "kept"),
    ]
    stage.send([.computed(KeptCheckpoints(folder, kept), screen: TrainScreen.title)])
    try expectGolden(stage.drawn(size.width, size.height), "train-rewind")
    stage.press(.down, .enter)
    guard case .open(.rewind(folder, kept[1])) = stage.effects.all.last else {
      Issue.record("expected the run to go back")
      return
    }
  }

  @Test("where no checkpoint is kept, it says how to keep one")
  func nothingKept() throws {
    var stage = try Self.stage()
    stage.send([
      .computed(
        KeptCheckpoints(RunFolder(path: "runs/digits"), []), screen: TrainScreen.title)
    ])
    #expect(stage.application.overlay == nil)
    #expect(stage.application.session.notices.last?.text.contains("w keeps one") == true)
  }

  // MARK: The enlarged sample

  @Test("the enlarged sample is scrubbed and played")
  func scrubbing() throws {
    var stage = try Self.stage()
    stage.press(.tab, .enter)
    #expect(stage.application.overlay == .enlarged)
    let last = stage.application.train.playback.shown
    stage.press("<", "<")
    #expect(stage.application.train.playback.shown == last - 2)
    #expect(!stage.application.train.plays && stage.application.overlay == .enlarged)
    stage.press(">", " ")
    #expect(stage.application.train.playback.shown == last - 1 && stage.application.train.plays)
  }

  @Test("an enlarged point has the way it came, from x_T on")
  func trail() throws {
    var stage = try Stage.training(.swissroll)
    #expect(stage.application.train.trail.count == stage.application.train.playback.shown + 1)
    stage.application.train.playback.scrub(by: -5)
    #expect(stage.application.train.trail.count == stage.application.train.playback.shown + 1)
    #expect(try Stage.training(.digits).application.train.trail.isEmpty)
  }

  @Test("previewed points keep one scale on the way from x_T, and what comes out fills the panel")
  func scale() throws {
    var stage = try Stage.training(.swissroll)
    let first = try #require(stage.application.train.playback.first)
    let reach = SampleView.reach(of: first.x, stage.application.session.format)
    #expect(reach > SampleView.reach(of: stage.application.session.format))
    func axis() throws -> [String] {
      let lines = stage.drawn(120, 40).lines
      let area = try #require(stage.area(\.train, .preview))
      return (area.y + 1..<area.maxY - 2).map { row in
        String(
          Array(lines[row])[area.x + 1..<area.x + 7].filter { $0.isNumber || "−-".contains($0) })
      }
    }
    let result = try axis()
    stage.press(.tab, .enter, "<")
    stage.press(.escape)
    let onTheWay = try axis()
    stage.application.train.playback.scrub(by: -1000)
    #expect(try axis() == onTheWay && onTheWay.contains { !$0.isEmpty })
    #expect(result != onTheWay, "what came out fills the panel")
  }
}
