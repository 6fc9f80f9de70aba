import Diffusion

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
    ]
  }

  /// Images of noise, for networks whose speed does not depend on what they see.
  private static func noise(side: Int, channels: Int) -> Dataset {
    let shape = Shape(1, side, side, channels)
    var random = Random(seed: 0)
    return Dataset(
      name: "noise", kind: .image, shape: shape, range: -1...1,
      values: random.normals(64 * shape.sampleCount))
  }

  func run() {
    let stepping = trainingStep()
    let step = Timing(of: stepping)
    let faults = Usage().pageFaults
    for _ in 0..<8 { stepping() }
    let faultsPerStep = Double(Usage().pageFaults - faults) / 8
    let (sixteen, one) = (Timing(of: evaluation(batch: 16)), Timing(of: evaluation(batch: 1)))
    // Backward multiplies twice as often as forward: for the input and for the weights.
    let operations = 6 * Double(network.summary().multiplications * batch)
    print(
      "{\"case\": \"\(name)\", \"parameters\": \(network.parameterCount), \"batch\": \(batch), "
        + "\"trainStepMs\": \(step.wall), \"imagesPerSecond\": \(Double(batch) * 1000 / step.wall), "
        + "\"gigaflops\": \(operations / step.wall * 1e-6), \"pageFaults\": \(faultsPerStep), "
        + "\"forwardMs16\": \(sixteen.wall), \"forwardMs1\": \(one.wall), "
        + "\"processorMs\": {\"trainStep\": \(step.processor), \"forward16\": \(sixteen.processor), "
        + "\"forward1\": \(one.processor)}}")
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
