import Testing

@testable import Diffusion

@Suite("smalldiffusion whole, on its toy set")
struct ToyRunTests {
  @Test("the first 100 losses are its own to 1e-5, and so are samples of the trained network")
  func toy() throws {
    let fixture = try Fixture("toy")
    let data = Points.swissroll()
    let schedule = Schedule.logLinear(timesteps: 200, sigmaMin: 0.01, sigmaMax: 10)
    let trainer = Trainer(
      .mlp(data.shape, hidden: [16, 128, 128, 128, 128, 16]), on: data, schedule: schedule,
      TrainingConfiguration(
        batchSize: 64, steps: 100, optimizer: Adam(.adamw),
        learningRate: LearningRateSchedule(1e-3), seed: 1))
    let losses = trainer.map { Float($0.loss) }
    #expect(losses.count == 100)
    #expect(isClose(losses, try fixture.floats("losses"), relative: 1e-5))

    let denoiser = NetworkDenoiser(
      trainer.network, weights: trainer.rawWeights, predicting: .epsilon)
    for (name, gamma, mu) in [("ddim", 1.0, 0.0), ("ddpm", 1, 0.5), ("accelerated", 2, 0)] {
      var sampler = GradientEstimation()
      (sampler.gamma, sampler.mu) = (gamma, mu)
      let steps = schedule.steps(20, spacing: .sampleSigmas)
      var noise = NoiseSource(batch: Random(seed: 3))
      let start = noise.start(Shape(16, 1, 1, 2), at: steps[0].level)
      let path = Trajectory(steps, from: start, sampler: sampler, denoiser: denoiser, noise: noise)
      let samples = path.finish().x
      #expect(isNear(samples, try fixture.floats("\(name).samples"), tolerance: 1e-4), "\(name)")
    }
  }
}
