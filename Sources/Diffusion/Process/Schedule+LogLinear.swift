internal import Platform

extension Schedule {
  /// The log-linear, or geometric, schedule: evenly spaced log σ of a variance-exploding process.
  ///
  /// Source: Song and Ermon 2019; Permenter and Yuan 2024.
  ///
  /// - Precondition: 0 < `sigmaMin` ≤ `sigmaMax`.
  public static func logLinear(
    timesteps: Int = 200, sigmaMin: Double = 0.02, sigmaMax: Double = 10
  ) -> Schedule {
    precondition(sigmaMin > 0, "a log-linear schedule needs a sigma above 0, got \(sigmaMin)")
    return Schedule(.sigmas(evenlySpaced(log(sigmaMin), log(sigmaMax), timesteps).map { exp($0) }))
  }
}
