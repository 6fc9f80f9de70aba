import Diffusion
import Testing

@Suite("Parameterizations")
struct ParameterizationTests {
  static let levels = [
    NoiseLevel(alphaBar: 0.9), NoiseLevel(alphaBar: 0.2), NoiseLevel(sigma: 3),
    NoiseLevel(sigma: 0.1),
  ]
  static let shape = Shape(4, 2, 3, 2)

  static func normals(_ seed: UInt64) -> Tensor {
    var random = Random(seed: seed)
    return Tensor(shape, random.normals(shape.count))
  }

  @Test("the right answer gives back x_0 and ε", arguments: Parameterization.allCases)
  func roundTrip(_ parameterization: Parameterization) {
    let (x0, epsilon) = (Self.normals(1), Self.normals(2))
    let (x, target) = (Tensor(Self.shape), Tensor(Self.shape))
    x.assignNoisy(x0: x0, epsilon: epsilon, levels: Self.levels)
    parameterization.target(x0: x0, epsilon: epsilon, levels: Self.levels, into: target)
    let prediction = parameterization.prediction(target, x: x, levels: Self.levels)
    // At σ = 0.1, ε̂ = (x − x̂_0)/σ costs one digit of float32.
    #expect(isClose(prediction.x0.values, x0.values, absolute: 2e-6))
    #expect(isClose(prediction.epsilon.values, epsilon.values, absolute: 5e-6))
  }

  @Test("targets are exactly the noise and exactly the data")
  func exactTargets() {
    let (x0, epsilon, target) = (Self.normals(1), Self.normals(2), Tensor(Self.shape))
    Parameterization.epsilon.target(x0: x0, epsilon: epsilon, levels: Self.levels, into: target)
    #expect(target.values == epsilon.values)
    Parameterization.x0.target(x0: x0, epsilon: epsilon, levels: Self.levels, into: target)
    #expect(target.values == x0.values)
  }

  @Test("noisy samples are α·x_0 + σ·ε, each at its own level")
  func noisy() {
    let x = Tensor(Shape(2, 1, 1, 1))
    x.assignNoisy(
      x0: Tensor(x.shape, [2, 2]), epsilon: Tensor(x.shape, [-1, 1]),
      levels: [NoiseLevel(sigma: 3), NoiseLevel(alphaBar: 0.36)])
    #expect(isClose(x.values, [-1, 2]))
  }

  @Test("closed forms at one level")
  func closedForms() {
    let shape = Shape(1, 1, 1, 1)
    let (x, output) = (Tensor(shape, [2]), Tensor(shape, [0.5]))
    let level = NoiseLevel(alphaBar: 0.36)  // (0.6, 0.8)
    let byNoise = Parameterization.epsilon.prediction(output, x: x, levels: [level])
    #expect(isClose(byNoise.x0.values, [(2 - 0.8 * 0.5) / 0.6]))
    #expect(byNoise.epsilon.values == [0.5])
    let byData = Parameterization.x0.prediction(output, x: x, levels: [level])
    #expect(byData.x0.values == [0.5])
    #expect(isClose(byData.epsilon.values, [(2 - 0.6 * 0.5) / 0.8]))
  }
}
