internal import Platform

extension Schedule {
  /// The β of a signal that falls as `alphaBar` says, a function of 0 to 1: 1 − ᾱ((i + 1)/T)/ᾱ(i/T),
  /// limited to `maxBeta`.
  ///
  /// Source: Nichol and Dhariwal 2021, section 3.2, <https://arxiv.org/abs/2102.09672>.
  static func betas(
    _ timesteps: Int, maxBeta: Double, of alphaBar: (Double) -> Double
  ) -> [Double] {
    let steps = Double(timesteps)
    return (0..<timesteps).map { i in
      let before = alphaBar(Double(i) / steps)
      // Where nothing is left there is nothing to take.
      guard before > 0 else { return maxBeta }
      return max(min(1 - alphaBar(Double(i + 1) / steps) / before, maxBeta), 0)
    }
  }

  /// The schedule with √ᾱ shifted and scaled so that the last level keeps no signal and the first as much
  /// as before; unchanged where `isWanted` is false.
  ///
  /// Source: Lin et al. 2024, algorithm 1, <https://arxiv.org/abs/2305.08891>.
  ///
  /// - Precondition: variance is preserved.
  public func endingWithoutSignal(_ isWanted: Bool = true) -> Schedule {
    guard isWanted else { return self }
    precondition(isVariancePreserving, "only a variance-preserving schedule can end without signal")
    let roots = alphaBars.map { $0.squareRoot() }
    let (first, last) = (roots[0], roots[count - 1])
    guard last > 0, first > last else { return self }
    let scale = first / (first - last)
    return Schedule(
      .alphaBars(
        roots.map { root in
          let scaled = (root - last) * scale
          return scaled * scaled
        }))
  }
}

/// 1/(1 + e^{−x}).
func sigmoid(_ x: Double) -> Double { 1 / (1 + exp(-x)) }
