extension Schedule {
  /// The scaled-linear schedule of latent diffusion: evenly spaced √β.
  ///
  /// Source: Rombach et al. 2022, the configuration published with it.
  ///
  /// - Precondition: 0 ≤ `betaStart` ≤ `betaEnd` ≤ 1.
  public static func scaledLinear(
    timesteps: Int = 1000, betaStart: Double = 8.5e-4, betaEnd: Double = 0.012
  ) -> Schedule {
    let roots = evenlySpaced(betaStart.squareRoot(), betaEnd.squareRoot(), timesteps)
    return Schedule(.betas(roots.map { $0 * $0 }))
  }
}
