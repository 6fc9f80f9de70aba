internal import Platform

/// What a network is given, and what its answer means: the one place where the process and the raw
/// network meet, in training and in sampling alike.
///
/// With the names of Karras et al. 2022, table 1: the network sees c_in·x and c_noise, and
/// x̂_0 = c_skip·x + c_out·F(c_in·x, c_noise).
struct Preconditioning: Sendable, Hashable {
  /// What the network predicts.
  let parameterization: Parameterization
  private let noiseInput: Network.NoiseInput
  private let scalesInput: Bool
  /// Whether the network looks timesteps up in a table, so that it knows whole ones only.
  private let hasTable: Bool

  init(_ network: Network, predicting parameterization: Parameterization) {
    self.parameterization = parameterization
    noiseInput = network.noiseInput
    scalesInput = parameterization.scalesInput ?? network.scalesInput
    hasTable = network.timestepLimit != nil
  }

  /// c_in: 1/√(α² + σ²) for networks that take samples of the data's size, else 1; with
  /// ``Parameterization/Kind/edm`` 1/√(σ² + α²·σ_data²), whatever the network.
  func inputScale(_ level: NoiseLevel) -> Double {
    if parameterization.kind == .edm, parameterization.scalesInput != false {
      return 1 / parameterization.signalAndNoise(level)
    }
    return scalesInput
      ? 1 / (level.alpha * level.alpha + level.sigma * level.sigma).squareRoot() : 1
  }

  /// c_noise: the noise input of the network; ½·ln σ/α, or a quarter with
  /// ``Parameterization/Kind/edm``.
  func noise(_ step: NoiseStep) -> Double {
    switch noiseInput {
    case .none: 0
    case .maskedShare: 1000 * step.level.sigma
    case .timestep: hasTable ? step.timestep.rounded() : step.timestep
    case .sigma: log(step.level.sigmaOverAlpha) / (parameterization.kind == .edm ? 4 : 2)
    }
  }

  /// c_skip and c_out: x̂_0 = skip·x + output·F.
  func output(_ level: NoiseLevel) -> (skip: Double, output: Double) {
    let weights = parameterization.conversion(at: level).x0
    return (weights.x, weights.output)
  }
}

extension Network {
  /// The network's raw answer to noisy samples.
  ///
  /// A network that takes labels gets those of the query, or the null label, or the first class
  /// if it has none.
  ///
  /// - Precondition: a network that enlarges images gets some.
  func answer(_ query: Query, by preconditioning: Preconditioning, _ pass: Pass) -> Tensor {
    let x = pass.make(query.x.shape)
    // A factor of 1 is a copy: the query's tensors must not change.
    x.assign(
      query.x, query.x, samples: query.steps.map { (preconditioning.inputScale($0.level), 0) })
    let noise = pass.make(Shape(x.shape.batch, 1, 1, 1))
    for (sample, step) in query.steps.enumerated() {
      noise.pointer[sample] = Float(preconditioning.noise(step))
    }
    var labels: [Int] = []
    if classes > 0 {
      labels = query.condition.labels(for: x.shape.batch)
      if labels.isEmpty { labels = Array(repeating: nullLabel ?? 0, count: x.shape.batch) }
    }
    let images =
      enlargement > 0
      ? query.condition.images?.tensor(for: x.shape.batch) { pass.make($0) } : nil
    return forward(
      x, noise: noise, labels: labels, images: images, estimate: query.estimate, pass)
  }

  /// What the raw answer to a query says of x_0 and ε.
  func prediction(
    _ answer: Tensor, to query: Query, by preconditioning: Preconditioning
  ) -> Prediction {
    if vocabulary > 0 { return Prediction(logits: answer, at: query.x) }
    let (output, variance) = learnsVariance ? answer.splitChannels() : (answer, nil)
    var prediction = preconditioning.parameterization.prediction(
      output, x: query.x, levels: query.levels)
    prediction.variance = variance
    return prediction
  }
}

extension Preconditioning {
  /// Why a network with this preconditioning cannot be used along a schedule, as a sentence, or
  /// nil.
  func problem(with schedule: Schedule) -> String? {
    // Below this, 1/α² is no number in float32: nothing of the data can be recovered from x.
    let leastAlpha = 1e-18
    if let t = schedule.levels.firstIndex(where: { $0.alpha < leastAlpha }) {
      let place = "the schedule keeps no signal from t = \(t) on (ᾱ = \(schedule[t].alphaBar))"
      if noiseInput == .sigma {
        return
          "\(place), where a network conditioned on σ/α has no valid input; keep some signal, for example with a "
          + "smaller schedule.beta_end or schedule.t_max, or condition the network on the timestep"
      }
      if [.epsilon, .score].contains(parameterization.kind) {
        return
          "\(place), where \(parameterization.symbol) says nothing about x_0; predict x0 or v, or end the "
          + "schedule earlier"
      }
    }
    if parameterization.kind == .score, let t = schedule.levels.firstIndex(where: { $0.sigma == 0 })
    {
      return "the schedule has no noise at t = \(t), where the score is infinite; predict x0 or v"
    }
    if noiseInput == .sigma, let t = schedule.levels.firstIndex(where: { $0.sigma == 0 }) {
      return
        "the schedule has no noise at t = \(t), which a network conditioned on ln σ cannot represent"
    }
    return nil
  }
}
