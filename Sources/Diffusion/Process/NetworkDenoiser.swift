/// A network with its weights, as samplers see it.
public final class NetworkDenoiser: DifferentiableDenoiser {
  /// The network.
  public let network: Network
  let preconditioning: Preconditioning
  private let weights: Weights
  private let pass: Pass
  private let transformed = TransformedWeights()

  /// - Precondition: the weights are those of the network's table.
  public init(_ network: Network, weights: Weights, predicting parameterization: Parameterization) {
    self.network = network
    self.weights = weights
    preconditioning = Preconditioning(network, predicting: parameterization)
    pass = Pass(.evaluate, fixed: weights, network.table, transformed)
  }

  public var takesEstimate: Bool { network.isSelfConditioned }

  public func predict(_ query: Query) -> Prediction {
    network.prediction(
      network.answer(query, by: preconditioning, pass), to: query, by: preconditioning)
  }

  /// The estimates for a query of one sample, and what the network's layer with this number computed on the
  /// way, counted as in ``Network/summary()``; nil where there is no such layer.
  package func predict(
    _ query: Query, capturing layer: Int
  ) -> (prediction: Prediction, output: LayerOutput?) {
    let trace = NetworkTrace(capturing: layer)
    pass.trace = trace
    defer { pass.trace = nil }
    return (predict(query), trace.output)
  }

  /// With x̂_0 = c_skip·x + c_out·F(c_in·x), the product is c_skip·v + c_in·∂⟨c_out·v, F⟩/∂(c_in·x).
  ///
  /// No gradient of a weight is computed, and the query's estimate is a constant.
  public func predictWithPullback(
    _ query: Query
  ) -> (prediction: Prediction, pullback: (Tensor) -> Tensor) {
    let pass = Pass(.differentiate, fixed: weights, network.table, transformed)
    let output = network.answer(query, by: preconditioning, pass)
    let pullback = { [network, preconditioning] (v: Tensor) -> Tensor in
      let factors = query.levels.map { preconditioning.output($0) }
      let scaled = pass.make(v.shape)
      scaled.assign(v, v, samples: factors.map { ($0.output, 0) })
      let inner = network.backward(
        network.learnsVariance ? scaled.joiningChannels(Tensor(v.shape)) : scaled, pass)
      let result = Tensor(v.shape)
      result.assign(
        v, inner,
        samples: zip(factors, query.levels).map { ($0.skip, preconditioning.inputScale($1)) })
      return result
    }
    return (network.prediction(output, to: query, by: preconditioning), pullback)
  }
}

extension Tensor {
  /// The first and the second half of the channels, copied.
  func splitChannels() -> (Tensor, Tensor?) {
    let half = shape.channels / 2
    let halves = [0, half].map { start in
      let result = Tensor(uninitialized: shape.with(channels: half), MemoryPool())
      copyChannels(from: self, start, to: result, 0, count: half)
      return result
    }
    return (halves[0], halves[1])
  }

  /// These channels, then others of the same shape.
  func joiningChannels(_ other: Tensor) -> Tensor {
    let channels = shape.channels
    let result = Tensor(uninitialized: shape.with(channels: 2 * channels), MemoryPool())
    copyChannels(from: self, 0, to: result, 0, count: channels)
    copyChannels(from: other, 0, to: result, channels, count: channels)
    return result
  }
}
