/// A network with its weights, as samplers see it.
public final class NetworkDenoiser: Denoiser {
  public let network: Network
  public let parameterization: Parameterization
  private let labels: [Int]
  private let pass: Pass

  /// A denoiser with all parameters in the order of a block, as from ``Trainer/averageSnapshot``.
  ///
  /// Sample i is of the class `labels[i % labels.count]`; without labels a network that takes them
  /// is told the null label, or the first class if it has none.
  ///
  /// - Precondition: `weights.count == network.table.count`.
  public init(
    _ network: Network, weights: [Float], parameterization: Parameterization, labels: [Int] = []
  ) {
    self.network = network
    self.parameterization = parameterization
    self.labels = labels.isEmpty ? [network.nullLabel ?? 0] : labels
    pass = Pass(
      .evaluate, network.table, weights: Tensor(Shape(1, 1, 1, network.table.count), weights))
  }

  public func predict(_ x: Tensor, at step: NoiseStep) -> Prediction {
    let scaled = pass.make(x.shape)
    let scale = network.scalesInput ? network.inputScale(step.level) : 1
    scaled.assign(Float(scale), x, plus: 0, x)
    let noise = pass.make(Shape(x.shape.batch, 1, 1, 1))
    noise.fill(network.noiseValue(step.level, timestep: step.timestep))
    let batch = network.classes > 0 ? 0..<x.shape.batch : 0..<0
    let output = network.forward(
      scaled, noise: noise, labels: batch.map { labels[$0 % labels.count] }, pass)
    return parameterization.prediction(output, x: x, level: step.level)
  }
}
