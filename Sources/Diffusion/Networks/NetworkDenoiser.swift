/// A network with its weights, as samplers see it.
public final class NetworkDenoiser: Denoiser {
  public let network: Network
  public let parameterization: Parameterization
  private let pass: Pass

  /// A denoiser with all parameters in the table's order, as from ``Trainer/averageSnapshot``.
  ///
  /// - Precondition: `weights.count == network.table.count`.
  public init(_ network: Network, weights: [Float], parameterization: Parameterization) {
    self.network = network
    self.parameterization = parameterization
    pass = Pass(.evaluate, weights: Tensor(Shape(1, 1, 1, network.table.count), weights))
  }

  public func predict(_ x: Tensor, at step: NoiseStep) -> Prediction {
    let scaled = pass.make(x.shape)
    let scale = network.scalesInput ? network.inputScale(step.level) : 1
    scaled.assign(Float(scale), x, plus: 0, x)
    let noise = pass.make(Shape(x.shape.batch, 1, 1, 1))
    noise.fill(network.noiseValue(step.level, timestep: step.timestep))
    let output = network.forward(scaled, noise: noise, pass)
    return parameterization.prediction(output, x: x, level: step.level)
  }
}
