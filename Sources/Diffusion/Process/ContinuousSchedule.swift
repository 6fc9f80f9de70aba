internal import Platform

/// The continuous processes of Song et al.: β(t) grows evenly with time, here at even times up to 1.
///
/// With B(t) = ∫β, the variance-preserving one has α = e^{−B/2} and σ = √(1 − e^{−B}), the one below
/// it σ = 1 − e^{−B}.
///
/// Source: Song et al. 2021, appendix B, <https://arxiv.org/abs/2011.13456>.
package struct ContinuousSchedule: ScheduleFamily {
  package static let name = "vp"
  package static let meaning =
    "Song's continuous-time process: β grows linearly with time."

  /// The processes in continuous time.
  package enum Process: String, RecipeWord {
    /// Variance preserving: α² + σ² = 1.
    case preserving = "vp"
    /// Sub-VP: less variance than that.
    case below = "sub-vp"

    package var meaning: String {
      switch self {
      case .preserving: "variance-preserving"
      case .below: "less noise, σ = 1 − e^{−B}"
      }
    }
  }

  package var timesteps = 1000
  /// Which process.
  package var process = Process.preserving
  /// β at t = 0, at least 0.
  package var betaMin = 0.1
  /// β at t = 1, above `betaMin`.
  package var betaMax = 20.0
  /// The time of the lowest noise; the highest is at 1.
  package var tMin = 1e-3

  package init() {}

  package static let table: [Setting<Self>] = [
    .timesteps, .word(\.process, "process", "the process of Song et al. 2021"),
    .real(
      \.betaMin, "beta_min", Interval(0.001...10), by: .logarithmic(perDecade: 20),
      "the rate of noise at time 0"
    ).label("β min"),
    .real(
      \.betaMax, "beta_max", Interval(0.1...100), by: .logarithmic(perDecade: 20),
      "the rate of noise at time 1; if too small, signal is left at the last level"
    ).label("β max"),
    .real(
      \.tMin, "t_min", Interval(1e-6...0.1), by: .logarithmic(perDecade: 20),
      "the time of the lowest noise; in the paper 0.001 for sampling, 0.00001 for training"
    ).label("t min"),
  ]

  package var conflict: SettingConflict? {
    orderConflict(("beta_min", betaMin), ("beta_max", betaMax))
  }

  package func make() -> Schedule {
    Schedule(
      .levels(
        evenlySpaced(tMin, 1, timesteps).map { t in
          let integral = betaMin * t + (betaMax - betaMin) * t * t / 2
          let taken = -expm1(-integral)
          return NoiseLevel(
            alpha: exp(-integral / 2),
            sigma: process == .preserving ? taken.squareRoot() : taken)
        }))
  }
}
