import Testing

@testable import Diffusion

@Suite("Trainer")
struct TrainerTests {
  private static func trainer(
    steps: Int = 1000, seed: UInt64 = 3, schedule: Schedule = .logLinear(), batch: Int = 32
  ) -> Trainer {
    let data = Points.swissroll()
    return Trainer(
      .mlp(data.shape, hidden: [16, 32, 16]), on: data, schedule: schedule,
      TrainingConfiguration(
        batchSize: batch, steps: steps, learningRate: LearningRateSchedule(2e-3, warmup: 5),
        seed: seed))
  }

  private static func digitsTrainer(seed: UInt64 = 3) throws -> Trainer {
    let data = BuiltInData.digits14.make()
    let network = UNetConfiguration(channels: 8, multipliers: [1, 2], blocks: 1, groups: 4)
    return Trainer(
      .unet(data.shape, network), on: data, schedule: .cosine(),
      objective: DenoisingObjective(predicting: .x0),
      TrainingConfiguration(
        batchSize: 8, steps: 100, learningRate: LearningRateSchedule(1e-3), maximumGradientNorm: 1,
        seed: seed))
  }

  @Test("a seed gives the same losses twice, bit for bit")
  func seedGivesSameLosses() throws {
    let first = Self.trainer().prefix(30).map(\.loss)
    let second = Self.trainer().prefix(30).map(\.loss)
    #expect(first == second)
    #expect(first != Self.trainer(seed: 4).prefix(30).map(\.loss))
    let digits = try Self.digitsTrainer().prefix(4).map(\.loss)
    #expect(try digits == Self.digitsTrainer().prefix(4).map(\.loss))
  }

  @Test("the loss of a small network on points falls well below that of predicting nothing")
  func lossFalls() {
    let losses = Self.trainer(batch: 256).prefix(600).map(\.loss)
    let start = losses.prefix(5).reduce(0, +) / 5
    let end = losses.suffix(50).reduce(0, +) / 50
    #expect(start > 0.8)
    #expect(end < 0.6)
  }

  @Test("going on from a saved state equals never having stopped")
  func resumeEqualsNeverStopping() throws {
    for makeTrainer in [{ Self.trainer() }, { try Self.digitsTrainer() }] {
      let whole = try makeTrainer()
      let expected = whole.prefix(12).map { $0 }

      let first = try makeTrainer()
      for _ in 0..<7 { _ = first.next() }
      let second = try makeTrainer()
      try second.restore(first.state)
      #expect(second.step == 7)
      #expect(second.prefix(5).map { $0 } == Array(expected.suffix(5)))
      #expect(second.rawWeights.values == whole.rawWeights.values)
      #expect(second.averagedWeights.values == whole.averagedWeights.values)
    }
  }

  @Test("a trainer stops after the last step")
  func stopsAfterTheLastStep() {
    let trainer = Self.trainer(steps: 3)
    #expect(trainer.map(\.step) == [1, 2, 3])
    #expect(trainer.next() == nil)
  }

  @Test("a steady step takes no memory from the system")
  func steadyStepAllocatesNothing() throws {
    let trainer = try Self.digitsTrainer()
    withSteadyWorkers {
      for _ in 0..<3 { _ = trainer.next() }
      let warm = trainer.allocations
      for _ in 0..<3 { _ = trainer.next() }
      #expect(trainer.allocations == warm)
    }
  }

  @Test("a loss that is not finite leaves weights and step alone")
  func divergence() {
    let trainer = Self.trainer()
    _ = trainer.next()
    trainer.parameters.weights.pointer[0] = .nan
    let before = trainer.averagedWeights
    let metrics = trainer.next()
    #expect(metrics?.isFinite == false)
    #expect(trainer.step == 1)
    #expect(trainer.averagedWeights.values == before.values)
  }

  @Test("a new schedule acts from the next step on")
  func scheduleChange() throws {
    let trainer = Self.trainer()
    _ = trainer.next()
    trainer.schedule = .logLinear(timesteps: 10, sigmaMin: 5, sigmaMax: 6)
    let metrics = try #require(trainer.next())
    #expect(metrics.sigmas.allSatisfy { (4.999...6.001).contains($0) })
    #expect(metrics.timesteps.allSatisfy { $0 < 10 })
  }

  @Test("a state of another network is refused with every difference named")
  func wrongState() throws {
    let trainer = Self.trainer()
    var state = trainer.state
    var tensors = try state.weights.tensors()
    tensors[0].name = "net.9.weight"
    tensors[1].shape = [3]
    state.weights = TensorSource(tensors)
    do {
      try trainer.restore(state)
      Issue.record("a wrong state was accepted")
    } catch let mismatch as ParameterMismatch {
      #expect(mismatch.missing == ["net.0.weight"])
      #expect(mismatch.unexpected == ["net.9.weight"])
      #expect(mismatch.wronglyShaped.map(\.name) == ["net.0.bias"])
    }
  }
}

@Suite("Batches")
struct BatchTests {
  @Test("every sample is seen once before any is seen twice")
  func permutations() {
    var random = Random(seed: 1)
    var batches = Batches(count: 10)
    let indices = (0..<5).flatMap { _ in batches.next(4, using: &random) }
    #expect(Set(indices.prefix(10)).count == 10)
    #expect(Set(indices.suffix(10)).count == 10)
  }

  @Test("a batch may be larger than the data set")
  func largeBatch() {
    var random = Random(seed: 1)
    var batches = Batches(count: 3)
    let counts = Dictionary(grouping: batches.next(9, using: &random)) { $0 }.mapValues(\.count)
    #expect(counts == [0: 3, 1: 3, 2: 3])
  }
}
