import Foundation
import Testing

@testable import Diffusion

/// A mixture in the plane, its ideal denoiser, and steps enough that what a sampler does wrong by
/// itself cannot be seen in so many samples.
@Suite("Samples of an ideal denoiser have the data's distribution")
struct StatisticalTests {
  static let mixture = MixtureDenoiser([
    .init(weight: 2, mean: [-0.15, 0.05], deviation: 0.3),
    .init(weight: 1, mean: [0.2, 0.1], deviation: 0.25),
    .init(weight: 1, mean: [0, -0.2], deviation: 0.35),
  ])
  static let count = Bars.areFull ? 10_000 : 3000

  private static var samplers: [any Sampler] {
    var heun = Heun()
    heun.churn.amount = 60
    var estimation = GradientEstimation()
    (estimation.gamma, estimation.mu) = (1, 0.5)
    var corrector = PredictorCorrector()
    // By the norms of each sample it is biased for samples of two numbers.
    corrector.norm = .noise
    var slow = DPMSolverSDE()
    slow.order = 1
    return [
      DDPM(), DDPM(variance: .fixedLarge), DDPM(variance: .learnedRange), DDIM(eta: 1),
      EulerAncestral(), heun, DPMSolverSDE(), slow, estimation, corrector,
    ]
  }

  /// What tells the settings apart of those that are several times in the list.
  private static func title(_ sampler: SamplerConfiguration) -> String {
    let told = ["variance", "order"].compactMap { sampler.value(of: $0)?.description }
    return ([sampler.name] + told).joined(separator: " ")
  }

  /// The mixture's denoiser, and of the variance of a step the middle.
  private struct Middle: Denoiser {
    func predict(_ query: Query) -> Prediction {
      var prediction = StatisticalTests.mixture.predict(query)
      prediction.variance = Tensor(query.x.shape)
      return prediction
    }
  }

  /// How likely samples of the data differ as much from other ones as `samples` do.
  private func probability(_ samples: [Float]) -> Double {
    var random = Random(seed: 5)
    let data = Self.mixture.draw(samples.count / 2, using: &random)
    return SlicedWasserstein(samples, data).probability(divisions: 999, using: &random)
  }

  private func samples(
    _ sampler: any Sampler, count: Int = count, noise scale: Float = 1
  ) -> [Float] {
    let shape = Shape(count, 1, 1, 2)
    let steps = Schedule.logLinear(timesteps: 500, sigmaMin: 0.01, sigmaMax: 8).steps(500)
    var source = NoiseSource(batch: Random(seed: 11))
    let start = source.start(shape, at: steps[0].level)
    guard scale != 1 else {
      return sampler.walk(steps, from: start, Middle(), noise: source).values
    }
    let drawn = (0..<500 * type(of: sampler).evaluations).map { _ in
      let z = source.draw(shape).copy()
      z.assign(scale, z, plus: 0, z)
      return z
    }
    return sampler.walk(
      steps, from: start, Middle(), noise: NoiseSource(recorded: drawn)
    ).values
  }

  @Test("whatever the stochastic sampler", arguments: samplers.map { SamplerConfiguration($0) })
  func distribution(_ sampler: SamplerConfiguration) {
    let p = probability(samples(sampler.value))
    #expect(p > 0.001, "\(sampler.name): p = \(p)")
    Bars.report("\(Self.title(sampler)) | p = \(p), expected above 0.001")
  }

  @Test(
    "which noise that is too large has not, whatever the stochastic sampler",
    arguments: samplers.map { SamplerConfiguration($0) })
  func wrongNoise(_ sampler: SamplerConfiguration) {
    let scale: Float = Bars.areFull ? 1.05 : 1.12
    let p = probability(samples(sampler.value, noise: scale))
    #expect(p <= 0.001, "\(sampler.name): p = \(p)")
    Bars.report(
      "\(Self.title(sampler)) with noise times \(scale) | p = \(p), expected at most 0.001")
  }

  @Test("more steps come closer to the data", arguments: Samplers.names(forText: false))
  func fewSteps(_ name: String) throws {
    var random = Random(seed: 5)
    let data = Self.mixture.draw(Self.count, using: &random)
    let schedule = Schedule.logLinear(timesteps: 1000, sigmaMin: 0.01, sigmaMax: 8)
    let counts = Bars.areFull ? [10, 20, 50, 100] : [10, 100]
    let distances = try counts.map { count in
      var chosen = try #require(SamplerConfiguration(named: name))
      // By the norms of each sample it is biased for samples of two numbers.
      if name == PredictorCorrector.name { try chosen.set("norm", to: .text("noise")) }
      var sampler = chosen.value
      sampler.steps = count
      let steps = schedule.steps(count)
      var source = NoiseSource(batch: Random(seed: 11))
      let start = source.start(Shape(Self.count, 1, 1, 2), at: steps[0].level)
      let samples = sampler.walk(steps, from: start, Self.mixture, noise: source).values
      return SlicedWasserstein(samples, data).distance
    }
    let row = distances.map { String(format: "%.3f", $0) }.joined(separator: " | ")
    Bars.report("distance from the data, \(name) | \(row)")
    // The plain iterated denoiser loses the data's spread, however many its steps.
    #expect(name == "iterated" || distances[counts.count - 1] < max(distances[0], 0.03), "\(row)")
  }

  /// Two groups far apart, of which the left one has half of the data.
  private static let apart = MixtureDenoiser([
    .init(weight: 2, mean: [-1, 0.3], deviation: 0.3),
    .init(weight: 1, mean: [0.8, 0.9], deviation: 0.15),
    .init(weight: 1, mean: [0.5, -0.8], deviation: 0.25),
  ])

  @Test("annealed Langevin finds every mode as often as it is in the data")
  func modes() {
    var sampler = AnnealedLangevin()
    (sampler.updates, sampler.size) = (100, 0.1)
    let steps = Schedule.logLinear(timesteps: 12, sigmaMin: 0.03, sigmaMax: 8).steps(12)
    var source = NoiseSource(batch: Random(seed: 3))
    let start = source.start(Shape(Self.count, 1, 1, 2), at: steps[0].level)
    let end = sampler.walk(steps, from: start, Self.apart, noise: source).values
    let left = stride(from: 0, to: end.count, by: 2).count { end[$0] < -0.15 }
    let share = Double(left) / Double(Self.count)
    #expect(abs(share - 0.5) < 0.02)
    Bars.report("langevin's share of the left mode | \(share), expected 0.5 ± 0.02")
  }
}
