import Diffusion

/// Measures what the runs of a comparison have learned, always with the same held-out samples and noise.
struct ComparisonMeasurer {
  let plan: ComparisonPlan
  /// The noise levels σ/α that the schedules of all entries have.
  let levels: [Double]
  private let noised: NoisedSamples
  /// Nil where quality cannot be measured on such samples.
  private let judge: QualityJudge?
  /// Throws if the program is interrupted.
  private let check: () throws -> Void
  private let clock = ContinuousClock()

  /// Held-out samples on which x̂_0 is evaluated.
  private static let heldOutSamples = 256

  init(
    _ plan: ComparisonPlan, _ judge: QualityJudge?, checking check: @escaping () throws -> Void
  ) throws {
    (self.plan, self.judge, self.check) = (plan, judge, check)
    let schedules = try plan.comparison.entries.map { try $0.recipe.schedule.make() }
    let lowest = schedules.map { $0[0].sigmaOverAlpha }.max() ?? 0
    let highest = schedules.map { $0[$0.count - 1].sigmaOverAlpha }.min() ?? 0
    levels = [0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20].filter { $0 >= lowest && $0 <= highest }
    noised = NoisedSamples(
      plan.heldOut, count: Self.heldOutSamples, seed: plan.comparison.settings.seed)
  }

  // MARK: - Runs

  /// The checkpoints of a run to measure, the last one at the end, with the seconds of training before each.
  func checkpoints(of run: ComparisonReport.Run) throws -> [(
    path: String, step: Int, seconds: Double
  )] {
    let folder = RunFolder(path: run.folder)
    let seconds = Dictionary(
      try folder.history(upTo: run.steps).compactMap { record in
        record.seconds.map { (record.step, $0) }
      }
    ) { $1 }
    let kept = folder.keptSteps.filter { $0 < run.steps }
    // A run that somebody trained by hand may have kept any number.
    let every = max(1, (kept.count + 11) / 12)
    let chosen = kept.indices.filter { $0.isMultiple(of: every) }.map { kept[$0] }
    return chosen.map { (folder.keptCheckpointPath(step: $0), $0, seconds[$0] ?? 0) }
      + [(folder.checkpointPath, run.steps, run.seconds)]
  }

  // MARK: - Measuring

  /// What measurements of an entry's run with a checkpoint depend on.
  func key(of entry: Comparison.Entry, at checkpoint: String, steps: Int? = nil) -> String {
    let sampling = sampling(of: entry, steps: steps)
    let lines = sampling.settings.compactMap { info in
      sampling.value(of: info.key).map { "\(info.key)=\($0)" }
    }
    let quality = judge.map { [$0.metric.rawValue, $0.reference.extractor.label] } ?? []
    let weights = (try? SafeTensors(contentsOf: checkpoint))?.metadata["checksum"] ?? ""
    return
      (["checkpoint=\(weights)", entry.weights.rawValue] + lines + ["σ/α=\(levels)"] + quality)
      .joined(
        separator: " ")
  }

  /// How an entry's samples are drawn, in its own number of steps unless `steps` says otherwise.
  private func sampling(of entry: Comparison.Entry, steps: Int?) -> SamplingConfiguration {
    var sampling = entry.recipe.preview.sampling
    if let steps { sampling.steps = steps }
    sampling.count = plan.comparison.settings.samples
    sampling.seed = plan.comparison.settings.seed
    return sampling
  }

  /// The numbers of sampling steps that are tried with an entry, rising; its own is among them.
  func samplingSteps(of entry: Comparison.Entry) -> [Int] {
    let own = entry.recipe.preview.sampling.steps
    let tried = plan.comparison.settings.samplingSteps.filter {
      $0 <= entry.recipe.schedule.timesteps
    }
    return Set(tried + [own]).sorted()
  }

  /// The error of x̂_0 of a checkpoint, and the quality of its samples, which `sampling` has already where
  /// they were drawn.
  func moment(
    _ entry: Comparison.Entry, _ checkpoint: (path: String, step: Int, seconds: Double),
    sampling known: ComparisonReport.Sampling? = nil
  ) throws -> ComparisonReport.Moment {
    let model = try Model(contentsOf: checkpoint.path, raw: entry.weights == .raw)
    let (denoiser, schedule) = (model.denoiser(), try model.schedule.make())
    let errors = levels.map {
      noised.error(of: denoiser, at: schedule.step(sigmaOverAlpha: $0))
    }
    return ComparisonReport.Moment(
      step: checkpoint.step, seconds: checkpoint.seconds,
      error: errors.isEmpty ? .nan : errors.reduce(0, +) / Double(errors.count),
      quality: judge == nil
        ? nil : try (known ?? self.sampling(entry, checkpoint, steps: nil)).quality,
      key: key(of: entry, at: checkpoint.path))
  }

  /// What samples of a checkpoint cost and how good they are; all metrics of those in the entry's own number
  /// of steps at the end of a run, which `isLast` tells.
  func sampling(
    _ entry: Comparison.Entry, _ checkpoint: (path: String, step: Int, seconds: Double),
    steps: Int?, isLast: Bool = false
  ) throws -> ComparisonReport.Sampling {
    let model = try Model(contentsOf: checkpoint.path, raw: entry.weights == .raw)
    let sampling = sampling(of: entry, steps: steps)
    let start = clock.now
    let samples = try draw(model, sampling)
    let seconds = (clock.now - start) / .seconds(1)
    let isOwn = isLast && sampling.steps == entry.recipe.preview.sampling.steps
    let quality = try samples.flatMap { try judge?.quality(of: $0, allFigures: isOwn) }
    return ComparisonReport.Sampling(
      steps: sampling.steps, evaluations: sampling.evaluations(try model.schedule.make()),
      secondsPerSample: seconds / Double(sampling.count),
      quality: judge.flatMap { quality?[$0.metric]?.samples },
      measurements: isOwn ? quality?.measurements ?? [] : [],
      warnings: isOwn ? quality?.warnings ?? [] : [],
      key: key(of: entry, at: checkpoint.path, steps: steps))
  }

  /// The first samples of a run of an entry, for an image; nil where they are not finite.
  func samples(of entry: Comparison.Entry, _ run: RunFolder, count: Int) throws -> [[Float]]? {
    var sampling = sampling(of: entry, steps: nil)
    sampling.count = min(count, sampling.count)
    let model = try Model(contentsOf: run.path, raw: entry.weights == .raw)
    return try draw(model, sampling).map { samples in (0..<samples.count).map { samples[$0] } }
  }

  /// The samples that a configuration describes; nil where one is not finite.
  private func draw(_ model: Model, _ sampling: SamplingConfiguration) throws -> Dataset? {
    do {
      return try SampleDrawing(sampling, count: sampling.count).draw(
        name: "samples", model.format, by: { try model.trajectory($0) },
        progress: { _ in
          try check()
          return true
        })
    } catch ModelError.sampling {
      return nil
    }
  }
}

extension RunFolder {
  /// The steps whose checkpoints are kept under names of their own, rising.
  var keptSteps: [Int] {
    ResourceFolders.files(in: path, ending: ".safetensors").compactMap { name in
      name.hasPrefix("step-") ? Int(name.dropFirst(5).dropLast(".safetensors".count)) : nil
    }.sorted()
  }
}

extension ComparisonReport.Run {
  /// What a run's folder says without its weights, with what was measured before.
  init(_ folder: RunFolder, seed: UInt64, earlier: ComparisonReport.Run?) throws {
    let checkpoint = try folder.checkpoint()
    let history = try folder.history(upTo: checkpoint.state.step)
    var before = 0.0
    let durations = history.compactMap { record -> Double? in
      guard let seconds = record.seconds, record.loss != nil else { return nil }
      defer { before = seconds }
      return seconds - before
    }.sorted()
    self.init(
      folder: folder.path, seed: seed, steps: checkpoint.state.step,
      seconds: checkpoint.elapsedSeconds,
      secondsPerStep: durations.isEmpty ? nil : durations[durations.count / 2],
      validation: history.compactMap { record in
        guard let loss = record.validation, let seconds = record.seconds else { return nil }
        return ComparisonReport.Point(step: record.step, seconds: seconds, loss: loss)
      }, moments: earlier?.moments ?? [], sampling: earlier?.sampling ?? [])
  }
}
