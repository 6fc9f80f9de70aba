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

  @Test("is as exact as float32 tells, with little noise as with much", arguments: [true, false])
  func exact(_ isPlane: Bool) {
    let dataset = isPlane ? Points.swissroll() : BuiltInData.digits14.make().select(Array(0..<600))
    let size = dataset.shape.sampleCount
    let ideal = IdealDenoiser(dataset)
    var random = Random(seed: 1)
    let ratios = [0.003, 0.02, 0.1, 0.3, 0.6, 1, 1.5, 3, 8, 80]
    let levels = ratios.map { NoiseLevel(alphaBar: 1 / (1 + $0 * $0)) }
    let (x, noise) = (Tensor(ideal.shape.with(batch: 10)), Tensor(ideal.shape.with(batch: 10)))
    let chosen = (0..<10).map { $0 * 9 }
    dataset.fill(x, indices: chosen)
    random.fillNormal(noise)
    x.assignNoisy(x0: x, epsilon: noise, levels: levels)
    let found = ideal.predict(
      Query(x, steps: levels.map { NoiseStep(index: nil, timestep: 0, level: $0) })
    ).x0.values
    for (sample, level) in levels.enumerated() {
      let part = sample * size..<(sample + 1) * size
      let noisy = x.values[part].map { Double($0) / level.alpha }
      let squares = (0..<dataset.count).map { index in
        zip(noisy, dataset[index]).reduce(0) { $0 + ($1.0 - Double($1.1)) * ($1.0 - Double($1.1)) }
      }
      let least = squares.min() ?? 0
      let weights = squares.map {
        exp(-($0 - least) / (2 * level.sigmaOverAlpha * level.sigmaOverAlpha))
      }
      let sum = weights.reduce(0, +)
      var mean = [Double](repeating: 0, count: size)
      for (index, weight) in weights.enumerated() {
        for (place, value) in dataset[index].enumerated() {
          mean[place] += weight / sum * Double(value)
        }
      }
      #expect(
        isClose(found[part].map { Double($0) }, mean, relative: 0, absolute: 3e-5), "\(level)")
    }
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
