/// How a network is trained.
public struct TrainingConfiguration: Configurable, RecipePart {
  /// The number of samples per batch.
  public var batchSize: Int
  /// The number of batches whose gradients are averaged for one step.
  public var accumulationSteps: Int
  /// How long to train.
  public var duration: TrainingDuration
  /// The maximum gradient norm; larger gradients are scaled down; 0 for no limit.
  public var maximumGradientNorm: Double
  /// The moving average of the weights.
  public var ema: EMA
  /// The probability of replacing a label with the null label, for networks that have one.
  public var labelDropout: Double
  /// Whether blocks of layers keep only their input for backward, which computes the rest anew: less memory
  /// for some more time, and the same numbers.
  public var recomputes = false
  /// The random seed of the weights, the batches and the noise.
  public var seed: UInt64
  /// The optimiser with its learning rate.
  public var optimizer: OptimizerConfiguration

  public init() { self.init(batchSize: 64, steps: 3000) }

  /// Training settings; `steps` are those of the optimiser, each of `accumulate` batches.
  public init(
    batchSize: Int, steps: Int, optimizer: Adam = Adam(),
    learningRate: LearningRateSchedule = LearningRateSchedule(1e-3),
    maximumGradientNorm: Double = 0,
    average: EMA = EMA(decay: 0.999), labelDropout: Double = 0.1, seed: UInt64 = 0,
    accumulate: Int = 1
  ) {
    precondition(batchSize > 0, "a batch needs at least one sample, got \(batchSize)")
    self.batchSize = batchSize
    self.accumulationSteps = accumulate
    duration = .steps(steps)
    self.maximumGradientNorm = maximumGradientNorm
    self.ema = average
    self.labelDropout = labelDropout
    self.seed = seed
    self.optimizer = OptimizerConfiguration(adam: optimizer, learningRate: learningRate)
  }

  public static let table: [Setting<Self>] = [
    .integer(\.batchSize, "batch", 1...65_536, "batch size"),
    .integer(
      \.accumulationSteps, "accumulate", 1...1024,
      "batches whose gradients are averaged for one step"),
    Setting(
      "steps", .integer(1...1_000_000_000, step: 100), "optimiser steps",
      get: { if case .steps(let steps) = $0.duration { .integer(steps) } else { nil } },
      set: {
        guard case .integer(let steps) = $1, (1...1_000_000_000).contains(steps) else {
          return false
        }
        $0.duration = .steps(steps)
        return true
      }
    ).live,
    Setting(
      "epochs", .integer(1...1_000_000, step: 1), "passes over the data, instead of `steps`",
      absent: "set by `steps`",
      get: { if case .epochs(let epochs) = $0.duration { .integer(epochs) } else { nil } },
      set: {
        guard case .integer(let epochs) = $1, (1...1_000_000).contains(epochs) else { return false }
        $0.duration = .epochs(epochs)
        return true
      }
    ).replaces("steps"),
    .seed(\.seed, "random seed of the initial weights, batches and noise"),
    .real(
      \.maximumGradientNorm, "gradient_clip", Interval(0...1e6), by: .linear(step: 0.1),
      "maximum gradient norm; larger gradients are scaled down; 0 for no limit"),
    .real(
      \.ema.decay, "ema", Interval(0..<1), by: .linear(step: 0.001),
      "decay of the exponential moving average (EMA) of the weights, used for sampling"),
    .word(\.ema.rule, "ema_rule", "how the decay of the average changes during training"),
    .real(
      \.ema.power, "ema_power", Interval(0.1...2), "how fast the power rule rises"
    ).label("EMA power"),
    .integer(
      \.ema.halfLife, "ema_half_life", 1...1_000_000_000, step: 10_000,
      "half-life of the half-life rule, in samples"
    ).label("half-life"),
    .real(
      \.ema.ramp, "ema_ramp", Interval(0...1), by: .linear(step: 0.01),
      "largest half-life as a fraction of the samples seen; 0 for no limit"
    ).label("EMA ramp"),
    .flag(
      \.recomputes, "recompute",
      "save memory by recomputing the activations inside each block in the backward pass: the same numbers, "
        + "about a third more time"
    ).live,
    .real(
      \.labelDropout, "label_dropout", Interval(0...1),
      "probability of replacing a label by \"any class\" in training, for networks with `classes`"
    ).forText(false),
  ]
}

/// The optimiser and its learning rate.
public struct OptimizerConfiguration: Configurable, RecipePart {
  /// The optimiser.
  public var adam: Adam
  /// The learning rate, step by step.
  public var learningRate: LearningRateSchedule

  public init() { self.init(adam: Adam(), learningRate: LearningRateSchedule(1e-3)) }

  /// An optimiser with a learning rate.
  public init(adam: Adam, learningRate: LearningRateSchedule) {
    self.adam = adam
    self.learningRate = learningRate
  }

  public static let table: [Setting<Self>] = [
    .word(\.adam.variant, "kind", "the optimiser"),
    .real(
      \.learningRate.base, "learning_rate", Interval(above: 0, upTo: 10),
      by: .logarithmic(perDecade: 20), "learning rate after warm-up"
    ).live,
    .integer(
      \.learningRate.warmup, "warmup", 0...1_000_000_000, step: 10,
      "warm-up steps, in which the learning rate rises linearly"),
    .word(\.learningRate.decay, "decay", "the learning-rate schedule"),
    .real(\.adam.beta1, "beta1", Interval(0..<1), "decay of the first moment"),
    .real(\.adam.beta2, "beta2", Interval(0..<1), "decay of the second moment"),
    .real(
      \.adam.epsilon, "epsilon", Interval(above: 0, upTo: 1), by: .logarithmic(perDecade: 1),
      "added to the square root of the second moment"),
    .real(
      \.adam.weightDecay, "weight_decay", Interval(0...10), absent: "0.01 for adamw, 0 for adam",
      "weight decay coefficient"),
  ]
}
