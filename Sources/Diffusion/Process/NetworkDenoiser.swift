/// A network with its weights, as samplers see it.
public final class NetworkDenoiser: Denoiser {
  public let network: Network
  public let preconditioning: Preconditioning
  private let weights: Weights
  private let pass: Pass

  /// - Precondition: the weights are those of the network's table.
  public init(_ network: Network, weights: Weights, predicting parameterization: Parameterization) {
    self.network = network
    self.weights = weights
    preconditioning = Preconditioning(network, predicting: parameterization)
    pass = Pass(.evaluate, network.table, weights: weights.tensor)
  }

  public func predict(_ query: Query) -> Prediction {
    let output = network.answer(query, by: preconditioning, pass)
    return preconditioning.parameterization.prediction(output, x: query.x, levels: query.levels)
  }
}
