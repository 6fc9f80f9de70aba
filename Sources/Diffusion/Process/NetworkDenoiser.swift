/// A network with its weights, as samplers see it.
public final class NetworkDenoiser: DifferentiableDenoiser {
  /// The network that is asked.
  public let network: Network
  let preconditioning: Preconditioning
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

  /// With x̂_0 = c_skip·x + c_out·F(c_in·x), the product is c_skip·v + c_in·∂⟨c_out·v,
  /// F⟩/∂(c_in·x); no gradient of a weight is computed.
  public func predictWithPullback(
    _ query: Query
  ) -> (prediction: Prediction, pullback: (Tensor) -> Tensor) {
    let pass = Pass(.differentiate, network.table, weights: weights.tensor)
    let output = network.answer(query, by: preconditioning, pass)
    let parameterization = preconditioning.parameterization
    let prediction = parameterization.prediction(output, x: query.x, levels: query.levels)
    let pullback = { [network, preconditioning] (v: Tensor) -> Tensor in
      let factors = query.levels.map { preconditioning.output($0) }
      let scaled = pass.make(v.shape)
      scaled.assign(v, v, samples: factors.map { ($0.output, 0) })
      let inner = network.backward(scaled, pass)
      let result = Tensor(v.shape)
      result.assign(
        v, inner,
        samples: zip(factors, query.levels).map { ($0.skip, preconditioning.inputScale($1)) })
      return result
    }
    return (prediction, pullback)
  }
}
