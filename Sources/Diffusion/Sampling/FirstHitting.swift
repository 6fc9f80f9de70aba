/// Reveals one position after the other, in random order, and asks the network anew for each: exact, however
/// many frames there are.
///
/// Source: Zheng et al. 2024, the first-hitting sampler, <https://arxiv.org/abs/2409.02908>: between two
/// positions nothing changes that the network could see, so only their order is drawn.
public struct FirstHitting: TokenSampler {
  public static let name = "first-hitting"
  public static let title = "First hitting"
  public static let meaning =
    "For text: unmasks one position at a time, in random order; samples the model exactly."

  public var steps = 32
  public var temperature = 1.0

  public init() {}

  /// The sampler with so many steps.
  public init(steps: Int, temperature: Double = 1) {
    (self.steps, self.temperature) = (steps, temperature)
  }

  public static let table: [Setting<Self>] = [.steps, .temperature]

  public func step(
    _ x: Tensor, _ first: Prediction, _ move: Transition, _ history: inout SamplerHistory,
    noise: inout NoiseSource, predict: (Tensor, NoiseStep) -> Prediction
  ) {
    unmask(x, first, &history, noise: &noise) { state, order in
      let queues = (0..<x.shape.batch).map { sample in
        let masked = state.masked(of: sample).sorted { order[$0] < order[$1] }
        return masked.dropLast(Unmasking.left(of: masked.count, move))
      }
      let rounds = queues.map(\.count).max() ?? 0
      var prediction = first
      for round in 0..<rounds {
        if round > 0 { prediction = predict(x, move.at(Double(round) / Double(rounds))) }
        for queue in queues where round < queue.count {
          state.reveal(queue[queue.startIndex + round], prediction)
        }
      }
    }
  }
}

extension Transition {
  /// A level on the way, α linear in between.
  fileprivate func at(_ share: Double) -> NoiseStep {
    let sigma = from.level.sigma + share * (to.level.sigma - from.level.sigma)
    return NoiseStep(
      index: nil, timestep: from.timestep + share * (to.timestep - from.timestep),
      level: NoiseLevel(alpha: 1 - sigma, sigma: sigma))
  }
}
