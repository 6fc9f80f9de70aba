extension Schedule {
  /// The linear schedule of DDPM: evenly spaced β.
  ///
  /// Source: Ho et al. 2020, section 4.
  ///
  /// - Precondition: 0 ≤ `betaStart` ≤ `betaEnd` ≤ 1.
  public static func linear(
    timesteps: Int = 1000, betaStart: Double = 1e-4, betaEnd: Double = 0.02
  ) -> Schedule {
    Schedule(.betas(evenlySpaced(betaStart, betaEnd, timesteps)))
  }
}
