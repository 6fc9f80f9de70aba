import Diffusion

/// What a training run reports to the rest of the program: immutable values only.
enum RunEvent: Sendable {
  case phase(RunPhase)
  /// Facts that hold for the whole run, sent once before the first step.
  case started(RunFacts)
  case step(StepReport)
  /// How the layers fared in a step.
  case layers(step: Int, [LayerHealth])
  /// Where the time of a step went.
  case cost(StepCost)
  /// The averaged weights as they were after a step, for a sampling run.
  case model(Model)
  /// The same with the weights as they are trained; only after ``RunCommand/handOutRawWeights(_:)``.
  case rawModel(Model)
  /// Training is held back to so many steps a second.
  case limited(stepsPerSecond: Double)
  /// What is known by now of the memorisation floor; newer estimates are better.
  case floor(MemorizationFloor.Estimate)
  /// How good samples of the weights after a step are.
  case judged(step: Int, QualityRecord)
  /// What the evaluation of samples is doing.
  case evaluation(EvaluationStatus)
  /// A checkpoint is on the disk.
  case saved(step: Int, path: String)
  /// The recipe changed after a step; the lines that did.
  case changed(step: Int, Recipe, lines: [String])
  /// A change could not be made; the sentence to show.
  case refused(String)
  /// Something could not be written, so the run waits and tries again; the sentence to show.
  case unwritten(String)
  /// The run should save and end, but cannot save; it waits. The sentence to show.
  case unsaved(String)
  /// The run ended because of an error; the sentence to show.
  case failed(String)
}

enum RunPhase: Sendable, Equatable {
  /// There is no run.
  case idle
  case preparing
  case training
  case paused
  /// Loss or gradients were not finite after this step; the run waits.
  case diverged(step: Int)
  case finished
  case stopped
}

/// What a run is, once its data or its weights are loaded.
struct RunFacts: Sendable {
  /// What its samples are.
  var format: SampleFormat
  /// What it learns from; nil for a model that only makes samples.
  var dataset: Dataset?
  /// How many samples are kept for validation.
  var validationCount = 0
  /// Losses of simple models to compare with, of text.
  var references: [LossReference] = []
  /// The ideal denoiser of the data; nil for sets too large to compare a sample with at once.
  var idealDenoiser: IdealDenoiser?
  var parameterCount: Int
  var folder: String?
  /// The same without links and detours.
  var place: String?
  /// The step after which a resumed run goes on; 0 for a new one.
  var completedSteps = 0
  /// Steps after which training is complete.
  var totalSteps = 0
  /// What a resumed run had measured before.
  var history: [StepRecord] = []
  /// What the weights came from, where they were not drawn.
  var parent: String?
  /// Why a run can be looked at but not go on; the sentence to show.
  var problem: String?
  /// What makes this machine slower than it is; the sentence to show.
  var slowdown: String?
}

/// What a simple model of the data loses.
struct LossReference: Sendable, Hashable {
  /// What the model is called.
  var name: String
  /// In the unit of the loss.
  var loss: Double

  /// The unigram and the trigram model of text, counted in the training data, in bits per character of the
  /// validation data, or of the training data where none is held out; nothing where the data is no masked
  /// text.
  ///
  /// Of each at most the first ``mostCharacters`` count: a run waits for them.
  static func all(training: Dataset, validation: Dataset?) -> [LossReference] {
    guard training.maskedText != nil else { return [] }
    let counted = training.beginning(characters: mostCharacters)
    let judged = validation?.beginning(characters: mostCharacters) ?? counted
    return [("unigram", 1), ("trigram", 3)].map { name, order in
      LossReference(
        name: name, loss: CharacterModel(counted, order: order).bitsPerCharacter(of: judged))
    }
  }

  /// Two million characters, which take about a second.
  private static let mostCharacters = 1 << 21
}

/// One training step, with the clock the core does not have.
struct StepReport: Sendable, Equatable {
  var metrics: StepMetrics
  /// Seconds of training so far, pauses left out.
  var elapsed: Double
  /// Seconds this step took.
  var duration: Double
  /// The loss on samples that are not trained on, where it was measured after this step.
  var validation: Double?
  /// The memorisation floor, with the first step after it is known well.
  var floor: Double?
  /// The mean losses by noise level since the last report that had them, from t = 0 up.
  ///
  /// Now and then; nil where there was no sample.
  var levels: [Double?]?
  /// Samples trained per second.
  var samplesPerSecond: Double { Double(metrics.sampleLosses.count) / duration }
}

/// A line of a run's metrics: what a step measured, or what changed after it.
struct StepRecord: Sendable, Equatable, Codable {
  var step: Int
  var loss: Double?
  /// The loss on samples that are not trained on.
  var validation: Double?
  /// The memorisation floor, where it became known.
  var floor: Double?
  /// The mean losses by noise level over the steps since the last record that has them, from t = 0 up.
  var levels: [Double?]?
  var gradientNorm: Double?
  var learningRate: Double?
  var averageDecay: Double?
  var imagesPerSecond: Double?
  /// Seconds of training so far, pauses left out.
  var seconds: Double?
  /// How good samples of the weights after this step are; in a line of its own, later than the step's.
  var quality: QualityRecord?
  /// The lines of the recipe that changed.
  var change: String?
  /// The run's folder, in what `train` prints last.
  var run: String?
}

extension StepRecord {
  init(_ report: StepReport) {
    let metrics = report.metrics
    self.init(
      step: metrics.step, loss: metrics.loss, validation: report.validation, floor: report.floor,
      levels: report.levels, gradientNorm: metrics.gradientNorm,
      learningRate: metrics.learningRate,
      averageDecay: metrics.averageDecay,
      imagesPerSecond: report.samplesPerSecond, seconds: report.elapsed)
  }
}

/// Commands to a training run, accepted at any time and carried out between steps.
enum RunCommand: Sendable {
  case pause
  case resume
  /// One step, then pause.
  case singleStep
  /// Save and end.
  case stop
  /// End without saving.
  case abandon
  /// Go on in another folder, save there, and end.
  case stopIn(String)
  /// Keep a checkpoint of its own.
  case keep
  /// Go on with another recipe, of which what acts live counts.
  case change(Recipe)
  /// Hand out the weights now.
  case snapshot
  /// Hand out the weights that are not averaged as well, from now on, or no longer.
  case handOutRawWeights(Bool)
  /// Hold training back so that it can be watched, or no longer.
  case limitSpeed(Bool)
  /// Somebody or something ends the program in the middle of the run.
  case interrupt
  /// Take the result of an evaluation of samples.
  case evaluated(EvaluationRun.Outcome)
}
