import Foundation
import Testing

@testable import Diffusion

@Suite("Networks and training as in PyTorch")
struct NetworkFixtureTests {
  /// Loads the tensors of `fixture` under `prefix` for a network's table.
  private func tensors(
    _ fixture: Fixture, _ prefix: String, _ table: ParameterTable
  ) throws -> [NamedTensor] {
    try table.parameters.map { parameter in
      let name = "\(prefix).\(parameter.name)"
      return NamedTensor(
        name: parameter.name, shape: try fixture.shape(name), values: try fixture.floats(name))
    }
  }

  private func samples(_ fixture: Fixture, _ name: String, _ network: Network) throws -> Tensor {
    let values = try fixture.floats(name)
    let shape = network.sampleShape.with(batch: values.count / network.sampleShape.count)
    return Tensor(channelsFirst: values, shape)
  }

  /// One pass with gradients, one optimiser step and ten losses on one batch.
  private func check(
    _ network: Network, _ fixtureName: String, seed: UInt64, optimizer: Adam
  ) throws {
    let fixture = try Fixture(fixtureName)
    let table = network.table
    let block = ParameterBlock(table)
    var random = Random(seed: seed)
    block.initialize(table, using: &random)
    let initial = try tensors(fixture, "initial", table)
    for (found, expected) in zip(table.export(block.weights), initial) {
      #expect(
        isNear(found.values, expected.values, tolerance: 1e-6), "\(found.name) at first")
    }
    try table.load(initial, into: block.weights)

    let x = try samples(fixture, "x", network)
    let target = try samples(fixture, "target", network)
    let levels = network.noiseInput == .none ? [] : try fixture.floats("noise")
    let noise = Tensor(
      Shape(x.shape.batch, 1, 1, 1),
      levels.isEmpty ? [Float](repeating: 0, count: x.shape.batch) : levels)
    let pass = Pass(.train, network.table, weights: block.weights, gradients: block.gradients)
    var losses: [Float] = []
    for step in 1...10 {
      block.gradients.fill(0)
      let output = network.forward(x, noise: noise, pass)
      let error = Tensor(x.shape)
      error.assign(1, output, plus: -1, target)
      losses.append(Float(error.norm * error.norm / Double(x.count)))
      error.assign(2 / Float(x.count), error, plus: 0, error)
      let dx = network.backward(error, pass)
      if step == 1 {
        #expect(isNear(output.channelsFirst, try fixture.floats("output")))
        #expect(isNear(dx.channelsFirst, try fixture.floats("dx"), tolerance: 2e-5))
        try compareGradients(table.export(block.gradients), fixture)
      }
      optimizer.step(
        block, step: step, learningRate: 1e-3, gradientScale: 1, averageDecay: 0.9)
      if step == 1 {
        for (found, expected) in zip(
          table.export(block.weights), try tensors(fixture, "step", table))
        {
          // A first Adam step moves every weight by about the learning rate, whatever the size
          // of its gradient, so gradients that are noise move weights anyhow.
          let worst = zip(found.values, expected.values).map { abs($0 - $1) }.max() ?? 0
          #expect(worst < 1e-4, "\(found.name) after a step")
        }
      }
    }
    #expect(isClose(losses, try fixture.floats("losses"), relative: 1e-4))
  }

  private func compareGradients(_ gradients: [NamedTensor], _ fixture: Fixture) throws {
    let largest =
      try gradients.flatMap { try fixture.floats("gradient.\($0.name)") }
      .map { Double(abs($0)) }.max() ?? 0
    for gradient in gradients {
      let expected = try fixture.floats("gradient.\(gradient.name)")
      #expect(
        isClose(gradient.values, expected, relative: 0, absolute: 2e-5 * largest),
        "gradient of \(gradient.name)")
    }
  }

  @Test("the U-Net: names, start, output, gradients, a step, ten losses")
  func unet() throws {
    let small = UNetConfiguration(channels: 8, multipliers: [1, 2], blocks: 1, groups: 4)
    let network = Network.unet(Shape(1, 6, 6, 1), small)
    let names = try #require(try Fixture("unet-sigma").metadata["names"])
    #expect(
      try JSONDecoder().decode([String].self, from: Data(names.utf8))
        == network.table.parameters.map(\.name))
    try check(network, "unet-sigma", seed: 6, optimizer: Adam(.adamw))
  }

  @Test("the U-Net with timesteps, three channels and odd sides")
  func unetWithTimesteps() throws {
    let odd = UNetConfiguration(
      channels: 8, multipliers: [1, 2, 2], blocks: 2, groups: 4, noiseInput: .timestep)
    try check(
      .unet(Shape(1, 7, 5, 3), odd), "unet-timestep", seed: 7, optimizer: Adam(.adamw))
  }

  @Test("the dense denoiser has source A's 25,828 parameters and learns as in PyTorch")
  func dense() throws {
    let network = Network.dense(Shape(1, 1, 100, 1))
    #expect(network.parameterCount == 25_828)
    try check(
      network, "dense", seed: 2, optimizer: Adam(.adam, epsilon: 1e-7, weightDecay: 0))
  }

  /// The first 20 losses of a run with the same seed, start, batches and noise.
  private func train(
    _ fixtureName: String, _ configuration: TrainingConfiguration
  ) throws -> (Fixture, Trainer, [StepMetrics]) {
    let data = Points.swissroll()
    let network = Network.mlp(data.shape, hidden: [16, 128, 128, 128, 128, 16])
    let schedule = Schedule.logLinear(timesteps: 200, sigmaMin: 0.01, sigmaMax: 10)
    let trainer = Trainer(network, on: data, schedule: schedule, configuration)
    return (try Fixture(fixtureName), trainer, trainer.map { $0 })
  }

  @Test("the first 20 losses of an MLP run are PyTorch's to 1e-5")
  func mlpRun() throws {
    let (fixture, trainer, metrics) = try train(
      "mlp-adamw",
      TrainingConfiguration(
        batchSize: 64, steps: 20, optimizer: Adam(.adamw), learningRate: LearningRateSchedule(1e-3),
        average: EMA(decay: 0.999), seed: 1))
    #expect(trainer.network.parameterCount == 53_890)
    #expect(
      isClose(metrics.map { Float($0.loss) }, try fixture.floats("losses"), relative: 1e-5))
    let table = trainer.network.table
    let state = trainer.state
    for (found, expected) in zip(try state.weights.tensors(), try tensors(fixture, "final", table))
    {
      #expect(isNear(found.values, expected.values, tolerance: 1e-4), "\(found.name)")
    }
    for (found, expected) in zip(
      try state.average.tensors(), try tensors(fixture, "average", table))
    {
      #expect(isNear(found.values, expected.values, tolerance: 1e-4), "average of \(found.name)")
    }
  }

  @Test("Adam with warm-up and cosine decay acts as in PyTorch, a limit never reached too")
  func cosineRun() throws {
    let (fixture, _, metrics) = try train(
      "mlp-adam-clip",
      TrainingConfiguration(
        batchSize: 64, steps: 20, optimizer: Adam(.adam, weightDecay: 0),
        learningRate: LearningRateSchedule(1e-3, warmup: 5, decay: .cosine),
        maximumGradientNorm: 0.5, seed: 1))
    #expect(
      isClose(metrics.map { Float($0.loss) }, try fixture.floats("losses"), relative: 1e-5))
    #expect(
      isClose(metrics.map { Float($0.gradientNorm) }, try fixture.floats("norms"), relative: 1e-4))
    #expect(isClose(metrics.map(\.learningRate), try fixture.doubles("rates"), relative: 1e-12))
  }
}
