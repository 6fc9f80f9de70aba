internal import Platform

/// The masked cross-entropy of text with its weights in continuous time: a bound of the negative log-likelihood,
/// in bits per character.
///
/// L = E_t E_{x_t} [ −α′_t/(1 − α_t) · Σ_{masked i} −ln p(x_0^i | x_t) ] ÷ (ln 2 · characters), with t uniform.
///
/// Source: Austin et al. 2021, <https://arxiv.org/abs/2107.03006>; in continuous time Sahoo et al. 2024,
/// equation 10, <https://arxiv.org/abs/2406.07524>.
public struct MaskingObjective: Objective {
  public static let name = "masking"
  public static let meaning =
    "for text: the cross-entropy of masked characters, in bits per character"
  public static let isForText = true

  /// What the loss compares with.
  public struct Truth {
    /// The clean tokens, (B, 1, L, 1).
    let tokens: Tensor
    /// The masked ones.
    let x: Tensor
    /// −α′/(1 − α) of each sample.
    let weights: [Double]
    /// Characters of a sample.
    let characters: Double
  }

  /// Whether the times of a batch are spread evenly, which makes the loss less noisy.
  public var stratified = true

  public init() {}

  public static let table: [Setting<Self>] = [
    .flag(\.stratified, "stratified", "spread the masked shares of a batch evenly")
  ]

  public var parameterization: Parameterization { .x0 }

  public func corrupt(
    _ batch: Batch, along schedule: Schedule, _ state: NoState, using random: inout Random,
    evaluate: (Query) -> Tensor
  ) -> (Query, Truth) {
    guard let text = batch.text else { preconditionFailure("only text is masked") }
    let times = times(batch.x0.shape.batch, using: &random)
    let levels = times.map { schedule.maskingLevel(atTime: $0) }
    let x = batch.makeTensor()
    let size = x.shape.sampleCount
    for (sample, level) in levels.enumerated() {
      let share = Float(level.step.level.sigma)
      for i in sample * size..<(sample + 1) * size {
        x.pointer[i] = random.uniform() < share ? Float(text.mask) : batch.x0.pointer[i]
      }
    }
    let truth = Truth(
      tokens: batch.x0, x: x, weights: levels.map(\.weight),
      characters: text.charactersPerSample)
    return (Query(x, steps: levels.map(\.step), condition: batch.condition), truth)
  }

  /// One time in (0, 1] for each of `count` samples.
  private func times(_ count: Int, using random: inout Random) -> [Double] {
    guard stratified else { return random.uniforms(count).map { 1 - Double($0) } }
    let start = Double(random.uniform())
    return (0..<count).map { index in
      let place = start + Double(index) / Double(count)
      return 1 - (place - place.rounded(.down))
    }
  }

  public func loss(_ output: Tensor, _ truth: Truth, gradient: Tensor) -> [Double] {
    let shape = output.shape
    let (positions, tokens) = (shape.height * shape.width, shape.channels)
    gradient.fill(0)
    var losses = [Double](repeating: 0, count: shape.batch)
    withExtendedLifetime((output, truth, gradient)) {
      let (logits, slopes) = (output.pointer, gradient.pointer)
      let (x, x0) = (truth.x.pointer, truth.tokens.pointer)
      losses.withUnsafeMutableBufferPointer { losses in
        let sums = losses
        parallelTasks(shape.batch) { sample in
          let scale = truth.weights[sample] / (truth.characters * ln2)
          var sum = 0.0
          for i in sample * positions..<(sample + 1) * positions where Int(x[i]) == tokens {
            sum += crossEntropy(
              logits + i * tokens, tokens, of: Int(x0[i]), gradient: slopes + i * tokens,
              scale: scale / Double(shape.batch))
          }
          sums[sample] = scale * sum
        }
      }
    }
    return losses
  }
}

private let ln2 = 0.6931471805599453

/// −ln softmax(logits)[target]; writes `scale` times its gradient.
private func crossEntropy(
  _ logits: UnsafePointer<Float>, _ count: Int, of target: Int,
  gradient: UnsafeMutablePointer<Float>, scale: Double
) -> Double {
  var largest = logits[0]
  for k in 1..<max(count, 1) { largest = max(largest, logits[k]) }
  var sum: Float = 0
  for k in 0..<count {
    gradient[k] = expf(logits[k] - largest)
    sum += gradient[k]
  }
  let factor = Float(scale) / sum
  for k in 0..<count { gradient[k] *= factor }
  gradient[target] -= Float(scale)
  return Double(logf(sum)) - Double(logits[target] - largest)
}
