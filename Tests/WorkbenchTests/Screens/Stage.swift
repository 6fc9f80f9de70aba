import TUI
import Testing

@testable import Diffusion
@testable import Workbench

/// An application in a world where it is always 12:34:56, told by hand what the runs do.
struct Stage {
  /// One for each kind of data.
  enum Play: String, CaseIterable, Sendable {
    case digits
    case swissroll
    case sine
    case words
  }

  let recipe: Recipe
  let session: RunTrainer
  let effects = EffectLog()
  var application: WorkbenchApplication

  init(
    _ play: Play, theme: Theme = .dark, carryOut: @escaping (Effect) -> Void = { _ in }
  ) throws {
    try self.init(.staged(play), theme: theme, carryOut: carryOut)
  }

  init(
    _ recipe: Recipe, theme: Theme = .dark, carryOut: @escaping (Effect) -> Void = { _ in }
  ) throws {
    self.recipe = recipe
    session = try RunTrainer(recipe)
    let log = effects
    let world = WorkbenchApplication.World(
      carryOut: {
        log.add($0)
        carryOut($0)
      }, timeOfDay: { 45_296 }, theme: { _ in theme })
    application = WorkbenchApplication(Session(recipe), world: world)
  }

  /// What a run tells at its start.
  var beginning: [Message] {
    let facts = RunFacts(
      format: session.dataset.format, dataset: session.dataset,
      idealDenoiser: session.dataset.lookupDenoiser,
      parameterCount: session.trainer.network.parameterCount, folder: "runs/\(recipe.name)",
      place: "/runs/\(recipe.name)",
      completedSteps: 0, totalSteps: session.trainer.totalSteps)
    return [.of(.started(facts)), .of(.model(session.model())), .of(.phase(.training))]
  }

  mutating func send(_ messages: [Message]) { _ = application.update(.messages(messages)) }

  mutating func press(_ keys: Key...) { for key in keys { _ = application.update(.key(key)) } }

  mutating func type(_ text: String) {
    for character in text { press(.character(character)) }
  }

  /// Where a panel of a screen is.
  func area<S: Screen>(_ screen: KeyPath<WorkbenchApplication, S>, _ panel: S.Panel) -> Rect? {
    application[keyPath: screen].places(in: application.layout.body).first { $0.panel == panel }?
      .area
  }

  mutating func drawn(_ width: Int, _ height: Int) -> Surface {
    let size = Size(width, height)
    _ = application.update(.resize(size))
    var surface = Surface(size)
    application.view(&surface)
    return surface
  }

  /// A run in full swing: 120 steps, a preview at its end, and a saved checkpoint.
  ///
  /// Where it is `measured`, a validation loss every ten steps and the memorisation floor as well.
  static func training(_ play: Play, measured: Bool = false) throws -> Stage {
    var stage = try Stage(play)
    stage.send(stage.beginning)
    let schedule = try stage.recipe.schedule.make()
    stage.send(
      (1...120).map { step in
        var report = StepReport.staged(step: step, schedule: schedule)
        if measured, step % 10 == 0 { report.validation = 1.25 / (1 + Double(step) / 10) }
        return .of(.step(report))
      })
    if measured { stage.send([.of(.floor(.staged))]) }
    stage.send([.of(.model(stage.session.model(atStep: 100)))])
    let number = stage.effects.requests(TrainScreen.preview).last?.number ?? 0
    let frames = try stage.frames(of: stage.recipe.preview.sampling)
    stage.send(frames.map { .sampling(.frame(number: number, $0), TrainScreen.preview) })
    for _ in frames { _ = stage.application.update(.tick(0)) }
    stage.send([.of(.saved(step: 120, path: "runs/\(play.rawValue)/checkpoint.safetensors"))])
    return stage
  }

  /// The same, looking at samples three quarters of the way.
  static func denoising(_ play: Play) throws -> Stage {
    var stage = try training(play)
    stage.press(.character("2"))
    stage.send([.of(.model(stage.session.model(atStep: 120)))])
    let request = try #require(stage.effects.requests(DenoiseScreen.slot).last)
    let frames = try stage.frames(of: request.sampling)
    stage.send(frames.map { .sampling(.frame(number: request.number, $0), DenoiseScreen.slot) })
    stage.send([.sampling(.finished(number: request.number), DenoiseScreen.slot)])
    stage.press(.end)
    for _ in 0..<frames.count / 4 { stage.press(.left) }
    return stage
  }

  /// The same, editing the schedule.
  static func scheduling(_ play: Play) throws -> Stage {
    var stage = try training(play)
    stage.press(.character("3"), .down, .right, .right)
    stage.send([.of(.model(stage.session.model(atStep: 120)))])
    try stage.drawResults()
    return stage
  }

  /// Answers what the Schedule screen wants to have drawn next.
  @discardableResult
  mutating func drawResults() throws -> SamplingRequest {
    _ = application.update(.tick(0))
    let request = try #require(effects.requests(ScheduleScreen.slot).last)
    send(
      try frames(of: request.sampling).map {
        .sampling(.frame(number: request.number, $0), ScheduleScreen.slot)
      } + [.sampling(.finished(number: request.number), ScheduleScreen.slot)])
    return request
  }

  /// Two sides halfway: DDIM in half as many steps as DDPM.
  static func comparing(_ play: Play) throws -> Stage {
    var stage = try training(play)
    stage.press("5")
    stage.send([.of(.model(stage.session.model(atStep: 120)))])
    stage.press(.tab, .down, .shiftLeft, .tab, .tab, .tab, .tab, .tab)
    for (index, slot) in ABScreen.slots.enumerated() {
      let request = try #require(stage.effects.requests(slot).last)
      stage.send(
        try stage.frames(of: request.sampling).map { frame in
          var frame = frame
          // The sides believe different things.
          frame.x0 = frame.x0.map { $0 * (1 - 0.25 * Float(index)) }
          return .sampling(.frame(number: request.number, frame), slot)
        } + [.sampling(.finished(number: request.number), slot)])
    }
    stage.press(.home)
    for _ in 0..<10 { stage.press(.right) }
    return stage
  }

  /// The Runs screen with four runs, one of them damaged, the second selected.
  static func listing(_ play: Play = .digits) throws -> Stage {
    var stage = try training(play)
    stage.press(.character("4"))
    stage.send([.computed(RunListing.staged, screen: RunsScreen.title)])
    stage.press(.down)
    var detail = RunDetail(folder: RunListing.staged.runs[1].folder)
    for step in 1...120 {
      let loss = (1 + Double(step * 37 % 11 - 5) / 25) / (1 + Double(step) / 8)
      detail.history.add(StepRecord(step: step, loss: loss))
    }
    detail.smoothedLosses = detail.history.smoothedLosses(weight: 0.9)
    detail.model = stage.session.model(atStep: 120)
    stage.send([.computed(detail, screen: RunsScreen.title)])
    let request = try #require(stage.effects.requests(RunsScreen.slot).last)
    let frames = try stage.frames(of: request.sampling)
    stage.send(frames.map { .sampling(.frame(number: request.number, $0), RunsScreen.slot) })
    return stage
  }

  /// Invented frames: the data with less and less noise, made of exact arithmetic only.
  func frames(of sampling: SamplingConfiguration) throws -> [Frame] {
    var steps = sampling.makeSteps(try recipe.schedule.make())
    if steps.last != .clean { steps.append(.clean) }
    let data = session.dataset
    let shape = data.shape.with(batch: sampling.count)
    if let text = data.text { return textFrames(steps, sampling, text) }
    let clean = (0..<sampling.count).flatMap { data.sample(at: $0 % data.count) }
    var random = Random(seed: sampling.seed)
    // Twelve uniform numbers are as good as normal ones, and the same on every machine.
    let noise = clean.map { _ in random.uniforms(12).reduce(-6, +) }
    return steps.enumerated().map { index, step in
      let progress = Float(index) / Float(steps.count - 1)
      let alpha = Float(step.level.alpha)
      let sigma = Float(step.level.sigma)
      return Frame(
        index: index, frameCount: steps.count, step: step, shape: shape,
        x: zip(clean, noise).map { alpha * $0 + sigma * $1 },
        x0: clean.map { $0 * (0.25 + 0.75 * progress) }, rmsChange: index == 0 ? 0 : 0.5,
        isFinite: true, outOfRangeFraction: index == 0 ? 0.125 : 0, noiseDraws: 0,
        history: SamplerHistory())
    }
  }

  /// Invented frames of text: the data with fewer and fewer masks.
  private func textFrames(
    _ steps: [NoiseStep], _ sampling: SamplingConfiguration, _ text: TextFormat
  ) -> [Frame] {
    let data = session.dataset
    // From all over the words, whose neighbours are alike.
    let clean = (0..<sampling.count).flatMap { data.sample(at: $0 * 997 % data.count) }
    var random = Random(seed: sampling.seed)
    let order = random.uniforms(clean.count)
    return steps.enumerated().map { index, step in
      let share = Float(step.level.sigma)
      let isMasked = order.map { $0 < share }
      var frame = Frame(
        index: index, frameCount: steps.count, step: step,
        shape: data.shape.with(batch: sampling.count),
        x: zip(clean, isMasked).map { $1 ? Float(text.mask) : $0 },
        x0: zip(clean, isMasked).map { $1 ? 1 : $0 }, rmsChange: index == 0 ? 0 : 0.5,
        isFinite: true, outOfRangeFraction: 0, noiseDraws: 0, history: SamplerHistory())
      frame.confidence = isMasked.map { $0 ? 0.125 : 0.75 }
      return frame
    }
  }
}

extension Recipe {
  /// A run with as small a network as each kind of data allows.
  static func staged(_ play: Stage.Play) -> Recipe {
    var dense = DenseConfiguration()
    dense.hidden = 8
    var transformer = TextTransformerConfiguration()
    (transformer.width, transformer.depth, transformer.heads) = (8, 1, 2)
    var linear = LinearSchedule()
    linear.timesteps = 100
    let (source, network, schedule, count): (String, any Architecture, any ScheduleFamily, Int) =
      switch play {
      case .digits:
        (
          "digits14",
          UNetConfiguration(channels: 4, multipliers: [1, 2], blocks: 1, groups: 2),
          CosineSchedule(), 16
        )
      case .swissroll:
        ("swissroll", NetworkConfiguration.mlp(8, 8).value, LogLinearSchedule(), 100)
      case .sine: ("sine", dense, linear, 8)
      case .words: ("words", transformer, MaskingSchedule(), 64)
      }
    let isText = play == .words
    return Recipe(
      name: play.rawValue, data: DataConfiguration(source: source),
      network: NetworkConfiguration(network), schedule: ScheduleConfiguration(schedule),
      objective: ObjectiveConfiguration(isText ? MaskingObjective() : DenoisingObjective()),
      training: TrainingConfiguration(
        batchSize: 16, steps: 1000, learningRate: LearningRateSchedule(1e-3), seed: 1),
      preview: PreviewConfiguration(
        SamplingConfiguration(
          isText ? FirstHitting(steps: 20) : DDIM(steps: 20), count: count), interval: 50))
  }
}

extension Message {
  /// What the first session's run tells.
  static func of(_ event: RunEvent) -> Message { .run(event, session: 0) }
}

extension RunListing {
  /// What a folder has: the run behind the screens, one that is complete, one that is damaged, and one
  /// that was never saved.
  static let staged = RunListing(
    runs: [
      RunSummary(
        folder: RunFolder(path: "runs/digits"), place: "/runs/digits", recipe: "digits",
        data: "digits14",
        network: "unet", step: 120, totalSteps: 1000, loss: 0.0675, seconds: 15,
        modified: 0, hasCheckpoint: true),
      RunSummary(
        folder: RunFolder(path: "runs/digits-1203"), recipe: "digits", data: "digits14",
        network: "unet", step: 20_000, totalSteps: 20_000, loss: 0.0312, seconds: 3725,
        modified: 0, hasCheckpoint: true),
      RunSummary(
        folder: RunFolder(path: "runs/swissroll-1102"), recipe: "swissroll",
        modified: 0,
        problem: "runs/swissroll-1102/checkpoint.safetensors: is 7 bytes long; more bytes "
          + "were expected"),
      RunSummary(
        folder: RunFolder(path: "runs/sine-1059"), recipe: "sine", data: "sine",
        network: "dense", step: 3, totalSteps: 300, loss: 0.9, seconds: 0.2,
        modified: 0),
    ],
    recipes: ["digits", "fashion", "sine", "swissroll"].map {
      RecipeLibrary.Entry(name: $0, path: $0, summary: "What \($0) is about")
    })
}

extension MemorizationFloor.Estimate {
  /// A floor that rises with the noise.
  static var staged: Self {
    let losses = (0..<NoiseLevelWindow.bins).map { max(0, Double($0 - 8) / 300) }
    return Self(
      loss: 0.032, standardError: 0.0003, lossesByLevel: losses,
      standardErrorsByLevel: losses.map { $0 / 20 }, rounds: 200)
  }
}

extension StepReport {
  /// A step of a run whose loss falls as 1/(1 + n/8) with some unrest.
  static func staged(step: Int, schedule: Schedule) -> StepReport {
    let loss = (1 + Double(step * 37 % 11 - 5) / 25) / (1 + Double(step) / 8)
    let timesteps = (0..<16).map { (step * 61 + $0 * 97) % schedule.count }
    return StepReport(
      metrics: StepMetrics(
        step: step, loss: loss, gradientNorm: 2 * loss, learningRate: 1e-3, averageDecay: 0.99,
        timesteps: timesteps.map(Double.init),
        sigmas: timesteps.map { schedule[$0].sigmaOverAlpha },
        sampleLosses: timesteps.map { loss * (2 - 1.5 * Double($0) / Double(schedule.count)) }),
      elapsed: Double(step) / 8, duration: 0.125)
  }
}

extension QualityRecord {
  /// Samples that get better with every step.
  static func staged(step: Int) -> QualityRecord {
    let value = 12 / Double(step)
    return QualityRecord(
      metric: .kid, features: "features of a digits14 classifier",
      averaged: Quality.Value(value, value * 0.8...value * 1.2),
      raw: Quality.Value(2 * value, value...3 * value), heldOut: 0.05, count: 200, seconds: 4,
      costShare: 0.048, isBest: true)
  }
}
