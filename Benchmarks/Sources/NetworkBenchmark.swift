import Diffusion
import Platform

/// A network on its data: a whole training step, and single evaluations.
struct NetworkBenchmark {
  let name: String
  let batch: Int
  let network: Network
  let data: Dataset

  /// The cases; Benchmarks/pytorch.py has the same ones under the same names.
  static func all() throws -> [NetworkBenchmark] {
    let digits = BuiltInData.digits14.make()
    let digits28 = BuiltInData.digits28.make()
    let noise32 = noise(side: 32, channels: 3)
    let points = Points.swissroll()
    let hidden = [16, 128, 128, 128, 128, 16]
    return [
      NetworkBenchmark(
        name: "digits", batch: 64,
        network: .unet(digits.shape, UNetConfiguration(multipliers: [1, 2, 4], blocks: 1)),
        data: digits),
      NetworkBenchmark(
        name: "digits28", batch: 64,
        network: .unet(digits28.shape, UNetConfiguration(multipliers: [1, 2, 2], blocks: 1)),
        data: digits28),
      NetworkBenchmark(
        name: "mlp128", batch: 128, network: .mlp(points.shape, hidden: hidden), data: points),
      NetworkBenchmark(
        name: "mlp2048", batch: 2048, network: .mlp(points.shape, hidden: hidden), data: points),
      NetworkBenchmark(
        name: "article", batch: 8, network: .articleUNet(noise32.shape), data: noise32),
      NetworkBenchmark(
        name: "article16", batch: 32,
        network: .articleUNet(noise32.shape, ArticleUNetConfiguration(channels: 16)),
        data: noise32),
      NetworkBenchmark(
        name: "fashion", batch: 32,
        network: .smallDiffusionUNet(
          digits28.shape,
          SmallDiffusionUNetConfiguration(
            channels: 64, multipliers: [1, 1, 2], attention: [14], dropout: 0.1)),
        data: digits28),
      NetworkBenchmark(
        name: "dit", batch: 32, network: .dit(digits28.shape, DiTConfiguration(depth: 4)),
        data: digits28),
      NetworkBenchmark(
        name: "cifar", batch: 4, network: .unet2D(noise32.shape, cifar), data: noise32),
    ]
  }

  /// google/ddpm-cifar10-32.
  private static var cifar: UNet2DConfiguration {
    var c = UNet2DConfiguration()
    (c.blockOutChannels, c.freqShift, c.flipSinToCos) = ([128, 256, 256, 256], 1, false)
    c.downBlocks = [.plain, .attention, .plain, .plain]
    c.upBlocks = [.plain, .plain, .attention, .plain]
    (c.attentionHeadDim, c.normEps, c.downsamplePadding) = (nil, 1e-6, 0)
    return c
  }

  /// Images of noise, for networks whose speed does not depend on what they see.
  private static func noise(side: Int, channels: Int) -> Dataset {
    let shape = Shape(1, side, side, channels)
    var random = Random(seed: 0)
    return Dataset(
      name: "noise", kind: .image, shape: shape, range: -1...1,
      values: random.normals(64 * shape.sampleCount))
  }

  /// Measures it; `measuringMemory` tells whether nothing larger has run in this process.
  func run(measuringMemory: Bool) throws {
    let rest = Usage().peakMemory
    let stepping = trainingStep()
    let step = Timing(filling: 2, of: stepping)
    let memory = Usage().peakMemory - rest
    let faults = Usage().pageFaults
    for _ in 0..<8 { stepping() }
    let faultsPerStep = Double(Usage().pageFaults - faults) / 8
    // Backward multiplies twice as often as forward: for the input and for the weights.
    let operations = 6 * Double(network.summary().multiplications * batch)
    try report(
      NetworkMeasurement(
        name: name, parameters: network.parameterCount, batch: batch,
        trainStep: step.milliseconds, forward16: Timing(of: evaluation(batch: 16)).milliseconds,
        forward1: Timing(of: evaluation(batch: 1)).milliseconds, gigaflop: operations * 1e-9,
        pageFaults: faultsPerStep, trainingBytes: measuringMemory ? memory : nil))
  }

  /// Writes weights, a batch and the loss that the network has on it, for a peer to compute the same.
  func writeCheck(to path: String) throws {
    var random = Random(seed: 1)
    let weights = network.table.makeBlock()
    network.table.initialize(weights, using: &random)
    let shape = network.sampleShape.with(batch: 4)
    let x = Tensor(channelsFirst: random.normals(shape.count), shape)
    let target = Tensor(channelsFirst: random.normals(shape.count), shape)
    let sigmas: [Float] = [0.5, 1, 1.5, 2]
    let timesteps: [Float] = [100, 300, 500, 900]
    let told = network.noiseInput == .sigma ? sigmas.map { 0.5 * log($0) } : timesteps
    let pass = Pass(.evaluate, network.table, weights: weights)
    let output = network.forward(x, noise: Tensor(Shape(4, 1, 1, 1), told), pass)
    let error = Tensor(shape)
    error.assign(1, output, plus: -1, target)
    let loss = Float(error.norm * error.norm / Double(error.count))
    let size = [4, shape.channels, shape.height, shape.width]
    try SafeTensors.write(
      network.table.export(weights) + [
        NamedTensor(name: "check.x", shape: size, values: x.channelsFirst),
        NamedTensor(name: "check.target", shape: size, values: target.channelsFirst),
        NamedTensor(name: "check.sigma", shape: [4], values: sigmas),
        NamedTensor(name: "check.timestep", shape: [4], values: timesteps),
        NamedTensor(name: "check.loss", shape: [1], values: [loss]),
      ], to: path)
  }

  private func trainingStep() -> () -> Void {
    let trainer = Trainer(
      network, on: data, schedule: .linear(),
      TrainingConfiguration(
        batchSize: batch, steps: .max, learningRate: LearningRateSchedule(1e-3),
        maximumGradientNorm: 1))
    return { _ = trainer.next() }
  }

  private func evaluation(batch: Int) -> () -> Void {
    let denoiser = NetworkDenoiser(
      network, weights: Weights([Float](repeating: 0.01, count: network.table.count)),
      predicting: .epsilon)
    let x = Tensor(network.sampleShape.with(batch: batch))
    let step = NoiseStep(index: 500, timestep: 500, level: Schedule.linear()[500])
    return { _ = denoiser.predict(Query(x, at: step)) }
  }
}
