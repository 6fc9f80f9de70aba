import ArgumentParser
import Diffusion

/// Draws samples from a run's checkpoint, or from a folder of diffusers.
struct SampleCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sample", abstract: "Draw samples from a trained run into a file.",
    discussion: """
      What is not given is taken from the preview of the run's recipe, or from the folder's scheduler. \
      A PNG file shows the samples, a safetensors file has every frame of their path.
      """,
    version: Program.title)

  @Argument(
    help: ArgumentHelp(
      "A run's folder, such as runs/digits-1204, a checkpoint, or a diffusers folder.",
      valueName: "run"))
  var source: String

  @Option(help: "The number of samples.")
  var count: Int?

  @Option(help: "The number of sampling steps.")
  var steps: Int?

  @Option(help: "How each step is taken.")
  var sampler: SamplerKind?

  @Option(help: "DDIM's share of fresh noise, 0 to 1.")
  var eta: Double?

  @Option(help: "Where the noise starts.")
  var seed: Int?

  @Option(help: "The number of threads; by default one for each processor.")
  var threads: Int?

  @Option(
    name: .customLong("class"),
    help: ArgumentHelp("The class of all samples, where the network knows any.", valueName: "name"))
  var className: String?

  @Option(
    help: ArgumentHelp(
      "Begin with the tensor x_T of this file, and use its z in the steps, if it has one.",
      valueName: "file.safetensors"))
  var noise: String?

  @Option(
    help: ArgumentHelp("The file to write: .png or .safetensors.", valueName: "file"))
  var out: String

  func validate() throws {
    let whole = [
      ("count", count, 1...4096), ("steps", steps, 1...10_000), ("threads", threads, 1...1024),
    ]
    for case (let name, let value?, let range) in whole where !range.contains(value) {
      throw ValidationError(
        "--\(name) \(value): expected \(range.lowerBound) to \(range.upperBound)")
    }
    if let eta, !(0...1).contains(eta) { throw ValidationError("--eta \(eta): expected 0 to 1") }
    guard out.hasSuffix(".png") || out.hasSuffix(".safetensors") else {
      throw ValidationError("--out \(out): expected a name that ends with .png or .safetensors")
    }
    if let seed, seed < 0 { throw ValidationError("--seed \(seed): expected at least 0") }
  }

  func run() throws {
    if let threads { Parallel.threads = threads }
    let (weights, preview) = try load()
    let kind = weights.dataset.kind
    var request = SamplingRequest(
      number: 1, weights: weights, schedule: weights.schedule, sampling: sampling(preview))
    request.labels = try labels(weights)
    if let noise {
      let file = try NoiseFile(
        contentsOf: noise, sample: weights.network.sampleShape, kind: kind)
      guard count == nil || count == file.count else {
        throw CommandError(
          "\(noise) has noise for \(file.count) samples, --count asks for \(count ?? 0)")
      }
      request.sampling.count = file.count
      request.noise = file
    }
    let trajectory = try path(request)
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
      try frames.write(kind: kind, metadata: metadata(request), to: out)
      what = "\(last.total) frames"
    } else {
      let picture = draw(last, kind, range: weights.range)
      try PNG.write(picture, to: out)
      what = "\(picture.width)×\(picture.height)"
    }
    try Console.line(
      "\(out): \(last.shape.batch) samples by \(request.sampling.sampler.title) in "
        + "\(trajectory.steps.count - 1) steps from step \(Format.count(weights.step)) of \(source), "
        + what)
  }

  /// The path of a request, whose complaints about given noise name its file.
  private func path(_ request: SamplingRequest) throws -> Trajectory {
    do {
      return try request.makeTrajectory()
    } catch let error as RunError {
      guard let noise, case .littleNoise = error else { throw error }
      throw CommandError("\(noise): \(error)")
    }
  }

  private func metadata(_ request: SamplingRequest) -> [(String, String)] {
    [
      ("source", source), ("step", "\(request.weights.step)"),
      ("sampler", request.sampling.sampler.rawValue),
      ("schedule", request.schedule.family.rawValue), ("seed", "\(request.sampling.seed)"),
    ]
  }

  private func labels(_ weights: WeightsSnapshot) throws -> [Int] {
    guard let className else { return [] }
    guard weights.network.classes > 0 else {
      throw CommandError("--class \(className): the network of \(source) is told no class")
    }
    let names = weights.dataset.classNames
    guard let label = names.firstIndex(of: className) else {
      throw CommandError(
        "--class \(className): expected one of "
          + names.map { Wording.escaped($0) }.joined(separator: ", "))
    }
    return [label]
  }

  /// The averaged weights of the run, and its preview settings.
  private func load() throws -> (WeightsSnapshot, SamplingConfiguration) {
    if DiffusersFolder.isOne(source) {
      var configuration = try Recipe(diffusers: source, overrides: []).configuration()
      configuration.parent = source
      return (try TrainingSession(configuration).snapshot(), configuration.preview.sampling)
    }
    let folder = RunFolder(path: source)
    let path = ResourceFolders.isFolder(source) ? folder.checkpointPath : source
    let checkpoint = try path == source ? Checkpoint(contentsOf: source) : folder.checkpoint()
    let recipe = try Recipe(
      checkpoint.recipe, name: RecipeLibrary.name(ofFile: source), path: path)
    let session = try TrainingSession(try recipe.configuration(), resuming: checkpoint)
    return (session.snapshot(), recipe.preview.sampling)
  }

  private func sampling(_ preview: SamplingConfiguration) -> SamplingConfiguration {
    var sampling = preview
    if let count { sampling.count = count }
    if let steps { sampling.steps = steps }
    if let sampler { sampling.sampler = sampler }
    if let eta { sampling.eta = eta }
    if let seed { sampling.seed = UInt64(seed) }
    return sampling
  }

  private func draw(
    _ frame: Frame, _ kind: Dataset.Kind, range: ClosedRange<Float>
  ) -> Picture {
    let size = frame.shape.sampleCount
    let samples = (0..<frame.shape.batch).map { Array(frame.x[$0 * size..<($0 + 1) * size]) }
    var drawing = SamplePicture(kind: kind, shape: frame.shape.with(batch: 1), range: range)
    // Small pictures are hard to see point by point.
    drawing.enlargement = max(1, 64 / max(frame.shape.height, frame.shape.width))
    if kind == .signal { drawing.plotSide = 240 }
    return drawing.draw(samples)
  }
}
