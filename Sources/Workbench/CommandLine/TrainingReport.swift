import Diffusion

/// What `train` prints.
protocol TrainingReport {
  /// Before the first step.
  mutating func begin() throws
  /// A step that is not the last.
  mutating func show(_ step: StepReport) throws
  /// The last step, when its checkpoint is saved; nil where there was no step to do.
  mutating func end(_ step: StepReport?) throws
}

/// Sentences and a progress line.
struct TextReport: TrainingReport {
  private let session: TrainingSession
  private let folder: RunFolder
  private var progress: ProgressLine
  /// The last steps, to show a mean of.
  private var recent: [StepReport] = []

  init(_ session: TrainingSession, _ folder: RunFolder) {
    self.session = session
    self.folder = folder
    progress = ProgressLine(
      total: session.configuration.training.steps, before: session.trainer.step, unit: "step")
  }

  func begin() throws {
    let (data, network) = (session.dataset, session.trainer.network)
    let name = Wording.escaped(session.configuration.name)
    let start = session.parent.map { ", weights from \(Wording.escaped($0))" } ?? ""
    try Console.line(
      "\(name): \(Format.count(data.count)) samples of \(Wording.escaped(data.name)), "
        + "\(network.name) with \(Format.count(network.parameterCount)) parameters, "
        + "\(session.schedule.family.rawValue) schedule of \(session.schedule.timesteps) levels, "
        + "\(Parallel.threads) thread\(Parallel.threads == 1 ? "" : "s"), in \(folder.path)\(start)"
    )
  }

  mutating func show(_ step: StepReport) throws { try show(step, isLast: false) }

  mutating func end(_ step: StepReport?) throws {
    if let step { try show(step, isLast: true) }
    let done = session.trainer.step
    let total = session.configuration.training.steps
    switch (StopSignals.number, step) {
    case (_?, _):
      try Console.line(
        "stopped at step \(Format.count(done)) of \(Format.count(total)); "
          + "go on with workbench train --resume \(folder.path)")
    case (nil, _?):
      try Console.line(
        "finished in \(Format.duration(session.elapsed)); "
          + "look at it with workbench sample \(folder.path) --out samples.png")
    case (nil, nil):
      try Console.line(
        "all \(Format.count(total)) steps were done before; --steps asks for more")
    }
  }

  private mutating func show(_ step: StepReport, isLast: Bool) throws {
    recent = (recent + [step]).suffix(50)
    let count = Double(recent.count)
    let mean = recent.reduce(0) { $0 + $1.metrics.loss } / count
    let speed = count / recent.reduce(0) { $0 + $1.duration }
    let images = Double(session.configuration.training.batchSize) * speed
    try progress.show(
      step.metrics.step,
      "loss \(Format.number(mean, digits: 4))   \(Format.number(speed, digits: 3)) steps/s   "
        + "\(Format.count(Int(images))) images/s", isLast: isLast)
  }
}

/// One JSON object a line for every step; the last one names the run.
struct JSONReport: TrainingReport {
  private let session: TrainingSession
  private let folder: RunFolder

  init(_ session: TrainingSession, _ folder: RunFolder) {
    self.session = session
    self.folder = folder
  }

  func begin() throws {}

  func show(_ step: StepReport) throws { try Console.line("\(JSON.object(members(step)))") }

  func end(_ step: StepReport?) throws {
    let state: [JSON.Member] =
      step.map(members) ?? [
        .init("step", .integer(session.trainer.step)), .init("loss", .null),
        .init("imagesPerSecond", .integer(0)),
      ]
    try Console.line("\(JSON.object(state + [.init("run", .string(folder.path))]))")
  }

  private func members(_ step: StepReport) -> [JSON.Member] {
    let batch = Double(session.configuration.training.batchSize)
    return [
      .init("step", .integer(step.metrics.step)), .init("loss", .number(step.metrics.loss)),
      .init("imagesPerSecond", .number(batch / step.duration)),
      .init("gradientNorm", .number(step.metrics.gradientNorm)),
      .init("learningRate", .number(step.metrics.learningRate)),
      .init("seconds", .number(step.elapsed)),
    ]
  }
}
