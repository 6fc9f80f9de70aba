/// Reveals in each step the positions that the network is surest of: a given number, or all above a threshold.
///
/// With remasking, the part of the revealed positions that the network was least sure of is masked again before
/// the last step, and as many more are revealed.
///
/// Source: Chang et al. 2022, MaskGIT, <https://arxiv.org/abs/2202.04200>; the threshold as in tiny-diffusion of
/// N. Barry; remasking by the confidence at which a token was revealed, as in Wang et al. 2025,
/// <https://arxiv.org/abs/2503.00307>.
public struct ConfidenceUnmasking: TokenSampler {
  public static let name = "confidence"
  public static let title = "Confidence"
  public static let meaning =
    "For text: the most confident positions first; few steps, but less variety than the data has."

  public var steps = 16
  public var temperature = 1.0
  /// The probability from which on a token is revealed at once, 0 to 1; 0 for as many positions as the
  /// schedule says.
  public var threshold = 0.0
  /// The part of the revealed positions that is masked again in a step, 0 to 1.
  public var remasking = 0.0

  public init() {}

  /// The sampler with so many steps.
  public init(
    steps: Int, temperature: Double = 1, threshold: Double = 0, remasking: Double = 0
  ) {
    (self.steps, self.temperature) = (steps, temperature)
    (self.threshold, self.remasking) = (threshold, remasking)
  }

  public static let table: [Setting<Self>] = [
    .steps, .temperature,
    .real(
      \.threshold, "confidence", Interval(0...1),
      "reveal every token at least this probable, at least one per step; 0 reveals the most probable ones, as "
        + "many as the schedule asks"),
    .real(
      \.remasking, "remasking", Interval(0...1),
      "part of the revealed positions, the least sure, that is masked again in a step; never in the prompt"
    ),
  ]

  public func step(
    _ x: Tensor, _ first: Prediction, _ move: Transition, _ history: inout SamplerHistory,
    noise: inout NoiseSource, predict: (Tensor, NoiseStep) -> Prediction
  ) {
    let isLast = move.to.level.sigma == 0
    // Positions of equal confidence are revealed in random order.
    unmask(x, first, &history, noise: &noise) { state, ties in
      for sample in 0..<x.shape.batch {
        let ranked = state.masked(of: sample)
          .map { (position: $0, probability: state.choice($0, first).probability) }
          .sorted { ($0.probability, ties[$0.position]) > ($1.probability, ties[$1.position]) }
        let left = Unmasking.left(of: ranked.count, move)
        // As many more are revealed in their place, so no more than are left.
        let again = isLast ? [] : leastSure(of: sample, state).prefix(left)
        let count =
          threshold > 0 && !isLast
          ? max(1, ranked.count { $0.probability >= threshold }) : ranked.count - left
        for (position, _) in ranked.prefix(count + (threshold > 0 ? 0 : again.count)) {
          state.reveal(position, first)
        }
        for position in again { state.remask(position) }
      }
    }
  }

  /// The positions to mask again.
  private func leastSure(of sample: Int, _ state: Unmasking) -> [Int] {
    let revealed = state.positions(of: sample).filter { state.revealed[$0] > 0 }
    let count = Int((remasking * Double(revealed.count)).rounded(.down))
    return Array(revealed.sorted { state.revealed[$0] < state.revealed[$1] }.prefix(count))
  }
}
