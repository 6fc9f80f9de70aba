import ArgumentParser
import Diffusion

/// Draws samples from a run's checkpoint.
struct SampleCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sample", abstract: "Draw samples from a trained run into a PNG file.",
    discussion: "What is not given is taken from the preview of the run's recipe.",
    version: Program.title)

  @Argument(
    help: ArgumentHelp(
      "A run's folder, such as runs/digits-1204, or a checkpoint file.", valueName: "run"))
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

  @Option(help: ArgumentHelp("The picture to write.", valueName: "file.png"))
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
    if let seed, seed < 0 { throw ValidationError("--seed \(seed): expected at least 0") }
  }

  func run() throws {
    if let threads { Parallel.threads = threads }
    let (weights, preview, kind) = try load()
    let request = SamplingRequest(
      number: 1, weights: weights, schedule: weights.schedule, sampling: sampling(preview))
    let trajectory = try request.makeTrajectory()
    var progress = ProgressLine(total: trajectory.steps.count - 1, unit: "sampling step")
    var last: Frame?
    for frame in trajectory {
      guard frame.isFinite else {
        throw CommandError("the samples stopped being finite at sampling step \(frame.index)")
      }
      last = frame
      if Console.isTerminal { try progress.show(frame.index, isLast: frame.isLast) }
    }
    guard let last else { return }
    let picture = draw(last, kind, range: weights.range)
    try PNG.write(picture, to: out)
    try Console.line(
      "\(out): \(last.shape.batch) samples by \(request.sampling.sampler.title) in "
        + "\(trajectory.steps.count - 1) steps from step \(Format.count(weights.step)) of \(source), "
        + "\(picture.width)×\(picture.height)")
  }

  /// The averaged weights of the run, its preview settings, and what its samples are.
  private func load() throws -> (WeightsSnapshot, SamplingConfiguration, Dataset.Kind) {
    let folder = RunFolder(path: source)
    let path = ResourceFolders.isFolder(source) ? folder.checkpointPath : source
    let checkpoint = try path == source ? Checkpoint(contentsOf: source) : folder.checkpoint()
    let recipe = try Recipe(
      checkpoint.recipe, name: RecipeLibrary.name(ofFile: source), path: path)
    let session = try TrainingSession(try recipe.configuration(), resuming: checkpoint)
    return (session.snapshot(), recipe.preview.sampling, session.dataset.kind)
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
