import Diffusion
import Foundation
import Testing

@Suite("Ideal denoiser")
struct IdealDenoiserTests {
  static let two = IdealDenoiser([-1, 1], Shape(2, 1, 1, 1))

  static func step(_ level: NoiseLevel) -> NoiseStep {
    NoiseStep(index: nil, timestep: 0, level: level)
  }

  @Test("between two points it is a hyperbolic tangent, scaled or not")
  func twoPoints() {
    let points: [Float] = [-2, -0.3, 0, 0.1, 0.7, 5]
    let x = Tensor(Shape(6, 1, 1, 1), points)
    for level in [NoiseLevel(sigma: 0.5), NoiseLevel(sigma: 3), NoiseLevel(alphaBar: 0.3)] {
      let prediction = Self.two.predict(Query(x, at: Self.step(level)))
      let expected = points.map {
        Float(tanh(level.alpha * Double($0) / (level.sigma * level.sigma)))
      }
      #expect(isClose(prediction.x0.values, expected, absolute: 1e-6))
      let noise = zip(points, expected).map { ($0 - Float(level.alpha) * $1) / Float(level.sigma) }
      #expect(isClose(prediction.epsilon.values, noise, absolute: 1e-5))
    }
  }

  @Test("without noise it picks the nearest point, without signal the mean")
  func ends() {
    let data = IdealDenoiser([0, 0, 4, 0, 2, 6], Shape(3, 1, 1, 2))
    let x = Tensor(Shape(1, 1, 1, 2), [1.9, 5])
    #expect(data.predict(Query(x, at: Self.step(NoiseLevel(sigma: 1e-3)))).x0.values == [2, 6])
    let mean = data.predict(Query(x, at: Self.step(NoiseLevel(alphaBar: 0)))).x0.values
    #expect(isClose(mean, [2, 2]))
  }

  @Test("finds the nearest sample")
  func nearest() {
    let data = IdealDenoiser([0, 0, 4, 0, 2, 6], Shape(3, 1, 1, 2))
    let found = data.nearest(to: [3, 0, 2, 3])
    #expect(found.map(\.index) == [1, 2])
    #expect(found.map(\.distance) == [1, 3])
  }

  @Test("the expected loss agrees with an integral", arguments: [0.5, 1, 4])
  func expectedLoss(_ sigma: Double) {
    // x_0 = 1 by symmetry: the error of x̂_0 is 1 − tanh((1 + σz)/σ²).
    let step = 1e-3
    let integral = stride(from: -8.0, through: 8, by: step).reduce(0.0) { sum, z in
      let error = 1 - tanh((1 + sigma * z) / (sigma * sigma))
      return sum + error * error * exp(-z * z / 2) / (2 * Double.pi).squareRoot() * step
    }
    var random = Random(seed: 1)
    let level = NoiseLevel(sigma: sigma)
    let data = Self.two.expectedLoss(
      over: [level], draws: 40_000, predicting: .x0, using: &random)
    #expect(isClose(data, integral, relative: 0.05))
    random = Random(seed: 1)
    let noise = Self.two.expectedLoss(over: [level], draws: 40_000, using: &random)
    #expect(isClose(noise, data / (sigma * sigma), relative: 1e-6))
  }

  @Test("the loss over a schedule is the mean over its levels")
  func lossOverSchedule() {
    let levels = Schedule.linear(timesteps: 4, betaStart: 0.1, betaEnd: 0.5).levels
    var (one, all) = (Random(seed: 5), Random(seed: 5))
    let separate = levels.map { Self.two.expectedLoss(over: [$0], draws: 20_000, using: &one) }
    let together = Self.two.expectedLoss(over: levels, draws: 20_000, using: &all)
    #expect(isClose(together, separate.reduce(0, +) / 4, relative: 0.03))
  }

  @Test("carries points to the same places as smalldiffusion on its spiral")
  func spiral() {
    let (first, last) = (Double.pi / 2, 5 * Double.pi)
    let points = (0..<100).flatMap { i -> [Float] in
      let t = first + Double(i) / 99 * last
      return [Float(t * cos(t) / last), Float(t * sin(t) / last)]
    }
    let ideal = IdealDenoiser(points, Shape(100, 1, 1, 2))
    let schedule = Schedule.logLinear(timesteps: 200, sigmaMin: 0.01, sigmaMax: 10)
    let start = Tensor(Shape(4, 1, 1, 2), [10, 0, 0, 10, -10, 0, 5, 5])
    let end = DDIM().walk(schedule.steps(20, spacing: .sampleSigmas), from: start, ideal)
    let expected: [Float] = [
      0.3992686, 0.0059564, -0.0385508, 0.4983359, -0.5937761, -0.0324376, 0.2869096, 0.3240418,
    ]
    // float32 weights of nearby points
    #expect(isClose(end.values, expected, absolute: 1e-5))
  }
}
