import ArgumentParser
import Diffusion
import TUI

/// Draws samples from a model.
struct SampleCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sample", abstract: "Draw samples from a trained model into a file.",
    discussion: """
      What is not given is taken from the preview of the run's recipe, or from the folder's scheduler. \
      A PNG file shows the samples, a safetensors file has every frame of their path.
      """,
    version: WorkbenchMain.title)

  @OptionGroup var source: ModelOptions

  @Option(setting: .preview, "count") var count: RecipeOverride?
  @Option(setting: .preview, "steps") var steps: RecipeOverride?
  @Option(setting: .preview, "sampler") var sampler: RecipeOverride?
  @Option(setting: .preview, "eta") var eta: RecipeOverride?
  @Option(setting: .preview, "variance") var variance: RecipeOverride?
  @Option(setting: .preview, "spacing") var spacing: RecipeOverride?
  @Option(setting: .preview, "clip") var clip: RecipeOverride?
  @Option(setting: .preview, "seed") var seed: RecipeOverride?
  @Option(setting: .preview, "class") var className: RecipeOverride?
  @Option(setting: .preview, "guidance") var guidance: RecipeOverride?

  @Option(
    name: .customLong("set"),
    help: ArgumentHelp(
      "Override another value of the preview; see workbench recipe keys preview.",
      valueName: "key=value"))
  var values: [String] = []

  @OptionGroup var threads: ThreadOption

  @Option(
    help: ArgumentHelp(
      "Begin with the tensor x_T of this file, and use its z in the steps, if it has one.",
      valueName: "file.safetensors"))
  var noise: String?

  @Option(
    help: ArgumentHelp("The file to write: .png or .safetensors.", valueName: "file"))
  var out: String

  func validate() throws {
    guard out.hasSuffix(".png") || out.hasSuffix(".safetensors") else {
      throw ValidationError(
        "--out \(Wording.escaped(out)): expected a name that ends with .png or .safetensors")
    }
  }

  func run() throws {
    threads.apply()
    let drawn = try source.path.hasPrefix(ExactModel.prefix) ? exact() : trained()
    let (trajectory, sampling) = (drawn.trajectory, drawn.sampling)
    var progress = ProgressLine(total: trajectory.steps.count - 1, unit: "sampling step")
    var last: Frame?
    var frames = FramesFile()
    let keepsFrames = out.hasSuffix(".safetensors")
    for frame in trajectory {
      guard frame.isFinite else {
        throw CommandError("the samples stopped being finite at sampling step \(frame.index)")
      }
      last = frame
      if keepsFrames { frames.add(frame) }
      if Console.isTerminal { try progress.show(frame.index, isLast: frame.isLast) }
    }
    guard let last else { return }
    let what: String
    if keepsFrames {
      try frames.write(kind: drawn.format.kind, metadata: metadata(drawn), to: out)
      what = "\(last.frameCount) frames"
    } else {
      let picture = draw(last, drawn.format)
      try PNG.write(picture, to: out)
      what = "\(picture.width)×\(picture.height)"
    }
    try Console.line(
      "\(Wording.escaped(out)): \(last.shape.batch) samples by "
        + "\(type(of: sampling.sampler.value).title) in \(trajectory.steps.count - 1) steps from "
        + "\(drawn.origin), \(what)")
  }

  /// Samples about to be drawn.
  private struct Drawn {
    var trajectory: Trajectory
    var sampling: SamplingConfiguration
    var schedule: ScheduleConfiguration
    var format: SampleFormat
    /// What they come from, in words.
    var origin: String
    var step = 0
  }

  /// The samples of a trained model.
  private func trained() throws -> Drawn {
    let model = try source.open()
    var sampling = try sampling(of: model.sampling, along: model.schedule)
    let given = try noise.map { path in
      try NoiseFile(contentsOf: path, sample: model.network.sampleShape, kind: model.format.kind)
    }
    if let given, let noise {
      guard count == nil || sampling.count == given.count else {
        throw CommandError(
          "\(noise) has noise for \(given.count) samples, --count asks for \(sampling.count)")
      }
      sampling.count = given.count
    }
    return Drawn(
      trajectory: try path(model, sampling, given), sampling: sampling, schedule: model.schedule,
      format: model.format,
      origin: "step \(Numbers.grouped(model.step)) of \(Wording.escaped(source.path))",
      step: model.step)
  }

  /// The samples of an exact denoiser, along the schedule of a recipe or the cosine one.
  private func exact() throws -> Drawn {
    if noise != nil || className != nil || guidance != nil {
      throw ValidationError(
        "an exact denoiser takes no --noise, --class or --guidance; leave them out")
    }
    let recipe = try source.recipe.map { try Recipe.load($0) }
    let schedule = recipe?.schedule ?? ScheduleConfiguration(CosineSchedule())
    let model = try ExactModel(source.path)
    let sampling = try sampling(
      of: recipe?.preview.sampling ?? SamplingConfiguration(), along: schedule)
    let trajectory = Trajectory(
      sampling, schedule: try schedule.make(), sample: model.format.shape.with(batch: 1),
      dataRange: model.format.range, denoiser: model.denoiser)
    return Drawn(
      trajectory: trajectory, sampling: sampling, schedule: schedule, format: model.format,
      origin: Wording.escaped(source.path))
  }

  /// The standard way of sampling with this command's options.
  private func sampling(
    of standard: SamplingConfiguration, along schedule: ScheduleConfiguration
  ) throws -> SamplingConfiguration {
    let options = [
      count, steps, sampler, eta, variance, spacing, clip, seed, className, guidance,
    ]
    var sampling = standard
    let others = try values.map { try RecipeOverride(set: $0, inside: "preview") }
    let reader = try RecipeReader(
      "", path: source.path, overrides: options.compactMap(\.self) + others)
    try reader.fill(&sampling, section: "preview")
    let levels = schedule.timesteps
    if let steps, sampling.steps > levels {
      throw RecipeError(steps.option, "the schedule has \(levels) levels; expected no more steps")
    }
    return sampling
  }

  /// The path of samples, whose complaints name the option or file they are about.
  private func path(
    _ model: Model, _ sampling: SamplingConfiguration, _ given: NoiseFile?
  ) throws -> Trajectory {
    do {
      return try model.trajectory(sampling, noise: given)
    } catch let error as ModelError {
      let place: String? =
        switch error {
        case .noiseStepMismatch: noise
        case .noClasses, .unknownClass: className?.option
        case .noGuidance: guidance?.option
        default: source.path
        }
      throw CommandError("\(place ?? source.path): \(error)")
    }
  }

  private func metadata(_ drawn: Drawn) -> [(String, String)] {
    [
      ("source", source.path), ("step", "\(drawn.step)"),
      ("sampler", drawn.sampling.sampler.name), ("schedule", drawn.schedule.name),
      ("seed", "\(drawn.sampling.seed)"),
    ]
  }

  private func draw(_ frame: Frame, _ format: SampleFormat) -> Picture {
    let size = frame.shape.sampleCount
    let samples = (0..<frame.shape.batch).map { Array(frame.x[$0 * size..<($0 + 1) * size]) }
    // Small pictures are hard to see point by point.
    var drawing = SamplePicture(
      format, enlargement: max(1, 64 / max(frame.shape.height, frame.shape.width)))
    if format.kind == .signal { drawing.plotSide = 240 }
    return drawing.draw(samples)
  }
}

/// Which model a command is about.
struct ModelOptions: ParsableArguments {
  @Argument(
    help: ArgumentHelp(
      "A run's folder, such as runs/digits-1204, a checkpoint, a diffusers folder, or, with --recipe, "
        + "any weights file. sample also takes exact:DATA, exact:gaussian and exact:mixture: "
        + "denoisers that are known without training.", valueName: "model"))
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
      return try Model(
        contentsOf: path, recipe: recipe.map { try Recipe.load($0) }, raw: raw)
    } catch ModelError.noRecipe {
      throw CommandError(
        "\(path): has weights, but does not say of which network; name its recipe with --recipe")
    }
  }
}
