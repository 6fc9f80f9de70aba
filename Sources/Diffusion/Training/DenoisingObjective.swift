internal import CKernels

/// Gaussian noise at random levels, and the mean squared error of the prediction, weighted by level.
///
/// Source: Ho et al. 2020, Algorithm 1 and equation 14, <https://arxiv.org/abs/2006.11239>.
public struct DenoisingObjective: X0Objective {
  public static let name = "denoising"
  public static let meaning = "the mean squared error of the prediction, at random noise levels"

  /// What the loss compares with: the target, (B, H, W, C), and the weight of each error.
  public struct Truth {
    let target: Tensor
    let weights: [Double]
    let shares: [Double]
    let query: Query
    let x0: Tensor
    let schedule: Schedule
  }

  public var parameterization = Parameterization.epsilon
  /// How the loss is weighted by noise level.
  public var weighting = Weighting()
  /// The distribution of noise levels in training.
  public var noise = TrainingNoise()
  /// Whether σ_data is measured on the training data before the first step.
  public var measuresSigmaData = false

  private static let sigmaDataRange = Interval(0.01...100)

  public init() {}

  /// The objective for a network with this prediction.
  public init(predicting parameterization: Parameterization) {
    self.parameterization = parameterization
  }

  public static let table: [Setting<Self>] = [
    .word(\.parameterization.kind, "predict", "what the network predicts"),
    .word(\.weighting.kind, "weighting", "how much the error at a noise level counts"),
    .word(\.noise.kind, "noise", "which noise levels are drawn"),
    .flag(\.noise.stratified, "stratified", "spread the levels of a batch evenly"),
    .real(
      \.noise.mean, "noise_mean", Interval(-10...10), by: .linear(step: 0.1),
      "mean of ln σ/α for log-normal (−1.2 in EDM), of the logit for logit-normal (often 0)"
    ).label("mean"),
    .real(
      \.noise.standardDeviation, "noise_deviation", Interval(0.05...10), by: .linear(step: 0.1),
      "standard deviation of ln σ/α for log-normal (1.2 in EDM), of the logit for logit-normal (often 1)"
    ).label("deviation"),
    Setting(
      "sigma_data", .real(sigmaDataRange, .logarithmic(perDecade: 20)),
      "standard deviation of the data, for edm and the weightings that use it",
      get: { $0.measuresSigmaData ? nil : .real($0.sigmaData) },
      set: {
        guard let number = $1.number, sigmaDataRange.contains(number) else { return false }
        ($0.sigmaData, $0.measuresSigmaData) = (number, false)
        return true
      }
    ).label("σ data"),
    .flag(
      \.measuresSigmaData, "measure_sigma_data",
      "measure `sigma_data` on the training data when a run begins"
    ).label("measure σ data").replaces("sigma_data"),
    .real(
      \.weighting.gamma, "gamma", Interval(0...100), by: .linear(step: 0.5),
      "the highest weight of min-snr; the exponent of p2"
    ).label("γ"),
    .real(
      \.weighting.offset, "p2_k", Interval(0.01...100), by: .logarithmic(perDecade: 20),
      "k of p2, added to the SNR"
    ).label("k of P2"),
    .real(
      \.weighting.power, "power", Interval(-4...8), by: .linear(step: 0.5),
      "exponent of the noise in the power weighting"),
    Setting(
      \.parameterization.scalesInput, "scale_input", .flag, absent: "as the network expects",
      "divide the network's input by √(α² + σ²)", write: { .flag($0) }, read: { $0.flag }
    ).label("scale in"),
  ]

  /// The deviation of the data, wherever it counts.
  private var sigmaData: Double {
    get { parameterization.sigmaData }
    set { (parameterization.sigmaData, weighting.sigmaData) = (newValue, newValue) }
  }

  public var conflict: SettingConflict? {
    guard weighting.kind == .vlb, !noise.staysOnList else { return nil }
    return SettingConflict(
      ["weighting", "noise"],
      "weighting = vlb needs the schedule's own levels; expected noise = uniform or importance"
    )
  }

  public mutating func measure(_ dataset: Dataset) {
    guard measuresSigmaData else { return }
    sigmaData = min(
      max(dataset.standardDeviation, Self.sigmaDataRange.lower), Self.sigmaDataRange.upper)
    measuresSigmaData = false
  }

  public func begin() -> TrainingNoise.History { TrainingNoise.History() }

  public func corrupt(
    _ batch: Batch, along schedule: Schedule, _ state: TrainingNoise.History,
    using random: inout Random, evaluate: (Query) -> Tensor
  ) -> (Query, Truth) {
    let (steps, shares) = noise.draw(
      batch.x0.shape.batch, along: schedule, state, using: &random)
    let (epsilon, x, target) = (batch.makeTensor(), batch.makeTensor(), batch.makeTensor())
    random.fillNormal(epsilon)
    let levels = steps.map(\.level)
    // x_t = α·x_0 + σ·ε
    x.assignNoisy(x0: batch.x0, epsilon: epsilon, levels: levels)
    parameterization.target(x0: batch.x0, epsilon: epsilon, levels: levels, into: target)
    let weights = weighting.weights(at: steps, along: schedule, predicting: parameterization)
    let query = Query(x, steps: steps, condition: batch.condition)
    return (
      query,
      Truth(
        target: target, weights: weights, shares: shares, query: query, x0: batch.x0,
        schedule: schedule)
    )
  }

  public func loss(_ output: Tensor, _ truth: Truth, gradient: Tensor) -> [Double] {
    guard output.shape.channels == truth.target.shape.channels else {
      return hybridLoss(output, truth, gradient: gradient)
    }
    return simpleLoss(output, truth, gradient: gradient)
  }

  private func simpleLoss(_ output: Tensor, _ truth: Truth, gradient: Tensor) -> [Double] {
    let size = output.shape.sampleCount
    return withExtendedLifetime((output, truth, gradient)) {
      (0..<output.shape.batch).map { sample in
        let start = sample * size
        let weight = truth.weights[sample]
        let counted = truth.shares.isEmpty ? weight : weight * truth.shares[sample]
        return weight
          * ck_mse(
            gradient.pointer + start, output.pointer + start, truth.target.pointer + start,
            2 / Float(output.count) * Float(counted), size) / Double(size)
      }
    }
  }

  /// The same, and what the network's second half of the channels says about the variance.
  private func hybridLoss(_ answer: Tensor, _ truth: Truth, gradient: Tensor) -> [Double] {
    let (output, second) = answer.splitChannels()
    guard let second else { preconditionFailure("an answer about the variance has two halves") }
    let (first, slopes) = (Tensor(output.shape), Tensor(output.shape))
    var losses = simpleLoss(output, truth, gradient: first)
    let x0 = parameterization.prediction(
      output, x: truth.query.x, levels: truth.query.levels
    ).x0
    let size = output.shape.sampleCount
    let scale = LearnedVariance.weight * Double(truth.schedule.count) / Double(size)
    withExtendedLifetime((second, x0, slopes, truth)) {
      for (sample, step) in truth.query.steps.enumerated() {
        let variance = LearnedVariance(at: step, along: truth.schedule)
        let share = truth.shares.isEmpty ? 1 : truth.shares[sample]
        var bits = 0.0
        for i in sample * size..<(sample + 1) * size {
          let clean = Double(truth.x0.pointer[i])
          let term = variance.term(
            Double(second.pointer[i]), error: Double(x0.pointer[i]) - clean, x0: clean)
          bits += term.bits
          slopes.pointer[i] = Float(scale * share * term.slope / Double(output.shape.batch))
        }
        losses[sample] += scale * bits
      }
    }
    gradient.assign(first.joiningChannels(slopes))
    return losses
  }

  public func shares(_ truth: Truth) -> [Double] { truth.shares }

  public func observe(
    _ losses: [Double], at steps: [NoiseStep], along schedule: Schedule,
    _ state: inout TrainingNoise.History
  ) {
    guard noise.kind == .importance else { return }
    state.add(losses, at: steps, count: schedule.count)
  }
}

// MARK: - What the best network would answer

extension DenoisingObjective {
  package var spread: Self {
    var objective = self
    objective.noise.stratified = true
    return objective
  }

  package func costs(along schedule: Schedule) -> [LevelCost] {
    let steps = noise.steps(along: schedule)
    let weights = weighting.weights(at: steps, along: schedule, predicting: parameterization)
    return zip(steps, weights).map { step, weight in
      let (a, b) = parameterization.weights(at: step.level)
      guard step.level.sigma > 0 else {
        // x is x_0 itself and says nothing about the noise, so that 0 is the best guess of ε.
        return LevelCost(step: step, error: 0, unavoidable: weight * b * b)
      }
      // At a given x the errors are proportional, α·Δx_0 = −σ·Δε, so the target's error is too.
      let factor = a - b * step.level.alpha / step.level.sigma
      return LevelCost(step: step, error: weight * factor * factor)
    }
  }
}
