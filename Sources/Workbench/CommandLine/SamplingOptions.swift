import ArgumentParser
import Diffusion
import TUI

/// How samples are drawn, apart from how many.
struct SamplerOptions: ParsableArguments {
  @Option(setting: .preview, "steps") var steps: RecipeOverride?
  @Option(setting: .preview, "sampler") var sampler: RecipeOverride?
  @Option(setting: .preview, "eta") var eta: RecipeOverride?
  @Option(setting: .preview, "variance") var variance: RecipeOverride?
  @Option(setting: .preview, "spacing") var spacing: RecipeOverride?
  @Option(setting: .preview, "clip") var clip: RecipeOverride?
  @Option(setting: .preview, "seed") var seed: RecipeOverride?
  @Option(setting: .preview, "prompt") var prompt: RecipeOverride?
  @Option(setting: .preview, "temperature") var temperature: RecipeOverride?
  @Option(setting: .preview, "confidence") var confidence: RecipeOverride?
  @Option(setting: .preview, "remasking") var remasking: RecipeOverride?
  @Option(setting: .preview, "class") var className: RecipeOverride?
  @Option(setting: .preview, "guidance") var guidance: RecipeOverride?
  @Option(setting: .preview, "guidance_rescale") var guidanceRescale: RecipeOverride?
  @Option(setting: .preview, "guidance_min") var guidanceMin: RecipeOverride?
  @Option(setting: .preview, "guidance_max") var guidanceMax: RecipeOverride?

  @Option(
    name: .customLong("set"),
    help: ArgumentHelp(
      "Override another key of [preview]; see workbench recipe keys preview.",
      valueName: "key=value"))
  var values: [String] = []

  /// What was said on the command line, as overrides of a recipe.
  func overrides() throws -> [RecipeOverride] {
    let options = [
      steps, sampler, eta, variance, spacing, clip, seed, prompt, temperature, confidence,
      remasking,
      className, guidance, guidanceRescale,
      guidanceMin, guidanceMax,
    ]
    return try options.compactMap(\.self)
      + values.map { try RecipeOverride(set: $0, inside: "preview") }
  }
}

extension SamplerOptions {
  /// The option that a complaint of the model is about; nil for the model itself.
  func option(about error: ModelError) -> String? {
    switch error {
    case .noClasses, .unknownClass: className?.option
    case .noGuidance: guidance?.option
    default: nil
    }
  }

  /// A way of sampling with these options, and with `others`, for a model at `path`.
  func apply(
    to own: SamplingConfiguration, along schedule: ScheduleConfiguration, path: String,
    with others: [RecipeOverride] = []
  ) throws -> SamplingConfiguration {
    var sampling = own
    let asked = try overrides()
    let reader = try RecipeReader("", path: path, overrides: others + asked)
    try reader.fill(&sampling, section: "preview")
    try sampling.refuseMoreSteps(than: schedule.timesteps, asked: asked)
    return sampling
  }
}

/// Along which schedule samples are drawn.
struct SamplingScheduleOption: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Sample along another schedule with as many levels; see workbench list schedules. (default: the "
        + "model's own)", valueName: "name"))
  var schedule: String?

  /// That schedule, as like the model's own as its settings allow.
  func schedule(insteadOf own: ScheduleConfiguration) throws -> ScheduleConfiguration {
    guard let schedule else { return own }
    guard var family = ScheduleConfiguration(named: schedule) else {
      throw ValidationError(
        "--schedule \(Wording.escaped(schedule)): expected one of "
          + Schedules.names.joined(separator: ", "))
    }
    family.timesteps = own.timesteps
    family.follow(try own.make())
    return family
  }
}

/// Which samples to draw: from which model, how many, and how.
struct SamplingOptions: ParsableArguments {
  @OptionGroup var source: ModelOptions

  @Option(setting: .preview, "count") var count: RecipeOverride?

  @OptionGroup var sampler: SamplerOptions
  @OptionGroup var along: SamplingScheduleOption
  @OptionGroup var threads: ThreadOption

  @Option(
    help: ArgumentHelp(
      "Start from the tensor x_T in this file; its tensor z, if present, is the noise of each step.",
      valueName: "file.safetensors"))
  var noise: String?

  /// The samples that the options describe, before the first step.
  ///
  /// `count` says how many are drawn where neither the options nor their noise do; nil for as many as
  /// the model's recipe says. `keepsFrames` says whether all frames stay in memory.
  func begin(
    count standard: ((Dataset.Kind) -> Int)? = nil, keepsFrames: Bool = false
  ) throws -> Drawn {
    threads.apply()
    return try source.path.hasPrefix(ExactModel.prefix)
      ? exact(standard, keepsFrames) : trained(standard, keepsFrames)
  }
}

extension SamplingOptions {
  /// Samples about to be drawn.
  struct Drawn {
    var trajectory: Trajectory
    var sampling: SamplingConfiguration
    var schedule: ScheduleConfiguration
    var format: SampleFormat
    /// What they come from, in words.
    var origin: String
    /// What they are conditioned on that the options do not say, as the end of a sentence; empty for nothing.
    var given = ""
    var step = 0

    private var steps: Int { trajectory.steps.count - 1 }

    /// How they are drawn, in words.
    var way: String {
      "\(type(of: sampling.sampler.value).title) in \(Wording.count(steps, "step"))"
    }

    /// The number of network evaluations, in words.
    var cost: String {
      Wording.count(sampling.sampler.value.evaluations(steps: steps), "network evaluation")
    }

    /// Follows the trajectory to its end, with a line of progress on a terminal; returns the last frame.
    func follow(_ body: (Frame) throws -> Void) throws -> Frame? {
      var progress = ProgressLine(total: trajectory.steps.count - 1, unit: "sampling step")
      var last: Frame?
      for frame in trajectory {
        guard frame.isFinite else {
          throw CommandError("the samples are no longer finite at sampling step \(frame.index)")
        }
        last = frame
        try body(frame)
        if Console.isTerminal { try progress.show(frame.index, isLast: frame.isLast) }
      }
      return last
    }
  }

  /// The samples of a trained model.
  private func trained(
    _ standard: ((Dataset.Kind) -> Int)?, _ keepsFrames: Bool
  ) throws -> Drawn {
    let model = try source.open()
    let schedule = try along.schedule(insteadOf: model.schedule)
    var sampling = try sampling(
      of: model.sampling, along: schedule, standard?(model.format.kind))
    let given = try noise.map { path in
      try NoiseFile(contentsOf: path, sample: model.network.sampleShape, kind: model.format.kind)
    }
    if let given, let noise {
      guard count == nil || sampling.count == given.count else {
        throw CommandError(
          "\(noise) has noise for \(given.count) samples, but --count is \(sampling.count)")
      }
      sampling.count = given.count
    }
    try MemoryNeed.checkSampling(
      model, model.format.shape, sampling, along: schedule.make(), keepsFrames: keepsFrames)
    return Drawn(
      trajectory: try path(model, sampling, schedule, given), sampling: sampling,
      schedule: schedule,
      format: model.format,
      origin: "step \(Numbers.grouped(model.step)) of \(Wording.escaped(source.path))",
      given: Self.given(to: model, sampling), step: model.step)
  }

  private static func given(to model: Model, _ sampling: SamplingConfiguration) -> String {
    guard model.network.enlargement > 0 else { return "" }
    let small = model.network.smallShape
    let heldOut = (model.dataConfiguration?.validation ?? 0) > 0
    return
      ", enlarging the first \(sampling.count) \(heldOut ? "held-out" : "training") images from "
      + "\(small.height)×\(small.width)"
  }

  /// The samples of an ideal denoiser, along the schedule of a recipe or the cosine one.
  private func exact(
    _ standard: ((Dataset.Kind) -> Int)?, _ keepsFrames: Bool
  ) throws -> Drawn {
    if noise != nil || sampler.className != nil || sampler.guidance != nil {
      throw ValidationError(
        "an ideal denoiser takes no --noise, --class or --guidance; leave them out")
    }
    let recipe = try source.recipe.map { try Recipe.load($0) }
    let model = try ExactModel(source.path)
    let isText = model.format.maskedText != nil
    let own = ScheduleConfiguration(isText ? MaskingSchedule() : CosineSchedule())
    let schedule = try along.schedule(insteadOf: recipe?.schedule ?? own)
    let sampling = try sampling(
      of: recipe?.preview.sampling ?? SamplingConfiguration(isText ? FirstHitting() : DDIM()),
      along: schedule, standard?(model.format.kind))
    let levels = try schedule.make()
    try sampling.check(along: levels, learnsVariance: false, isText: isText)
    try MemoryNeed.checkSampling(
      nil, model.format.shape, sampling, along: levels, keepsFrames: keepsFrames)
    let trajectory = try trajectory(of: model, sampling, along: levels)
    return Drawn(
      trajectory: trajectory, sampling: sampling, schedule: schedule, format: model.format,
      origin: Wording.escaped(source.path))
  }

  private func trajectory(
    of model: ExactModel, _ sampling: SamplingConfiguration, along schedule: Schedule
  ) throws -> Trajectory {
    guard model.format.maskedText != nil else {
      return Trajectory(
        sampling, schedule: schedule, sample: model.format.shape.with(batch: 1),
        dataRange: model.format.range, denoiser: model.denoiser)
    }
    do {
      return try Trajectory(
        text: sampling, schedule: schedule, model.format, denoiser: model.denoiser)
    } catch {
      throw CommandError("\(sampler.prompt?.option ?? source.path): \(error)")
    }
  }

  /// The standard way of sampling with this command's options.
  private func sampling(
    of own: SamplingConfiguration, along schedule: ScheduleConfiguration, _ count: Int?
  ) throws -> SamplingConfiguration {
    var own = own
    if let count { own.count = count }
    return try sampler.apply(
      to: own, along: schedule, path: source.path, with: [self.count].compactMap(\.self))
  }

  /// The path of samples, whose complaints name the option or file they are about.
  private func path(
    _ model: Model, _ sampling: SamplingConfiguration, _ schedule: ScheduleConfiguration,
    _ given: NoiseFile?
  ) throws -> Trajectory {
    do {
      return try model.trajectory(sampling, along: schedule, noise: given)
    } catch let error as ModelError {
      let place: String? =
        if case .noiseStepMismatch = error { noise } else { sampler.option(about: error) }
      throw CommandError("\(place ?? source.path): \(error)")
    } catch let error as PromptError {
      throw CommandError("\(sampler.prompt?.option ?? source.path): \(error)")
    }
  }
}

extension SamplingConfiguration {
  /// Rejects an option that asks for more steps than the schedule has levels; what recipes say goes on
  /// level by level, so that it holds for any schedule.
  func refuseMoreSteps(than levels: Int, asked options: [RecipeOverride]) throws(RecipeError) {
    guard steps > levels, let asked = options.last(where: { $0.key.name == "steps" }) else {
      return
    }
    throw RecipeError(
      asked.option, "the schedule has only \(levels) levels; expected no more steps than that")
  }
}

/// Which model a command is about.
struct ModelOptions: ParsableArguments {
  @Argument(
    help: ArgumentHelp(
      "A run's folder, such as runs/digits-1204, a checkpoint, a diffusers folder, or, with --recipe, "
        + "any weights file. sample also takes exact:DATA, exact:gaussian and exact:mixture: "
        + "denoisers that need no training.", valueName: "model"))
  var path: String

  @Option(help: "The recipe that describes the network; needed with a bare weights file.")
  var recipe: String?

  /// Opens it.
  func open(raw: Bool = false) throws -> Model {
    let folder = RunFolder(path: path)
    if ResourceFolders.isFolder(path), !DiffusersFolder.exists(at: path) {
      _ = try folder.checkpoint()
    }
    do {
      let recipe = try recipe.map { try Recipe.load($0) }
      if recipe != nil, (try? Model(contentsOf: path, raw: raw)) != nil {
        throw ValidationError(
          "--recipe: \(Wording.escaped(path)) says itself what its weights are; expected no recipe")
      }
      return try Model(contentsOf: path, recipe: recipe, raw: raw)
    } catch ModelError.noRecipe {
      throw CommandError(
        "\(path): has weights but does not describe their network; name its recipe with --recipe")
    }
  }
}
