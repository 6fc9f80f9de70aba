import TUI
import Testing

@testable import Diffusion
@testable import Workbench

@Suite("Where the bits are, on the Train screen")
struct BoundViewTests {
  /// What the screen wants to have computed.
  private static func computations(_ effects: EffectLog) -> [@Sendable () -> any Sendable] {
    effects.all.compactMap {
      if case .compute(TrainScreen.title, let compute) = $0 { compute } else { nil }
    }
  }

  /// A run whose bound is wanted, and whose first answer is not there yet.
  private static func stage() throws -> Stage {
    var stage = try Stage.training(.digits)
    stage.application.train.focus.panel = .noiseLevels
    stage.press("v", "v")
    return stage
  }

  /// A bound as measured of the stage's weights, with invented terms.
  private static func report(
    _ stage: Stage, step: Int = 100, missing: Int = 0
  ) throws -> BoundReport {
    var measurement = try BoundMeasurement(of: stage.session.model(atStep: step), session: 0)
    let terms = (0..<100).map { (t: Int) -> Double in
      let place = Double(t + 1)
      return t < missing ? 0 : 4 / (place * place)
    }
    measurement.bound = VariationalBound(terms: terms, prior: 0.001, missing: missing)
    return .measured(measurement)
  }

  @Test("the terms by timestep, with their sum", arguments: [Size(80, 24), Size(120, 40)])
  func golden(_ size: Size) throws {
    var stage = try Self.stage()
    stage.send([.computed(try Self.report(stage, missing: 20), screen: TrainScreen.title)])
    try expectGolden(stage.drawn(size.width, size.height), "train-bits-partial")
    stage.send([.computed(try Self.report(stage), screen: TrainScreen.title)])
    try expectGolden(stage.drawn(size.width, size.height), "train-bits")
    stage.press("z")
    try expectGolden(stage.drawn(size.width, size.height), "train-bits-zoomed")
  }

  @Test("they are measured piece by piece beside training, of the newest weights")
  func pieces() throws {
    var stage = try Self.stage()
    let data = stage.session.dataset
    let schedule = try stage.recipe.schedule.make()
    // Sixteen digits, evenly spaced.
    let x0 = Tensor(data.shape.with(batch: 16))
    data.fill(x0, indices: (0..<16).map { $0 * data.count / 16 })
    var expected = VariationalBound(of: x0, along: schedule)
    for piece in 1...2 {
      #expect(Self.computations(stage.effects).count == piece)
      let compute = try #require(Self.computations(stage.effects).last)
      stage.send([.computed(compute(), screen: TrainScreen.title)])
      var noise = NoiseSource(seed: UInt64(expected.missing), samples: 0..<16)
      expected.addTerms(
        40, of: x0, by: stage.session.model(atStep: 100).denoiser(), condition: Condition(),
        along: schedule, noise: &noise)
      let shown = try #require(stage.application.train.bits.shown)
      #expect(shown.step == 100 && shown.subject == "16 training samples")
      #expect(abs(shown.progress - Double(piece) / 25) < 1e-9)
      #expect(shown.bound.terms == expected.terms && shown.bound.total == expected.total)
    }
    #expect(stage.effects.commands.allSatisfy { if case .pause = $0 { false } else { true } })
  }

  @Test("it is measured again after a rest, and not where nobody looks")
  func following() throws {
    var stage = try Self.stage()
    // Training went on to step 120, by 20 steps, while it was measured.
    stage.send([.computed(try Self.report(stage), screen: TrainScreen.title)])
    func count() -> Int { Self.computations(stage.effects).count }
    let before = count()
    for step in [140, 400] {
      stage.send([.of(.model(stage.session.model(atStep: step)))])
      #expect(count() == before)
    }
    stage.send([.of(.model(stage.session.model(atStep: 420)))])
    #expect(count() == before + 1)
    // An answer after the view was left leads to no further question.
    stage.press("v")
    stage.send([
      .computed(try Self.report(stage, step: 420, missing: 50), screen: TrainScreen.title)
    ])
    #expect(count() == before + 1)
    #expect(stage.application.train.bits.shown?.step == 100)
  }

  @Test("points have no bits, which is said")
  func points() throws {
    var stage = try Stage.training(.swissroll)
    stage.application.train.focus.panel = .noiseLevels
    stage.press("v", "v")
    let compute = try #require(Self.computations(stage.effects).last)
    stage.send([.computed(compute(), screen: TrainScreen.title)])
    #expect(
      stage.drawn(120, 40).lines.contains {
        $0.contains("a variational bound in bits needs images")
      })
  }
}
