import ArgumentParser
import Diffusion
import Synchronization
import TUI

/// Carries a comparison out, step by step: what is done is kept, and not done again.
struct ComparisonRunner {
  let plan: ComparisonPlan
  /// Whether progress is printed.
  let printsProgress: Bool

  private var comparison: Comparison { plan.comparison }
  private var settings: ComparisonSettings { plan.comparison.settings }

  init(_ plan: ComparisonPlan, printsProgress: Bool) {
    (self.plan, self.printsProgress) = (plan, printsProgress)
  }

  /// What was measured, and images for the figure.
  struct Outcome {
    var result: ComparisonReport
    /// Samples of each entry, nil where they are not finite; empty where denoising is compared.
    var samples: [[[Float]]?] = []
    /// Denoised images; empty where samples are compared.
    var examples: [DenoisingComparison.Example] = []
  }

  /// Trains and measures; ends the program with a sentence where it is interrupted.
  func run() throws -> Outcome {
    let earlier = try ComparisonReport(in: plan.folder)
    // Refuses what cannot be measured before hours are spent on training.
    var denoising = settings.task == .denoise ? try DenoisingComparison(plan) : nil
    let judge = settings.task == .generate ? try makeJudge() : nil
    _ = try RunFolder.create(at: plan.folder)
    StopSignals.watch()
    // Before anything of ours loads the processors.
    let machine = Machine.current(program: WorkbenchMain.title)
    let diverged = try train()
    var outcome = Outcome(result: try begin(earlier, diverged, on: machine))
    if settings.task == .generate {
      let measurer = try ComparisonMeasurer(plan, judge, checking: stop)
      outcome.result.quality = judge?.note
      try measure(&outcome.result, measurer)
      outcome.samples = try zip(comparison.entries, plan.runs).map {
        try measurer.samples(of: $0, $1[0], count: ComparisonFigure.samples(of: plan.data))
      }
    }
    if denoising != nil {
      for noise in settings.noise {
        try say("denoising at σ/α \(Wording.short(noise))")
        try denoising?.measure(noise)
        try stop()
      }
      outcome.result.denoising = denoising?.scores
      outcome.result.denoisedImages = denoising?.count
      outcome.examples = denoising?.examples ?? []
    }
    outcome.result.summarize(loss: settings.loss, quality: settings.quality)
    try outcome.result.write(in: plan.folder)
    return outcome
  }

  // MARK: - Training

  /// Trains what is not trained; returns where runs stopped being finite, by folder.
  private func train() throws -> [RunFolder: Int] {
    var diverged: [RunFolder: Int] = [:]
    for (index, training) in plan.trainings.enumerated() {
      let name = "\(training.folder.name) (\(index + 1) of \(plan.trainings.count))"
      if try ComparisonTraining.isComplete(training.folder, settings.budget) {
        try say("\(name): already trained, in \(training.folder.path)")
        continue
      }
      try say("\(name): training in \(training.folder.path)")
      switch try train(training) {
      case .complete: break
      case .stopped: try stop()
      case .diverged(let step):
        diverged[training.folder] = step
        try say("\(name): the loss or a gradient was not finite at step \(step + 1)")
      }
    }
    return diverged
  }

  private func train(_ training: ComparisonPlan.Training) throws -> ComparisonTraining.End {
    let budget = settings.budget
    let progress = Mutex(ProgressLine(total: budget.total, unit: budget.unit))
    let prints = printsProgress
    let show: @Sendable (StepReport) throws -> Void = { step in
      guard prints else { return }
      let share = budget.share(step: step.metrics.step, seconds: step.elapsed)
      let speed = Numbers.short(1 / step.duration, significant: 3)
      try progress.withLock {
        try $0.show(
          Int(share * Double(budget.total)),
          "loss \(Numbers.short(step.metrics.loss))   \(speed) steps/s", isLast: share >= 1)
      }
    }
    return try ComparisonTraining.train(
      training, budget, isStopping: { StopSignals.number != nil }, show: show)
  }

  private func say(_ text: String) throws {
    if printsProgress { try Console.line(Wording.escaped(text)) }
  }

  /// Ends the program if a signal requests it.
  private func stop() throws {
    guard let number = StopSignals.number else { return }
    try say("stopped; what is done is in \(plan.folder); run the same command to continue")
    throw ExitCode(128 + number)
  }

  // MARK: - Measuring

  /// The judge of sample quality; nil, with a sentence, where quality cannot be measured on such data.
  private func makeJudge() throws -> QualityJudge? {
    var whole = plan.data
    whole.classes = nil
    let dataset = try whole.load()
    let isUnlabelled = dataset.kind == .image && dataset.labels == nil
    let reference: QualityReference
    do {
      let source = try FeatureSource.ready(
        of: dataset, by: isUnlabelled ? .pixels : .own, quiet: !printsProgress)
      reference = QualityReference(
        try RealData(plan.data, withClassifier: source.isClassifier), source.extractor)
    } catch let error as FileError {
      try say("quality is not measured: \(error)")
      return nil
    }
    return try QualityJudge(reference, metric: settings.metric, samples: settings.samples)
  }

  /// The result before anything is measured anew.
  private func begin(
    _ earlier: ComparisonReport?, _ diverged: [RunFolder: Int], on machine: Machine
  ) throws -> ComparisonReport {
    var entries: [ComparisonReport.Entry] = []
    for (entry, folders) in zip(comparison.entries, plan.runs) {
      let before = earlier?.entries.first { $0.name == entry.name }
      let runs = try folders.enumerated().map { number, folder in
        var run = try ComparisonReport.Run(
          folder, seed: entry.recipe.training.seed + UInt64(number),
          earlier: before?.runs.first { $0.folder == folder.path })
        run.divergedAt = diverged[folder]
        return run
      }
      let recipe = entry.recipe
      let sampling = recipe.preview.sampling
      entries.append(
        ComparisonReport.Entry(
          name: entry.name, network: recipe.network.name,
          parameters: try recipe.network.make(for: plan.training.format).parameterCount,
          schedule: recipe.schedule.name,
          predicts: recipe.objective.parameterization.kind.rawValue,
          weights: entry.weights.rawValue,
          sampler: "\(sampling.sampler.name), \(sampling.steps) steps", runs: runs))
    }
    return ComparisonReport(
      comparison: comparison.name, machine: machine,
      data: plan.data.source, heldOutSamples: plan.heldOut.count,
      settings: settings.settings.compactMap { info in
        settings.value(of: info.key).map { "\(info.key) = \($0)" }
      },
      lossName: comparison.comparesValidation
        ? ComparisonReport.validationName : ComparisonReport.errorName,
      entries: entries)
  }

  /// Measures what was not measured before; each piece is written when it is there.
  private func measure(_ result: inout ComparisonReport, _ measurer: ComparisonMeasurer) throws {
    for (index, entry) in comparison.entries.enumerated() {
      for number in result.entries[index].runs.indices {
        var run = result.entries[index].runs[number]
        let known = run
        try say("\(entry.name): measuring \(run.folder)")
        (run.moments, run.sampling) = ([], [])
        func keep() throws {
          result.entries[index].runs[number] = run
          try result.write(in: plan.folder)
          try stop()
        }
        let checkpoints = try measurer.checkpoints(of: run)
        for checkpoint in checkpoints.dropLast() {
          let key = measurer.key(of: entry, at: checkpoint.path)
          let earlier = known.moments.first { $0.key == key }
          run.moments.append(try earlier ?? measurer.moment(entry, checkpoint))
          if earlier == nil { try keep() }
        }
        guard let last = checkpoints.last else { continue }
        for steps in measurer.samplingSteps(of: entry) {
          let key = measurer.key(of: entry, at: last.path, steps: steps)
          let earlier = known.sampling.first { $0.key == key }
          run.sampling.append(
            try earlier ?? measurer.sampling(entry, last, steps: steps, isLast: true))
          if earlier == nil { try keep() }
        }
        let own = run.sampling.first { $0.steps == entry.recipe.preview.sampling.steps }
        run.moments.append(try measurer.moment(entry, last, sampling: own))
        try keep()
      }
    }
  }
}

extension ComparisonSettings.Budget {
  /// What progress counts up to.
  fileprivate var total: Int {
    switch self {
    case .steps(let steps): steps
    case .seconds(let seconds): Int(seconds.rounded(.up))
    }
  }

  /// What progress counts.
  fileprivate var unit: String {
    switch self {
    case .steps: "step"
    case .seconds: "second"
    }
  }
}
