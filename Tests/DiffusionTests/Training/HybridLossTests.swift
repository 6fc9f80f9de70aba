import Testing

@testable import Diffusion

@Suite("Learned variance")
struct HybridLossTests {
  /// Numbers (B, C, H, W) of a fixture.
  private func tensor(_ name: String, _ fixture: Fixture) throws -> Tensor {
    let shape = try fixture.shape(name)
    return Tensor(
      channelsFirst: try fixture.floats(name), Shape(shape[0], shape[2], shape[3], shape[1]))
  }

  @Test("losses and gradients are those of the published formula, the last step's likelihood too")
  func formula() throws {
    let fixture = try Fixture("hybrid")
    let (x0, noise) = (try tensor("x0", fixture), try tensor("noise", fixture))
    let answer = try tensor("answer", fixture)
    let schedule = Schedule.linear()
    let steps = [0, 1, 500, 999].map { schedule.step(at: $0) }
    let x = Tensor(x0.shape)
    x.assignNoisy(x0: x0, epsilon: noise, levels: steps.map(\.level))
    let truth = DenoisingObjective.Truth(
      target: noise, weights: [1, 1, 1, 1], shares: [], query: Query(x, steps: steps), x0: x0,
      schedule: schedule)
    let gradient = Tensor(answer.shape)
    let losses = DenoisingObjective().loss(answer, truth, gradient: gradient)
    for (loss, expected) in zip(losses, try fixture.doubles("losses")) {
      #expect(abs(loss - expected) <= 1e-5 * expected)
    }
    let expected = try fixture.doubles("gradient").map(Float.init)
    #expect(isNear(gradient.channelsFirst, expected))
  }

  @Test("the variance is learned: its network's samples need it, others refuse it")
  func training() throws {
    let data = try DataConfiguration(source: "digits14").load()
    var architecture = UNetConfiguration(channels: 8, multipliers: [1, 2], blocks: 1)
    architecture.learnsVariance = true
    let network = architecture.makeNetwork(for: data.shape)
    let schedule = Schedule.linear(timesteps: 100)
    let trainer = Trainer(
      network, on: data, schedule: schedule, TrainingConfiguration(batchSize: 16, steps: 60))
    let losses = trainer.map(\.loss)
    #expect(losses.count == 60 && losses.allSatisfy(\.isFinite))
    #expect(losses.suffix(10).reduce(0, +) < losses.prefix(10).reduce(0, +))

    let denoiser = trainer.denoiser()
    let query = Query(Tensor(data.shape.with(batch: 2)), at: schedule.step(at: 50))
    let variance = try #require(denoiser.predict(query).variance)
    #expect(variance.shape == data.shape.with(batch: 2))
    #expect(variance.norm > 0)

    var recipe = Recipe(
      name: "learned", data: DataConfiguration(source: "digits14"),
      network: NetworkConfiguration(architecture))
    try recipe.schedule.set("timesteps", to: .integer(100))
    let model = Model(
      recipe, network: network, weights: trainer.averagedWeights, format: data.format)
    let samples = try model.samples(2, by: DDPM(steps: 10, variance: .learnedRange))
    let isFinite = samples.joined().allSatisfy { $0.isFinite }
    #expect(isFinite)
    let other = try model.samples(2, by: DDPM(steps: 10, variance: .fixedSmall))
    #expect(samples != other)
  }

  @Test("the gradient of x̂_0 leaves the variance out")
  func pullback() throws {
    var architecture = UNetConfiguration(channels: 4, multipliers: [1], blocks: 1)
    architecture.learnsVariance = true
    let network = architecture.makeNetwork(for: Shape(1, 4, 4, 1))
    var random = Random(seed: 1)
    let weights = Weights(count: network.table.count) {
      network.table.initialize($0, using: &random)
    }
    let denoiser = NetworkDenoiser(network, weights: weights, predicting: .x0)
    let x = Tensor(Shape(1, 4, 4, 1))
    random.fillNormal(x)
    let step = Schedule.linear().step(at: 300)
    let (_, pullback) = denoiser.predictWithPullback(Query(x, at: step))
    let direction = Tensor(x.shape)
    random.fillNormal(direction)
    let slope = pullback(Tensor(x.shape, [Float](repeating: 1, count: 16)))
    func sum(_ size: Float) -> Float {
      let moved = Tensor(x.shape)
      moved.assign(1, x, plus: size, direction)
      return denoiser.predict(Query(moved, at: step)).x0.values.reduce(0, +)
    }
    let expected = (sum(1e-2) - sum(-1e-2)) / 2e-2
    let found = zip(slope.values, direction.values).reduce(0) { $0 + $1.0 * $1.1 }
    #expect(abs(found - expected) < 1e-2 * max(1, abs(expected)))
  }
}
