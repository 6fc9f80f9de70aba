internal import Platform

/// ln σ grows like a power of the step.
///
/// Source: `get_sigmas_polyexponential` of k-diffusion.
package struct PolyexponentialSchedule: SigmaRangeSchedule {
  package static let name = "polyexponential"
  package static let meaning = "log σ grows like a power of the step."
  package static let shortName = "polyexp"

  package var timesteps = 1000
  package var sigmaMin = 0.02
  package var sigmaMax = 10.0
  /// The exponent of the time; 1 for evenly spaced ln σ.
  package var rho = 2.0

  package init() {}

  package static let table: [Setting<Self>] = [
    .timesteps, .sigmaMin, .sigmaMax,
    .real(
      \.rho, "rho", Interval(0.1...10), by: .linear(step: 0.1),
      "the power; 1 grows σ by the same factor at each step, larger values put more levels at low noise"
    ).label("ρ"),
  ]

  package func make() -> Schedule {
    let (low, high) = (log(sigmaMin), log(sigmaMax))
    return Schedule(
      .sigmas(
        evenlySpaced(0, 1, timesteps).map { exp(pow($0, rho) * (high - low) + low) }))
  }
}
