/// The reverse of masking in parallel: each masked position is revealed with the probability that it was masked
/// in this step, independently of the others.
///
/// With remasking η, what was revealed is masked again with probability min(η, (1 − α_s)/α_t) and more is
/// revealed, so that errors can be mended; the masked share stays that of the schedule.
///
/// Source: Sahoo et al. 2024, <https://arxiv.org/abs/2406.07524>; remasking of Wang et al. 2025, ReMDM-cap,
/// <https://arxiv.org/abs/2503.00307>.
public struct MaskedAncestral: TokenSampler {
  public static let name = "masked-ancestral"
  public static let title = "Masked ancestral"
  public static let meaning =
    "For text: each masked position is revealed by chance, many in a step; exact only with many steps."

  public var steps = 32
  public var temperature = 1.0
  /// η, the largest probability with which a revealed position is masked again, 0 to 1.
  public var remasking = 0.0

  public init() {}

  /// The sampler with so many steps.
  public init(steps: Int, temperature: Double = 1, remasking: Double = 0) {
    (self.steps, self.temperature, self.remasking) = (steps, temperature, remasking)
  }

  public static let table: [Setting<Self>] = [
    .steps, .temperature,
    .real(
      \.remasking, "remasking", Interval(0...1),
      "largest probability with which a revealed position is masked again in a step; never in the prompt"
    ),
  ]

  public func step(
    _ x: Tensor, _ first: Prediction, _ move: Transition, _ history: inout SamplerHistory,
    noise: inout NoiseSource, predict: (Tensor, NoiseStep) -> Prediction
  ) {
    let (t, s) = (move.from.level, move.to.level)
    let again = t.alpha > 0 ? min(remasking, 1, s.sigma / t.alpha) : 0
    let revealing = t.sigma > 0 ? (s.alpha - (1 - again) * t.alpha) / t.sigma : 1
    unmask(x, first, &history, noise: &noise) { state, chances in
      for position in 0..<x.count {
        if state.isMasked(position) {
          // The last step leaves nothing, whatever rounding made of the probability.
          if s.sigma == 0 || chances[position] < revealing { state.reveal(position, first) }
        } else if state.revealed[position] > 0, chances[position] < again {
          state.remask(position)
        }
      }
    }
  }
}
