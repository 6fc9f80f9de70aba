import Diffusion

/// What a training run tells the rest of the program: immutable values only.
enum RunEvent: Sendable {
  case phase(RunPhase)
  /// Facts that hold for the whole run, sent once before the first step.
  case started(RunFacts)
  case step(StepReport)
  /// The averaged weights as they were after a step, for a sampling run.
  case weights(WeightsSnapshot)
  /// A checkpoint is on the disk.
  case saved(step: Int, path: String)
  /// A parameter changed behind a step.
  case changed(step: Int, ParameterChange)
  /// Something the user should read.
  case notice(String)
  /// The run ended because of an error; the sentence to show.
  case failed(String)
}

enum RunPhase: Sendable, Equatable {
  case preparing
  case training
  case paused
  /// Loss or gradients were not finite behind this step; the run waits.
  case diverged(step: Int)
  case finished
  case stopped
}

/// What a training run is, once its data is loaded.
struct RunFacts: Sendable {
  var dataset: Dataset
  /// The exact denoiser of the data; nil for sets too large to compare a sample with at once.
  var exact: IdealDenoiser?
  var parameterCount: Int
  var folder: String?
  /// The step a resumed run goes on behind; 0 for a new one.
  var firstStep: Int
  /// Steps after which training is complete.
  var lastStep: Int
  /// Seconds that a resumed run had trained before.
  var elapsedBefore: Double
  /// What the weights came from, where they were not drawn.
  var parent: String?
}

/// One training step, with the clock the core does not have.
struct StepReport: Sendable, Equatable {
  var metrics: StepMetrics
  /// Seconds of training so far, pauses left out.
  var elapsed: Double
  /// Seconds this step took.
  var duration: Double
}

/// A network as it was between two training steps.
struct WeightsSnapshot: Sendable {
  var step: Int
  var network: Network
  var parameterization: Parameterization
  /// The schedule it is being trained with.
  var schedule: ScheduleConfiguration
  /// The moving average of all parameters, in the table's order.
  var average: [Float]
  /// What it learns from.
  var dataset: Dataset

  /// The data's declared range.
  var range: ClosedRange<Float> { dataset.range }
}

/// A change made while training goes on; written to the metrics and the checkpoint.
enum ParameterChange: Sendable, Hashable {
  case learningRate(Double)
  case schedule(ScheduleConfiguration)
}

/// What can be asked of a training run, at any time; it acts between two steps.
enum RunCommand: Sendable {
  case pause
  case resume
  /// One step, then pause.
  case singleStep
  /// Save and end.
  case stop
  /// Keep a checkpoint of its own.
  case keep
  case change(ParameterChange)
  /// Hand out the weights every so many steps from now on.
  case snapshotInterval(Int)
  /// Hand out the weights now.
  case snapshot
}
