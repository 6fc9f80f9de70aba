import Diffusion
import TUI

/// What `train` prints.
protocol TrainingReport: Sendable {
  /// Before the first step.
  mutating func begin(_ facts: RunFacts) throws
  /// What is known by now of the memorisation floor.
  mutating func note(_ floor: MemorizationFloor.Estimate)
  /// A step that is not the last.
  mutating func show(_ step: StepReport) throws
  /// How good samples of an earlier step are.
  mutating func show(_ quality: QualityRecord, ofStep step: Int) throws
  /// Why samples are not judged.
  mutating func show(problem sentence: String) throws
  /// The last step, when its checkpoint is saved; nil where there was no step to do.
  mutating func end(_ step: StepReport?) throws
}

/// Sentences and a progress line.
struct TextReport: TrainingReport {
  private let recipe: Recipe
  private var facts: RunFacts?
  private var progress = ProgressLine(total: 0, unit: "step")
  /// The last steps, to show a mean of.
  private var recent: [StepReport] = []
  /// The newest validation loss.
  private var validation: Double?
  private var floor: MemorizationFloor.Estimate?

  init(_ recipe: Recipe) { self.recipe = recipe }

  private var folder: String { facts?.folder.map { Wording.escaped($0) } ?? "" }

  mutating func begin(_ facts: RunFacts) throws {
    self.facts = facts
    progress = ProgressLine(total: facts.totalSteps, before: facts.completedSteps, unit: "step")
    let start = facts.parent.map { ", weights from \(Wording.escaped($0))" } ?? ""
    let data = facts.dataset.map { data in
      "\(Numbers.grouped(data.count)) samples of \(Wording.escaped(data.name)), "
        + (facts.validationCount > 0
          ? "\(Numbers.grouped(facts.validationCount)) more for validation, " : "")
    }
    try Console.line(
      "\(Wording.escaped(recipe.name)): \(data ?? "")"
        + "\(recipe.network.name) with \(Numbers.grouped(facts.parameterCount)) parameters, "
        + "\(recipe.schedule.name) schedule of \(recipe.schedule.timesteps) levels, "
        + "\(Wording.count(Parallel.threads, "thread")), in \(folder)\(start)")
    if !facts.references.isEmpty {
      let references = facts.references.map { "\($0.name) \(Numbers.fixed($0.loss, 3))" }
      try Console.line(
        "the loss is an upper bound on the bits per character; for comparison: \(references.joined(separator: ", "))"
      )
    }
    if let slowdown = BLAS.slowdown { try Console.line(slowdown) }
    if let warning = try recipe.schedule.make().warning { try Console.line(warning) }
  }

  mutating func note(_ floor: MemorizationFloor.Estimate) { self.floor = floor }

  mutating func show(_ step: StepReport) throws { try show(step, isLast: false) }

  mutating func end(_ step: StepReport?) throws {
    if let step { try show(step, isLast: true) }
    if let floor {
      try Console.line(
        "memorisation floor \(Numbers.short(floor.loss, significant: 3)) ± "
          + "\(Numbers.short(floor.standardError, significant: 1)): no network can have a lower expected "
          + "loss on the training samples")
    }
    let total = facts?.totalSteps ?? 0
    switch (StopSignals.number, step) {
    case (_?, _):
      try Console.line(
        "stopped at step \(Numbers.grouped(step?.metrics.step ?? facts?.completedSteps ?? 0)) of "
          + "\(Numbers.grouped(total)); resume with workbench train --resume \(folder)")
    case (nil, let step?):
      try Console.line(
        "finished in \(Numbers.duration(step.elapsed)); "
          + "sample it with workbench sample \(folder)"
          + (facts?.format.text == nil ? " --out samples.png" : ""))
    case (nil, nil):
      try Console.line(
        "all \(Numbers.grouped(total)) steps are already done; raise --steps to train longer")
    }
  }

  mutating func show(_ quality: QualityRecord, ofStep step: Int) throws {
    try progress.interrupt(
      "step \(Numbers.grouped(step)): \(quality.text), on \(quality.count) samples by "
        + "\(Wording.escaped(quality.features))\(quality.isBest == true ? ", the best so far" : "")"
    )
  }

  mutating func show(problem sentence: String) throws {
    try progress.interrupt(Wording.escaped(sentence))
  }

  private mutating func show(_ step: StepReport, isLast: Bool) throws {
    recent = (recent + [step]).suffix(50)
    validation = step.validation ?? validation
    let count = Double(recent.count)
    let mean = recent.reduce(0) { $0 + $1.metrics.loss } / count
    let seconds = recent.reduce(0) { $0 + $1.duration }
    let images = recent.reduce(0) { $0 + $1.metrics.sampleLosses.count }
    let held = validation.map { "validation \(Numbers.short($0))   " } ?? ""
    try progress.show(
      step.metrics.step,
      "loss \(Numbers.short(mean))   \(held)\(Numbers.short(count / seconds, significant: 3)) steps/s   "
        + "\(Numbers.grouped(Int(Double(images) / seconds))) samples/s", isLast: isLast)
  }
}

/// One JSON object a line for every step; the last one names the run.
struct JSONReport: TrainingReport {
  private var facts: RunFacts?
  private var floor: MemorizationFloor.Estimate?

  mutating func begin(_ facts: RunFacts) throws { self.facts = facts }

  mutating func note(_ floor: MemorizationFloor.Estimate) { self.floor = floor }

  mutating func show(_ step: StepReport) throws {
    try Console.json(JSONLines.line(StepRecord(step)))
  }

  mutating func show(_ quality: QualityRecord, ofStep step: Int) throws {
    try Console.json(JSONLines.line(StepRecord(step: step, quality: quality)))
  }

  /// The steps are still reported; there is no record without one.
  mutating func show(problem sentence: String) throws { Console.printError(sentence) }

  mutating func end(_ step: StepReport?) throws {
    var record = step.map { StepRecord($0) } ?? StepRecord(step: facts?.completedSteps ?? 0)
    record.run = facts?.folder
    record.floor = floor?.loss
    try Console.json(JSONLines.line(record))
  }
}

extension QualityRecord {
  /// The figures in a line: "KID 0.031 averaged, 0.052 raw, 0.004 yardstick".
  fileprivate var text: String {
    "\(metric.title) \(Numbers.compact(averaged.value)) averaged, \(Numbers.compact(raw.value)) raw, "
      + "\(Numbers.compact(heldOut)) yardstick"
  }
}
