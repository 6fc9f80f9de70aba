internal import Platform

extension Schedule {
  /// The cosine schedule: ᾱ falls like cos², slowly at both ends.
  ///
  /// Source: Nichol and Dhariwal 2021, equation 17. As there, ᾱ in use is the product of the limited
  /// β, so the last level keeps a little signal.
  ///
  /// The offset `s` ≥ 0 keeps the first steps from being too small; `maxBeta` < 1 limits β.
  public static func cosine(
    timesteps: Int = 1000, s: Double = 0.008, maxBeta: Double = 0.999
  ) -> Schedule {
    func alphaBar(_ u: Double) -> Double {
      let root = cos((u + s) / (1 + s) * .pi / 2)
      return root * root
    }
    let steps = Double(timesteps)
    return Schedule(
      .betas(
        (0..<timesteps).map { i in
          min(1 - alphaBar(Double(i + 1) / steps) / alphaBar(Double(i) / steps), maxBeta)
        }))
  }
}
