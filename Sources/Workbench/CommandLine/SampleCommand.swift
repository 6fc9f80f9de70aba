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
    let model = try source.open()
    var sampling = try sampling(of: model)
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
    let trajectory = try path(model, sampling, given)
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
      try frames.write(kind: model.format.kind, metadata: metadata(model, sampling), to: out)
      what = "\(last.total) frames"
    } else {
      let picture = draw(last, model.format)
      try PNG.write(picture, to: out)
      what = "\(picture.width)×\(picture.height)"
    }
    try Console.line(
      "\(Wording.escaped(out)): \(last.shape.batch) samples by "
        + "\(type(of: sampling.sampler.value).title) in \(trajectory.steps.count - 1) steps from "
        + "step \(Numbers.grouped(model.step)) of \(Wording.escaped(source.path)), \(what)")
  }

  /// The model's way of sampling with this command's options.
  private func sampling(of model: Model) throws -> SamplingConfiguration {
    let options = [
      count, steps, sampler, eta, variance, spacing, clip, seed, className, guidance,
    ]
    var sampling = model.sampling
    let reader = try RecipeReader(
      "", path: source.path, overrides: options.compactMap(\.self))
    try reader.fill(&sampling, section: "preview")
    let levels = model.schedule.timesteps
    if let steps, sampling.steps > levels {
      throw RecipeError(steps.option, "the schedule has \(levels) levels, expected no more steps")
    }
    return sampling
  }

  /// The path of samples, whose complaints name the option or file they are about.
  private func path(
    _ model: Model, _ sampling: SamplingConfiguration, _ given: NoiseFile?
  ) throws -> Trajectory {
    do {
      return try model.path(sampling, noise: given)
    } catch let error as ModelError {
      let place: String? =
        switch error {
        case .otherNoise: noise
        case .noClasses, .unknownClass: className?.option
        case .noGuidance: guidance?.option
        default: source.path
        }
      throw CommandError("\(place ?? source.path): \(error)")
    }
  }

  private func metadata(
    _ model: Model, _ sampling: SamplingConfiguration
  ) -> [(String, String)] {
    [
      ("source", source.path), ("step", "\(model.step)"), ("sampler", sampling.sampler.name),
      ("schedule", model.schedule.name), ("seed", "\(sampling.seed)"),
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
      "A run's folder, such as runs/digits-1204, a checkpoint, a diffusers folder, or with --recipe "
        + "any file of weights.", valueName: "model"))
  var path: String

  @Option(help: "The recipe of the network that a file of weights is of.")
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
