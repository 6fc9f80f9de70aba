import Foundation
import Testing

@testable import Diffusion

@Suite("Exact denoisers of distributions")
struct ExactDenoiserTests {
  static let levels = [
    NoiseLevel(sigma: 0.3), NoiseLevel(sigma: 8), NoiseLevel(alphaBar: 0.7),
    NoiseLevel(alpha: 0.4, sigma: 0.6),
  ]

  private func step(_ level: NoiseLevel) -> NoiseStep {
    NoiseStep(index: nil, timestep: 0, level: level)
  }

  @Test("a mixture of one is a normal distribution", arguments: levels)
  func oneComponent(_ level: NoiseLevel) {
    let mixture = MixtureDenoiser([.init(mean: [0.1, 0.1], deviation: 0.5)])
    let x = Tensor(Shape(3, 1, 1, 2), [0, 1, -2, 0.5, 7, 0.1])
    let (a, b) = (
      mixture.predict(Query(x, at: step(level))),
      GaussianDenoiser().predict(Query(x, at: step(level)))
    )
    #expect(isClose(a.x0.values, b.x0.values, absolute: 1e-6))
    #expect(isClose(a.epsilon.values, b.epsilon.values, absolute: 1e-5))
  }

  @Test("a mixture of points is the ideal denoiser of them", arguments: levels)
  func points(_ level: NoiseLevel) {
    let data: [Float] = [0, 1, 2, -1, 0.5, 0.5]
    let mixture = MixtureDenoiser(
      (0..<3).map { .init(mean: Array(data[2 * $0..<2 * $0 + 2]), deviation: 0) })
    let ideal = IdealDenoiser(data, Shape(3, 1, 1, 2))
    let x = Tensor(Shape(2, 1, 1, 2), [0.3, 0.1, 1.5, -0.7])
    #expect(
      isClose(
        mixture.predict(Query(x, at: step(level))).x0.values,
        ideal.predict(Query(x, at: step(level))).x0.values, absolute: 1e-6))
  }

  @Test("x̂_0 is the mean of the data that could have become x", arguments: levels)
  func posterior(_ level: NoiseLevel) {
    let mixture = MixtureDenoiser([
      .init(weight: 1, mean: [-1], deviation: 0.2), .init(weight: 3, mean: [0.5], deviation: 0.4),
    ])
    for x in [-1.0, 0, 0.7] {
      var (mass, sum) = (0.0, 0.0)
      for k in -4000...4000 {
        let value = Double(k) / 1000
        let prior =
          exp(-pow((value + 1) / 0.2, 2) / 2) / 0.2
          + 3 * exp(-pow((value - 0.5) / 0.4, 2) / 2) / 0.4
        let weight = prior * exp(-pow((x - level.alpha * value) / level.sigma, 2) / 2)
        mass += weight
        sum += weight * value
      }
      let query = Query(Tensor(Shape(1, 1, 1, 1), [Float(x)]), at: step(level))
      #expect(isClose(Double(mixture.predict(query).x0.values[0]), sum / mass, absolute: 1e-5))
    }
  }

  @Test("drawn samples have the mixture's shares and moments")
  func draws() {
    let mixture = MixtureDenoiser([
      .init(weight: 1, mean: [-1], deviation: 0.1), .init(weight: 3, mean: [2], deviation: 0.5),
    ])
    var random = Random(seed: 1)
    let values = mixture.draw(20_000, using: &random).map { Double($0) }
    let high = values.filter { $0 > 0 }
    #expect(abs(Double(high.count) / 20_000 - 0.75) < 0.01)
    let mean = high.reduce(0, +) / Double(high.count)
    let variance = high.reduce(0) { $0 + pow($1 - mean, 2) } / Double(high.count)
    #expect(abs(mean - 2) < 0.02 && abs(variance.squareRoot() - 0.5) < 0.02)
  }

  @Test("an ideal denoiser answers a batch as its samples one by one, whatever the blocks")
  func blocks() {
    // More than one block of the data, and groups of several samples.
    let shape = Shape(700, 16, 16, 1)
    var random = Random(seed: 4)
    let ideal = IdealDenoiser(random.normals(shape.count), shape)
    let x = Tensor(shape.with(batch: 21), random.normals(21 * 256))
    let levels = (0..<21).map { NoiseLevel(sigma: 0.5 + Double($0)) }
    let together = ideal.predict(Query(x, steps: levels.map(step))).x0.values
    for sample in [0, 1, 7, 20] {
      let place = sample * 256..<(sample + 1) * 256
      let alone = Tensor(shape.with(batch: 1), Array(x.values[place]))
      let answer = ideal.predict(Query(alone, at: step(levels[sample]))).x0.values
      // Matrix products of other sizes may add in another order, on some processors.
      let difference = zip(answer, together[place]).map { abs($0 - $1) }.max() ?? .infinity
      #expect(difference <= 1e-5)
    }
  }

  @Test("an ideal denoiser that reads its data in blocks answers as one that keeps it")
  func reading() {
    let digits = BuiltInData.digits14.make().select(Array(0..<1500))
    let order = Array((0..<1500).reversed())
    let (kept, read) = (
      IdealDenoiser(digits.select(order)), IdealDenoiser(reading: digits, at: order)
    )
    var random = Random(seed: 3)
    let x = Tensor(digits.shape.with(batch: 9), random.normals(9 * 196))
    for sigma in [0.05, 0.5, 5] {
      let query = Query(x, at: step(NoiseLevel(sigma: sigma)))
      #expect(kept.predict(query).x0.values == read.predict(query).x0.values)
    }
    #expect(kept.nearest(to: x.values) == read.nearest(to: x.values))
  }
}
