import ArgumentParser
import Diffusion
import TUI

/// Changes images with a trained model.
struct EditCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "edit",
    abstract:
      "Edit images with a trained model: denoise, fill in, enlarge, colour, vary, interpolate.",
    discussion: """
      The file shows what was given, the results and their differences side by side, a row for each \
      result. Instead of an image, the truth can be given: what a task needs is then made from it, and the \
      results are compared with it. docs/editing.md describes the methods and how far they can be trusted.
      """,
    version: WorkbenchMain.title)

  @OptionGroup var source: ModelOptions

  @Option(
    help: ArgumentHelp(
      "What to do: \(Task.allCases.map { "\($0.rawValue) (\($0.meaning))" }.joined(separator: ", ")).",
      valueName: "task"))
  var task: Task

  @OptionGroup var images: EditImageOptions
  @OptionGroup var strengths: EditStrengthOptions

  @Option(
    parsing: .unconditional,
    help: "The number of results, or of images of an interpolation. (default: 4, or 8)")
  var count: Int?

  @OptionGroup var sampler: SamplerOptions
  @OptionGroup var threads: ThreadOption

  @Option(
    help: ArgumentHelp(
      "Also write every frame of the trajectory.", valueName: "file.safetensors"))
  var frames: String?

  @Option(help: ArgumentHelp("The image to write.", valueName: "file.png"))
  var out: String

  typealias Task = ImageTask

  func validate() throws {
    try check("--count", count, in: (task == .interpolate ? 2 : 1)...256)
    try require(out, ".png", for: "--out")
    if let frames { try require(frames, ".safetensors", for: "--frames") }
    try images.validate(for: task)
    try strengths.validate(for: task)
  }

  private func require(_ path: String, _ ending: String, for option: String) throws {
    guard path.hasSuffix(ending) else {
      throw ValidationError(
        "\(option) \(Wording.escaped(path)): expected a name that ends with \(ending)")
    }
  }

  func run() throws {
    threads.apply()
    let count = count ?? (task == .interpolate ? 8 : 4)
    let subject = try EditSubject(
      source, sampler, count: count, prefersNoNoise: task == .interpolate)
    let enlargement = subject.model?.network.enlargement ?? 0
    let job = try EditJob(
      self, subject.format, seed: subject.sampling.seed, enlargement: enlargement)
    let trajectory = try start(job, subject, count)
    try MemoryNeed.checkSampling(
      subject.model, subject.format.shape, subject.sampling, along: subject.schedule,
      keepsFrames: frames != nil, frames: trajectory.steps.count,
      differentiates: enlargement == 0 && job.edit.differentiates)
    var kept = FramesFile()
    let last = try follow(trajectory) { if frames != nil { kept.add($0) } }
    if let frames {
      try kept.write(kind: .image, metadata: [("task", task.rawValue)], to: frames)
    }
    let report = EditReport(job.edit, results: last.samples, subject.format)
    let image = report.image()
    try PNG.write(image, to: out)
    let way = type(of: subject.sampling.sampler.value).title
    try Console.line(
      "\(Wording.escaped(out)): \(Wording.count(count, "result")) by \(way) in "
        + "\(Wording.count(trajectory.steps.count - 1, "step")) from \(subject.origin), "
        + (enlargement > 0 ? "a network that was trained to enlarge images, " : "")
        + "\(image.width)×\(image.height); \(report.legend)")
    for line in job.notes + report.similarities { try Console.line(line) }
  }

  private func start(_ job: EditJob, _ subject: EditSubject, _ count: Int) throws -> Trajectory {
    let editor = try subject.editor(sampler)
    do {
      return try job.edit.trajectory(by: editor, count: count)
    } catch {
      throw CommandError("\(job.place ?? source.path): \(error)")
    }
  }

  private func follow(_ trajectory: Trajectory, _ body: (Frame) -> Void) throws -> Frame {
    var progress = ProgressLine(total: trajectory.steps.count - 1, unit: "sampling step")
    while let frame = trajectory.next() {
      guard frame.isFinite else {
        throw CommandError("the samples are no longer finite at sampling step \(frame.index)")
      }
      body(frame)
      if Console.isTerminal { try progress.show(frame.index, isLast: frame.isLast) }
      if frame.isLast { return frame }
    }
    preconditionFailure("a trajectory ends with its last frame")
  }
}

extension ImageTask: ExpressibleByArgument {}

/// The model that edits, or a denoiser that needs no training.
struct EditSubject {
  let model: Model?
  let exact: ExactModel?
  let format: SampleFormat
  let sampling: SamplingConfiguration
  let schedule: Schedule
  /// What edits, in words.
  let origin: String
  private let path: String

  /// A model with the sampler of its recipe, unless that draws noise and none should, and with the options.
  init(
    _ source: ModelOptions, _ options: SamplerOptions, count: Int, prefersNoNoise: Bool
  ) throws {
    path = source.path
    let levels: ScheduleConfiguration
    var own: SamplingConfiguration
    if path.hasPrefix(ExactModel.prefix) {
      let recipe = try source.recipe.map { try Recipe.load($0) }
      let exact = try ExactModel(path)
      if options.className != nil || options.guidance != nil {
        throw ValidationError("an ideal denoiser takes no --class or --guidance; leave them out")
      }
      (model, self.exact, format) = (nil, exact, exact.format)
      levels = recipe?.schedule ?? ScheduleConfiguration(CosineSchedule())
      own = recipe?.preview.sampling ?? SamplingConfiguration()
      origin = Wording.escaped(path)
    } else {
      let model = try source.open()
      (self.model, exact, format) = (model, nil, model.format)
      (levels, own) = (model.schedule, model.sampling)
      origin = "step \(Numbers.grouped(model.step)) of \(Wording.escaped(path))"
    }
    guard format.kind == .image else {
      throw CommandError(
        "\(path): makes \(format.kind == .text ? "text" : format.kind == .points ? "points" : "signals"); expected a model of images"
      )
    }
    own.count = count
    if prefersNoNoise, own.sampler.value.isStochastic {
      own.sampler = SamplerConfiguration(DDIM(steps: own.steps))
    }
    sampling = try options.apply(to: own, along: levels, path: path)
    schedule = try levels.make()
  }

  func editor(_ options: SamplerOptions) throws -> Editor {
    do {
      if let model { return try Editor(model, sampling) }
      guard let exact else { preconditionFailure("a subject is a model or a formula") }
      return try Editor(exact.denoiser, format, sampling, along: schedule)
    } catch let error as ModelError {
      throw CommandError("\(options.option(about: error) ?? path): \(error)")
    }
  }
}
