@testable import Diffusion
@testable import Workbench

extension Recipe {
  /// A run that is small enough for a test: a tiny network on points.
  static func tiny(steps: Int = 40, seed: UInt64 = 1) -> Recipe {
    Recipe(
      name: "tiny", data: DataConfiguration(source: "swissroll"), network: .mlp(8, 8),
      schedule: ScheduleConfiguration(LogLinearSchedule()),
      training: TrainingConfiguration(
        batchSize: 16, steps: steps, learningRate: LearningRateSchedule(1e-3), seed: seed),
      preview: PreviewConfiguration(
        SamplingConfiguration(DDIM(steps: 5), count: 4), interval: 10))
  }
}

extension NetworkConfiguration {
  static func mlp(_ hidden: Int..., classes: Int = 0) -> NetworkConfiguration {
    var mlp = MLPConfiguration()
    (mlp.hidden, mlp.classes) = (hidden, classes)
    return NetworkConfiguration(mlp)
  }
}

extension StepReport {
  /// A step with an invented loss.
  static func invented(step: Int, loss: Double = 0.5, duration: Double = 0.1) -> StepReport {
    StepReport(
      metrics: .invented(step: step, loss: loss), elapsed: Double(step) * duration,
      duration: duration)
  }
}

extension StepMetrics {
  static func invented(step: Int, loss: Double) -> StepMetrics {
    StepMetrics(
      step: step, loss: loss, gradientNorm: 1, learningRate: 1e-3, averageDecay: 0.9,
      timesteps: [10, 150], sigmas: [0.02, 4], sampleLosses: [loss, loss])
  }
}

extension Model {
  /// A recipe's network with its first weights, as if after `step` steps.
  static func initial(_ recipe: Recipe, step: Int = 0) throws -> Model {
    try RunTrainer(recipe).model(atStep: step)
  }
}

extension RunTrainer {
  /// The averaged weights as they are, as if after `step` steps.
  func model(atStep step: Int) -> Model {
    let model = model()
    return Model(
      recipe, network: model.network, weights: model.weights, format: model.format, step: step,
      dataset: dataset)
  }
}

extension SamplingRequest {
  /// The path that is asked for.
  func path() throws -> Trajectory { try trajectory() }
}
