@testable import Diffusion
@testable import Workbench

extension RunConfiguration {
  /// A run that is small enough for a test: a tiny network on points.
  static func tiny(steps: Int = 40, seed: UInt64 = 1) -> RunConfiguration {
    RunConfiguration(
      name: "tiny", recipeText: "[data]\nsource = \"swissroll\"\n",
      data: DataConfiguration(source: "swissroll"), network: .mlp(hidden: [8, 8], classes: 0),
      schedule: ScheduleConfiguration(.logLinear),
      training: TrainingConfiguration(
        batchSize: 16, steps: steps, learningRate: LearningRate(1e-3), seed: seed),
      preview: PreviewConfiguration(
        sampling: SamplingConfiguration(steps: 5, count: 4), interval: 10))
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

extension WeightsSnapshot {
  /// The first weights of a configuration's network.
  static func initial(_ configuration: RunConfiguration, step: Int = 0) throws -> WeightsSnapshot {
    let session = try TrainingSession(configuration)
    var snapshot = session.snapshot()
    snapshot.step = step
    return snapshot
  }
}
