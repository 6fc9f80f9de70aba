import Testing

@testable import Diffusion

@Suite("Where the time of a step goes")
struct StepProfileTests {
  /// A clock on which a second passes whenever it is read.
  private final class Ticks {
    private var count = 0.0
    func next() -> Double {
      count += 1
      return count
    }
  }

  private func trainer(
    _ network: Network, _ change: (inout TrainingConfiguration) -> Void = { _ in }
  )
    -> Trainer
  {
    var random = Random(seed: 3)
    let shape = network.sampleShape
    let data = Dataset(
      name: "noise", kind: .image, shape: shape, range: -1...1,
      values: random.normals(8 * shape.sampleCount))
    var configuration = TrainingConfiguration(
      batchSize: 2, steps: 10, learningRate: LearningRateSchedule(1e-3))
    change(&configuration)
    return Trainer(network, on: data, schedule: .linear(), configuration)
  }

  private static let networks: [Network] = [
    .unet(
      Shape(1, 8, 8, 1), UNetConfiguration(channels: 8, multipliers: [1, 2], blocks: 1, groups: 4)),
    .articleUNet(Shape(1, 32, 32, 1), ArticleUNetConfiguration(channels: 4)),
    .dit(Shape(1, 8, 8, 1), DiTConfiguration(depth: 2, headChannels: 8, heads: 2)),
    .ncsn(Shape(1, 12, 10, 2), NCSNConfiguration(channels: 8, noiseLevels: 1000)),
    .smallDiffusionUNet(
      Shape(1, 14, 14, 1),
      SmallDiffusionUNetConfiguration(channels: 32, multipliers: [1, 2], attention: [7])),
  ]

  @Test("every layer is timed in both directions", arguments: networks)
  func everyLayer(_ network: Network) throws {
    let trainer = trainer(network)
    let ticks = Ticks()
    trainer.stepClock = ticks.next
    _ = try #require(trainer.next())
    let profile = try #require(trainer.profile)
    #expect(profile.layers.map(\.kind) == network.summary().rows.map(\.kind))
    #expect(profile.layers.allSatisfy { $0.forward > 0 && $0.backward > 0 })
    #expect(profile.layers.reduce(0) { $0 + $1.seconds } + profile.update < profile.total)
    #expect(profile.samples == 2)
  }

  @Test("arithmetic is that of the summary, three times over, for each sample")
  func operations() throws {
    let network = Self.networks[0]
    let trainer = trainer(network)
    trainer.stepClock = Ticks().next
    _ = trainer.next()
    let profile = try #require(trainer.profile)
    #expect(
      profile.layers.reduce(0) { $0 + $1.operations }
        == Double(6 * 2 * network.summary().multiplications))
    let kinds = profile.kinds
    #expect(kinds.reduce(0) { $0 + $1.count } == profile.layers.count)
    #expect(zip(kinds, kinds.dropFirst()).allSatisfy { $0.seconds >= $1.seconds })
  }

  @Test("a step that accumulates two batches has the layers of both")
  func accumulation() throws {
    let trainer = trainer(Self.networks[0]) { $0.accumulationSteps = 2 }
    trainer.stepClock = Ticks().next
    _ = trainer.next()
    let profile = try #require(trainer.profile)
    #expect(profile.layers.count == 2 * Self.networks[0].summary().rows.count)
    #expect(profile.layers.allSatisfy { $0.backward > 0 })
    #expect(profile.samples == 4)
  }

  @Test("the clock changes no number, and without it nothing is timed")
  func sameNumbers() throws {
    let (timed, plain) = (trainer(Self.networks[0]), trainer(Self.networks[0]))
    timed.stepClock = Ticks().next
    for _ in 0..<3 {
      #expect(timed.next()?.loss == plain.next()?.loss)
      #expect(plain.profile == nil)
    }
    #expect(timed.parameters.weights.values == plain.parameters.weights.values)
    timed.stepClock = nil
    _ = timed.next()
    #expect(timed.profile == nil)
  }

  @Test("a step that measures its layers is not timed")
  func measuring() {
    let trainer = trainer(Self.networks[0])
    trainer.stepClock = Ticks().next
    trainer.measuresLayers = true
    _ = trainer.next()
    #expect(trainer.profile == nil && !trainer.layers.isEmpty)
  }
}
