import Foundation
import Testing

@testable import Diffusion

/// An objective without chance: the noise of a sample follows from its own numbers, its level is the
/// middle one, or that after as many steps as were observed.
private struct FixedNoise: Objective {
  static let name = "fixed-noise"
  static let meaning = "noise that follows from the sample"
  static let table: [Setting<Self>] = [.flag(\.climbs, "climbs", "whether levels follow the steps")]

  struct Truth {
    let target: Tensor
  }

  struct Progress: Codable, Equatable {
    var steps = 0
    var losses: [Double] = []
  }

  var climbs = false
  var parameterization: Parameterization { .epsilon }

  static func noise(_ values: [Float]) -> [Float] { values.map { sinf(40 * $0) } }

  func begin() -> Progress { Progress() }

  func corrupt(
    _ batch: Batch, along schedule: Schedule, _ state: Progress, using random: inout Random,
    evaluate: (Query) -> Tensor
  ) -> (Query, Truth) {
    let (x, target) = (batch.makeTensor(), batch.makeTensor())
    target.assign(Self.noise(batch.x0.values))
    let step = schedule.step(at: climbs ? state.steps % schedule.count : schedule.count / 2)
    let levels = Array(repeating: step.level, count: x.shape.batch)
    x.assignNoisy(x0: batch.x0, epsilon: target, levels: levels)
    return (Query(x, at: step, condition: batch.condition), Truth(target: target))
  }

  func loss(_ output: Tensor, _ truth: Truth, gradient: Tensor) -> [Double] {
    let errors = zip(output.values, truth.target.values).map { $0 - $1 }
    gradient.assign(errors.map { 2 * $0 / Float(output.count) })
    let size = output.shape.sampleCount
    return stride(from: 0, to: errors.count, by: size).map { start in
      errors[start..<start + size].reduce(0) { $0 + Double($1 * $1) } / Double(size)
    }
  }

  func observe(
    _ losses: [Double], at steps: [NoiseStep], along schedule: Schedule, _ state: inout Progress
  ) {
    state.steps += 1
    state.losses = Array((state.losses + [losses[0]]).suffix(3))
  }
}

/// Multiplies gradients, or fails.
private struct Multiplying: GradientExchange {
  struct Lost: Error {}

  let rank = 0
  let size = 1
  /// nil to fail.
  var factor: Float?

  func average(_ gradients: Tensor) throws {
    guard let factor else { throw Lost() }
    gradients.assign(factor, gradients, plus: 0, gradients)
  }
}

@Suite("Steps of a trainer")
struct StepTests {
  private static func mlp(_ hidden: [Int] = [16, 32, 16]) -> Network {
    .mlp(Points.swissroll().shape, hidden: hidden)
  }

  private static func trainer(
    _ network: Network = mlp(), batch: Int = 16, accumulate: Int = 1, climbs: Bool = false,
    exchange: any GradientExchange = SingleProcess()
  ) -> Trainer {
    var objective = FixedNoise()
    objective.climbs = climbs
    return Trainer(
      network, on: Points.swissroll(), schedule: .logLinear(), objective: objective,
      TrainingConfiguration(batchSize: batch, steps: 50, seed: 3, accumulate: accumulate),
      exchange: exchange)
  }

  /// The largest difference in units of the largest number.
  private func difference(_ a: [Float], _ b: [Float]) -> Double {
    let scale = b.map { Double(abs($0)) }.max() ?? 0
    return (zip(a, b).map { Double(abs($0 - $1)) }.max() ?? .infinity) / scale
  }

  @Test("the gradients of two batches are those of one of twice the size")
  func accumulation() throws {
    let (two, one) = (Self.trainer(batch: 8, accumulate: 2), Self.trainer(batch: 16))
    let (a, b) = (try #require(two.next()), try #require(one.next()))
    // The step takes their mean.
    #expect(isClose(a.gradientNorm, b.gradientNorm, relative: 1e-6))
    #expect(isClose(a.loss, b.loss, relative: 1e-6))
    #expect(isClose(a.sampleLosses, b.sampleLosses, relative: 1e-5))
    #expect(difference(two.parameters.m.values, one.parameters.m.values) < 1e-6)
  }

  @Test("epochs count every batch of a step")
  func epochs() {
    var configuration = TrainingConfiguration(batchSize: 10, steps: 1, accumulate: 2)
    configuration.duration = .epochs(4)
    let trainer = Trainer(
      Self.mlp(), on: Points.swissroll(), schedule: .logLinear(), configuration)
    #expect(trainer.totalSteps == 4 * 100 / 20)
  }

  @Test("a loop ends after one step that is not finite, and goes on when it is told to")
  func retrying() {
    let trainer = Self.trainer()
    let good = trainer.rawWeights
    trainer.parameters.weights.pointer[0] = .nan
    var found: [Bool] = []
    for metrics in trainer { found.append(metrics.isFinite) }
    #expect(found == [false])
    #expect(trainer.hasDiverged && trainer.step == 0)
    #expect(trainer.next() == nil)
    trainer.parameters.weights.assign(good.values)
    trainer.retry()
    for metrics in trainer { found.append(metrics.isFinite) }
    #expect(found == [false] + Array(repeating: true, count: 50))
    #expect(trainer.step == 50 && !trainer.hasDiverged)
  }

  @Test("what an objective has learned is saved and goes on")
  func objectiveState() throws {
    let whole = Self.trainer(climbs: true)
    let expected = whole.prefix(6).map { $0 }
    #expect(expected.map { $0.timesteps[0] } == [0, 1, 2, 3, 4, 5])

    let first = Self.trainer(climbs: true)
    for _ in 0..<4 { _ = first.next() }
    let state = first.state
    let progress = try JSONDecoder().decode(FixedNoise.Progress.self, from: Data(state.objective))
    #expect(progress.steps == 4)
    #expect(progress.losses == expected[1...3].map { $0.sampleLosses[0] })
    let second = Self.trainer(climbs: true)
    try second.restore(state)
    #expect(second.prefix(2).map { $0 } == Array(expected.suffix(2)))
    #expect(second.state.objective == whole.state.objective)

    var damaged = state
    damaged.objective = Array("{\"steps\":true}".utf8)
    #expect(throws: TrainerStateError.objective) { try Self.trainer(climbs: true).restore(damaged) }
  }

  @Test("a step that does not count teaches the objective nothing")
  func nothingLearned() throws {
    let trainer = Self.trainer(climbs: true)
    _ = trainer.next()
    let before = trainer.state.objective
    trainer.parameters.weights.pointer[0] = .nan
    _ = trainer.next()
    #expect(trainer.state.objective == before)
  }

  @Test("the state of another network leaves a trainer as it was")
  func otherNetwork() throws {
    let (trainer, untouched) = (Self.trainer(climbs: true), Self.trainer(climbs: true))
    for _ in 0..<3 { _ = (trainer.next(), untouched.next()) }
    let other = Self.trainer(Self.mlp([16, 8, 16]), climbs: true)
    for _ in 0..<5 { _ = other.next() }
    // All of it, and only its last part.
    var partly = trainer.state
    (partly.v, partly.step) = (other.state.v, 9)
    (partly.objective, partly.weights) = (other.state.objective, untouched.state.average)
    for state in [other.state, partly] {
      #expect(throws: ParameterMismatch.self) { try trainer.restore(state) }
      #expect(trainer.step == 3)
      #expect(trainer.rawWeights.values == untouched.rawWeights.values)
      #expect(trainer.averagedWeights.values == untouched.averagedWeights.values)
      #expect(trainer.parameters.m.values == untouched.parameters.m.values)
      #expect(trainer.parameters.v.values == untouched.parameters.v.values)
      #expect(trainer.state.objective == untouched.state.objective)
    }
    #expect(trainer.next() == untouched.next())
  }

  @Test("the step takes the gradients that the exchange leaves")
  func exchange() throws {
    let doubled = Self.trainer(exchange: Multiplying(factor: 2))
    let alone = Self.trainer()
    let (a, b) = (try #require(doubled.next()), try #require(alone.next()))
    #expect(a.loss == b.loss)
    #expect(isClose(a.gradientNorm, 2 * b.gradientNorm, relative: 1e-12))
    #expect(doubled.parameters.m.values == alone.parameters.m.values.map { 2 * $0 })
    #expect(doubled.parameters.v.values == alone.parameters.v.values.map { 4 * $0 })
  }

  @Test("an exchange that fails ends the iteration and moves nothing")
  func failedExchange() {
    let trainer = Self.trainer(exchange: Multiplying(factor: nil))
    let before = trainer.rawWeights.values
    #expect(trainer.next() == nil)
    #expect(trainer.failure is Multiplying.Lost)
    #expect(trainer.step == 0)
    #expect(trainer.rawWeights.values == before)
    trainer.retry()
    #expect(trainer.next() == nil)
  }

  /// Running statistics of the samples themselves, then a linear layer.
  private static func normed() -> Network {
    var table = ParameterTable()
    let shape = Points.swissroll().shape
    let body = Sequential {
      BatchNorm2d(2, "norm", &table)
      Linear(2, 2, "out", &table)
    }
    return Network(
      name: "normed", sampleShape: shape, noiseInput: .none, table: table, body: body)
  }

  @Test("running statistics of a step with two batches are those of two in turn, as in PyTorch")
  func runningStatistics() throws {
    let network = Self.normed()
    let trainer = Self.trainer(network, batch: 8, accumulate: 2)
    // The same draws once more.
    var random = Random(seed: 3)
    network.table.initialize(network.table.makeBlock(), using: &random)
    let data = trainer.dataset
    var batches = Batches(count: data.count)
    let level = trainer.schedule[trainer.schedule.count / 2]
    var (means, variances) = ([0.0, 0], [1.0, 1])
    for _ in 0..<2 {
      let x = batches.next(8, using: &random).flatMap { data[$0] }
      let noised = zip(x, FixedNoise.noise(x)).map {
        level.alpha * Double($0) + level.sigma * Double($1)
      }
      for c in 0..<2 {
        let column = stride(from: c, to: 16, by: 2).map { noised[$0] }
        let mean = column.reduce(0, +) / 8
        let variance = column.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 7
        means[c] = 0.9 * means[c] + 0.1 * mean
        variances[c] = 0.9 * variances[c] + 0.1 * variance
      }
    }
    _ = try #require(trainer.next())
    for block in [trainer.rawWeights, trainer.averagedWeights] {
      let tensors = try network.table.source(block).tensors()
      func values(_ name: String) throws -> [Double] {
        try #require(tensors.first { $0.name == name }).values.map { Double($0) }
      }
      #expect(isClose(try values("norm.running_mean"), means, relative: 1e-5))
      #expect(isClose(try values("norm.running_var"), variances, relative: 1e-5))
      #expect(try values("norm.num_batches_tracked") == [2])
    }
  }

  @Test("statistics of a step that does not count are forgotten")
  func forgottenStatistics() throws {
    let network = Self.normed()
    let trainer = Self.trainer(network, batch: 8, accumulate: 2)
    _ = trainer.next()
    let good = trainer.rawWeights.values
    trainer.parameters.weights.pointer[0] = .nan
    _ = trainer.next()
    #expect(trainer.hasDiverged)
    #expect(Array(trainer.rawWeights.values.dropFirst()) == Array(good.dropFirst()))
    trainer.parameters.weights.assign(good)
    trainer.retry()
    _ = trainer.next()
    #expect(trainer.rawWeights.values.last == 4)
  }
}
