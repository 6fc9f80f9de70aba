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
    let step = bestMilliseconds(of: trainingStep())
    let sixteen = bestMilliseconds(of: evaluation(batch: 16))
    let one = bestMilliseconds(of: evaluation(batch: 1))
    print(
      "{\"case\": \"\(name)\", \"parameters\": \(network.parameterCount), \"batch\": \(batch), "
        + "\"trainStepMs\": \(step), \"imagesPerSecond\": \(Double(batch) * 1000 / step), "
        + "\"forwardMs16\": \(sixteen), \"forwardMs1\": \(one)}")
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

  /// The shortest of at least eight runs that fill two seconds.
  private func bestMilliseconds(of body: () -> Void) -> Double {
    let clock = ContinuousClock()
    for _ in 0..<3 { body() }
    var best = Duration.seconds(1_000_000)
    var runs = 0
    let start = clock.now
    while runs < 8 || clock.now - start < .seconds(2) {
      best = min(best, clock.measure(body))
      runs += 1
    }
    return best / .milliseconds(1)
  }
}
