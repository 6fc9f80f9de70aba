import ArgumentParser
import Diffusion
import TUI

/// Measures the quality of samples.
struct EvaluateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "evaluate",
    abstract: "Evaluate samples of a model, or of another program, against real data.",
    discussion: """
      Each metric is shown with its 95 % bootstrap interval, beside its yardstick: the same \
      metric of held-out real samples. Metrics use features from a classifier trained on the data \
      itself, so they cannot be compared with those of other data or with published ones. \
      docs/evaluating-samples.md explains each metric.
      """,
    version: WorkbenchMain.title)

  @Argument(
    help: ArgumentHelp(
      "What to sample: a run's folder, a checkpoint, a diffusers folder, exact:DATA or, with --recipe, any "
        + "weights file. Or finished samples: a folder of PNG files, one sample each, or an NPY or "
        + "safetensors file.", valueName: "run|folder|file"))
  var path: String

  @Option(
    help: ArgumentHelp(
      "The real data: a built-in set or a file; by default what the run was trained on.",
      valueName: "data"))
  var against: String?

  @Option(help: "The number of samples to draw. (default: 2000)")
  var count: Int?

  @Flag(help: "Evaluate the raw weights instead of their moving average.")
  var raw = false

  @Option(help: "The recipe that describes the network; needed with a bare weights file.")
  var recipe: String?

  @Option(
    help: ArgumentHelp(
      "own: features from a classifier trained on the data, the points themselves, or a signal's spectrum; "
        + "pixels: the pixels themselves."))
  var features: FeatureChoice = .own

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "The values of black and white in an array of images; by default guessed from the array.",
      valueName: SampleFiles.Scale.allCases.map(\.rawValue).joined(separator: "|")),
    transform: Self.scale)
  var scale: SampleFiles.Scale?

  @OptionGroup var sampler: SamplerOptions
  @OptionGroup var along: SamplingScheduleOption
  @OptionGroup var threads: ThreadOption

  @Option(help: "How the metrics are printed.")
  var format: ReportFormat = .text

  @Option(
    help: ArgumentHelp(
      "Write the samples as an image, the most typical first.", valueName: "file.png"))
  var out: String?

  @Option(
    help: ArgumentHelp(
      "Write the samples closest to training samples as an image, each beside its nearest training sample.",
      valueName: "file.png"))
  var pairs: String?

  private static func scale(_ text: String) throws -> SampleFiles.Scale {
    guard let scale = SampleFiles.Scale(rawValue: text) else {
      throw ValidationError(
        "--scale \(Wording.escaped(text)): expected "
          + SampleFiles.Scale.allCases.map(\.rawValue).joined(separator: ", "))
    }
    return scale
  }

  func validate() throws {
    if let count, !(12...100_000).contains(count) {
      throw ValidationError("--count \(count): expected 12 to 100000")
    }
    for (option, file) in [("--out", out), ("--pairs", pairs)] {
      if let file, !file.hasSuffix(".png") {
        throw ValidationError(
          "\(option) \(Wording.escaped(file)): expected a name that ends with .png")
      }
    }
  }

  func run() throws {
    threads.apply()
    try BLAS.load()
    let source = try JudgedSource(self)
    let data = try source.data(self)
    let dataset = try data.wholeSet()
    if dataset.kind == .text { return try judgeText(source, data) }
    if pairs != nil, dataset.kind == .points {
      throw ValidationError("--pairs needs images or signals, not points; leave it out")
    }
    // What cannot be judged is said before anything is drawn.
    let given = try source.read(as: dataset, scale)
    let found = try FeatureSource.ready(of: dataset, by: features, quiet: format == .json)
    let reference = QualityReference(
      try RealData(data, withClassifier: found.isClassifier), found.extractor)
    if let given, let problem = reference.problem(with: given.samples) { throw problem }

    let clock = ContinuousClock()
    let start = clock.now
    let drawn = try given ?? source.draw(self, as: dataset.format, of: dataset.name)
    let middle = clock.now
    let quality = try reference.quality(of: drawn.samples)
    let seconds = (
      drawing: given == nil ? (middle - start) / .seconds(1) : nil,
      judging: (clock.now - middle) / .seconds(1)
    )
    let images = QualityImages(quality, drawn.samples, reference.data.training)
    if let out { try PNG.write(images.sorted(), to: out) }
    if let pairs { try PNG.write(images.pairs(), to: pairs) }
    let report = QualityReport(
      samples: drawn.origin, quality: quality, classifier: found.classifier,
      drawingSeconds: seconds.drawing, judgingSeconds: seconds.judging)
    switch format {
    case .text:
      try Console.write(report.text)
      if let out { try Console.line("\(Wording.escaped(out)): samples, the most typical first") }
      if let pairs {
        try Console.line(
          "\(Wording.escaped(pairs)): samples, each beside the training sample nearest to it")
      }
    case .json: try Console.json(JSONLines.line(report))
    }
  }
}

extension FeatureSource {
  /// The classifier, where the features are of one.
  var classifier: FeatureClassifier? {
    if case .classifier(let classifier) = extractor { classifier } else { nil }
  }

  var isClassifier: Bool { classifier != nil }
}

// MARK: - What is judged

/// Samples with where they come from, in words.
struct JudgedSamples {
  let samples: Dataset
  let origin: String
}

/// What a command's path names: a model, or samples.
enum JudgedSource {
  /// How many samples of a model are drawn where nothing says.
  private static let standardCount = 2000

  case model(Model)
  case exact(ExactModel, SamplingConfiguration, ScheduleConfiguration)
  case samples(String)

  init(_ command: EvaluateCommand) throws {
    let path = command.path
    if path.hasPrefix(ExactModel.prefix) {
      if command.raw {
        throw ValidationError("--raw: \(Wording.escaped(path)) has no weights; leave it out")
      }
      let recipe = try command.recipe.map { try Recipe.load($0) }
      self = .exact(
        try ExactModel(path), recipe?.preview.sampling ?? SamplingConfiguration(),
        recipe?.schedule ?? ScheduleConfiguration(CosineSchedule()))
      return
    }
    let isModel =
      DiffusersFolder.exists(at: path) || RunFolder(path: path).isRun
      || Checkpoint.exists(at: path) || command.recipe != nil
    guard isModel else {
      self = .samples(path)
      let ofDrawing =
        try command.sampler.overrides().map(\.option)
        + (command.along.schedule == nil ? [] : ["--schedule"])
      let option = command.count != nil ? "--count" : command.raw ? "--raw" : ofDrawing.first
      if let option {
        throw ValidationError(
          "\(option): \(Wording.escaped(path)) already holds samples, so none are drawn; leave it out"
        )
      }
      return
    }
    var options = ModelOptions()
    (options.path, options.recipe) = (path, command.recipe)
    self = .model(try options.open(raw: command.raw))
  }

  /// The data that the samples are compared with.
  func data(_ command: EvaluateCommand) throws -> DataConfiguration {
    var own: DataConfiguration?
    switch self {
    case .model(let model): own = model.dataConfiguration
    case .exact:
      let name = String(command.path.dropFirst(ExactModel.prefix.count))
      own = DataCatalog.exists(name) ? DataConfiguration(source: name) : nil
    case .samples: break
    }
    if let source = command.against {
      // The run's own data, named again, keep its classes and what was held out.
      if let own, own.source == source { return own }
      var data = DataConfiguration(source: source)
      if case .model(let model) = self, model.format.range == 0...1 { data.range = .unit }
      return data
    }
    guard let own else {
      throw ValidationError(
        "\(Wording.escaped(command.path)) does not say what data to compare with; add --against DATA, "
          + "such as digits14")
    }
    return own
  }

  /// The samples in the files; nil for a model.
  func read(as dataset: Dataset, _ scale: SampleFiles.Scale?) throws -> JudgedSamples? {
    guard case .samples(let path) = self else {
      if scale != nil {
        throw ValidationError("--scale only applies to files of samples; leave it out")
      }
      return nil
    }
    let contents = try SampleFiles.read(path, as: dataset.format, scale: scale)
    let read = contents.scale.map { ", read as \($0.rawValue)" } ?? ""
    return JudgedSamples(
      samples: contents.samples,
      origin:
        "\(Numbers.grouped(contents.samples.count)) samples of \(Wording.escaped(path))\(read)")
  }

  /// Samples of the model, drawn now.
  func draw(
    _ command: EvaluateCommand, as real: SampleFormat, of name: String
  ) throws -> JudgedSamples {
    let sampling: SamplingConfiguration
    let format: SampleFormat
    let make: (SamplingConfiguration) throws -> Trajectory
    let origin: String
    switch self {
    case .samples: preconditionFailure("samples in files are read, not drawn")
    case .model(let model):
      let schedule = try command.along.schedule(insteadOf: model.schedule)
      sampling = try command.sampler.apply(
        to: model.sampling, along: schedule, path: command.path)
      format = model.format
      make = { try model.trajectory($0, along: schedule) }
      let weights =
        DiffusersFolder.exists(at: command.path)
        ? "" : command.raw ? ", raw weights" : ", averaged weights"
      let along = command.along.schedule == nil ? "" : ", along the \(schedule.name) schedule"
      origin =
        "step \(Numbers.grouped(model.step)) of \(Wording.escaped(command.path))\(weights)\(along)"
    case .exact(let model, let own, let usual):
      let schedule = try command.along.schedule(insteadOf: usual)
      sampling = try command.sampler.apply(to: own, along: schedule, path: command.path)
      format = model.format
      let levels = try schedule.make()
      try sampling.check(along: levels, learnsVariance: false)
      make = {
        Trajectory(
          $0, schedule: levels, sample: model.format.shape.with(batch: 1),
          dataRange: model.format.range, denoiser: model.denoiser)
      }
      origin = Wording.escaped(command.path)
    }
    guard format.shape == real.shape else {
      let (own, real) = (format.shape, real.shape)
      throw CommandError(
        "\(command.path): makes samples of \(own.height)×\(own.width)×\(own.channels); expected "
          + "\(real.height)×\(real.width)×\(real.channels) as \(name) has")
    }
    guard format.text?.alphabet == real.text?.alphabet else {
      throw CommandError(
        "\(command.path): makes text in another alphabet; expected that of \(name)")
    }
    let count = command.count ?? Self.standardCount
    var progress = ProgressLine(total: count, unit: "sample")
    let samples: Dataset?
    do {
      samples = try SampleDrawing(sampling, count: count).draw(
        name: command.path, format, by: make
      ) { done in
        if command.format == .text {
          try progress.show(Int(done), isLast: Int(done) == count)
        }
        return true
      }
    } catch let error as ModelError {
      throw CommandError("\(command.path): \(error)")
    }
    guard let samples else { preconditionFailure("nothing ends a drawing") }
    let way = "\(type(of: sampling.sampler.value).title) in \(sampling.steps) steps"
    return JudgedSamples(
      samples: samples,
      origin: "\(Numbers.grouped(samples.count)) samples by \(way) from \(origin)")
  }
}
