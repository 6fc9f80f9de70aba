import Diffusion
import Platform

/// A network on its data: a whole training step, and single evaluations.
struct NetworkBenchmark {
  let name: String
  let batch: Int
  /// The network and its data, made when the case is measured: what others load is no memory of its own.
  private let make: () -> (Network, Dataset)

  /// The cases; Benchmarks/pytorch.py has the same ones under the same names.
  static var all: [NetworkBenchmark] {
    let hidden = [16, 128, 128, 128, 128, 16]
    return [
      NetworkBenchmark("digits", batch: 64, BuiltInData.digits14.make) {
        .unet($0.shape, UNetConfiguration(multipliers: [1, 2, 4], blocks: 1))
      },
      NetworkBenchmark("digits28", batch: 64, BuiltInData.digits28.make) {
        .unet($0.shape, UNetConfiguration(multipliers: [1, 2, 2], blocks: 1))
      },
      NetworkBenchmark("mlp128", batch: 128, Points.swissroll) {
        .mlp($0.shape, hidden: hidden)
      },
      NetworkBenchmark("mlp2048", batch: 2048, Points.swissroll) {
        .mlp($0.shape, hidden: hidden)
      },
      NetworkBenchmark("article", batch: 8, noise) { .articleUNet($0.shape) },
      NetworkBenchmark("article16", batch: 32, noise) {
        .articleUNet($0.shape, ArticleUNetConfiguration(channels: 16))
      },
      NetworkBenchmark("fashion", batch: 32, BuiltInData.digits28.make) {
        .smallDiffusionUNet(
          $0.shape,
          SmallDiffusionUNetConfiguration(
            channels: 64, multipliers: [1, 1, 2], attention: [14], dropout: 0.1))
      },
      NetworkBenchmark("dit", batch: 32, BuiltInData.digits28.make) {
        .dit($0.shape, DiTConfiguration(depth: 4))
      },
      NetworkBenchmark("cifar", batch: 4, noise) { .unet2D($0.shape, cifar) },
      NetworkBenchmark("words", batch: 128, BuiltInData.words.make) {
        TextTransformerConfiguration().makeNetwork(for: $0.format)
      },
      NetworkBenchmark("drums", batch: 16, BuiltInData.drums.make) {
        .unet(
          $0.shape,
          UNetConfiguration(
            channels: 64, multipliers: [1, 2, 2], blocks: 1, classes: $0.classNames.count,
            patch: 16, attention: [3]))
      },
    ]
  }

  private init(
    _ name: String, batch: Int, _ data: @escaping () -> Dataset,
    network: @escaping (Dataset) -> Network
  ) {
    (self.name, self.batch) = (name, batch)
    make = {
      let data = data()
      return (network(data), data)
    }
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
  private static func noise() -> Dataset {
    let shape = Shape(1, 32, 32, 3)
    var random = Random(seed: 0)
    return Dataset(
      name: "noise", kind: .image, shape: shape, range: -1...1,
      values: random.normals(64 * shape.sampleCount))
  }

  /// Measures it; `measuringMemory` tells whether nothing larger has run in this process.
  func run(measuringMemory: Bool) throws {
    let (network, data) = make()
    Usage.forgetPeak()
    let rest = Usage.residentMemory
    let stepping = trainingStep(network, data)
    let step = Timing(filling: 2, of: stepping)
    let memory = Usage.peakMemory - rest
    let faults = Usage().pageFaults
    for _ in 0..<8 { stepping() }
    let faultsPerStep = Double(Usage().pageFaults - faults) / 8
    // Backward multiplies twice as often as forward: for the input and for the weights.
    let operations = 6 * Double(network.summary().multiplications * batch)
    let times = [16, 1].map {
      Timing(of: evaluation(network, data, batch: $0)).milliseconds
    }
    try report(
      NetworkMeasurement(
        name: name, parameters: network.parameterCount, batch: batch,
        trainStep: step.milliseconds, forward16: times[0], forward1: times[1],
        gigaflop: operations * 1e-9, pageFaults: faultsPerStep,
        trainingBytes: measuringMemory ? memory : nil))
  }

  private func trainingStep(_ network: Network, _ data: Dataset) -> () -> Void {
    let trainer = Trainer(
      network, on: data, schedule: data.schedule, objective: data.objective,
      TrainingConfiguration(
        batchSize: batch, steps: .max, learningRate: LearningRateSchedule(1e-3),
        maximumGradientNorm: 1))
    return { _ = trainer.next() }
  }

  private func evaluation(_ network: Network, _ data: Dataset, batch: Int) -> () -> Void {
    let denoiser = NetworkDenoiser(
      network, weights: Weights([Float](repeating: 0.01, count: network.table.count)),
      predicting: data.objective.parameterization)
    let x = Tensor(network.sampleShape.with(batch: batch))
    // Nothing of a text is known yet.
    if let text = data.text { x.fill(Float(text.mask)) }
    let step = NoiseStep(index: 500, timestep: 500, level: data.schedule[500])
    return { _ = denoiser.predict(Query(x, at: step)) }
  }
}

// MARK: - The same loss on both sides

extension NetworkBenchmark {
  /// Writes weights, a batch and the loss that the network has on it, for a peer to compute the same.
  func writeCheck(to path: String) throws {
    let (network, data) = make()
    var random = Random(seed: 1)
    let weights = network.table.makeBlock()
    network.table.initialize(weights, using: &random)
    let pass = Pass(.evaluate, network.table, weights: weights)
    let given =
      data.text.map { Self.textCheck(network, data, $0, pass, &random) }
      ?? Self.check(network, pass, &random)
    try SafeTensors.write(network.table.export(weights) + given, to: path)
  }

  /// The mean squared error of the raw output.
  private static func check(
    _ network: Network, _ pass: Pass, _ random: inout Random
  ) -> [NamedTensor] {
    let shape = network.sampleShape.with(batch: 4)
    let x = Tensor(channelsFirst: random.normals(shape.count), shape)
    let target = Tensor(channelsFirst: random.normals(shape.count), shape)
    let sigmas: [Float] = [0.5, 1, 1.5, 2]
    let timesteps: [Float] = [100, 300, 500, 900]
    let told = network.noiseInput == .sigma ? sigmas.map { 0.5 * log($0) } : timesteps
    let labels = network.classes > 0 ? [0, 1, 2, network.classes] : []
    let output = network.forward(
      x, noise: Tensor(Shape(4, 1, 1, 1), told), labels: labels, pass)
    let error = Tensor(shape)
    error.assign(1, output, plus: -1, target)
    let loss = Float(error.norm * error.norm / Double(error.count))
    let size = [4, shape.channels, shape.height, shape.width]
    return [
      NamedTensor(name: "check.x", shape: size, values: x.channelsFirst),
      NamedTensor(name: "check.target", shape: size, values: target.channelsFirst),
      NamedTensor(name: "check.sigma", shape: [4], values: sigmas),
      NamedTensor(name: "check.timestep", shape: [4], values: timesteps),
      NamedTensor(name: "check.loss", shape: [1], values: [loss]),
    ]
      + (labels.isEmpty
        ? [] : [NamedTensor(name: "check.labels", shape: [4], values: labels.map { Float($0) })])
  }

  /// The masked cross-entropy in bits per character; `sigma` is the share of each sample that is masked.
  private static func textCheck(
    _ network: Network, _ data: Dataset, _ text: TextFormat, _ pass: Pass, _ random: inout Random
  ) -> [NamedTensor] {
    let objective = MaskingObjective()
    let tokens = Tensor(data.shape.with(batch: 4))
    data.fill(tokens, indices: (0..<4).map { $0 * data.count / 4 })
    let (query, truth) = objective.corrupt(
      Batch(tokens, text: text), along: data.schedule, NoState(), using: &random,
      evaluate: { $0.x })
    let logits = network.forward(query.x, noise: Tensor(Shape(4, 1, 1, 1)), pass)
    let losses = objective.loss(logits, truth, gradient: Tensor(logits.shape))
    let size = [4, data.shape.width]
    return [
      NamedTensor(name: "check.x", shape: size, values: query.x.values),
      NamedTensor(name: "check.target", shape: size, values: tokens.values),
      NamedTensor(
        name: "check.sigma", shape: [4], values: query.steps.map { Float($0.level.sigma) }),
      NamedTensor(
        name: "check.characters", shape: [1], values: [Float(text.charactersPerSample)]),
      NamedTensor(
        name: "check.loss", shape: [1], values: [Float(losses.reduce(0, +) / 4)]),
    ]
  }
}

extension Dataset {
  /// How it is noised, or masked where it is text.
  fileprivate var objective: any Objective {
    text == nil ? DenoisingObjective() : MaskingObjective()
  }

  fileprivate var schedule: Schedule { text == nil ? .linear() : MaskingSchedule().make() }
}
