/// The scaled-linear schedule of latent diffusion: evenly spaced √β.
///
/// Source: Rombach et al. 2022, the configuration published with it.
package struct ScaledLinearSchedule: BetaRangeSchedule {
  package static let name = "scaled-linear"
  package static let meaning =
    "Latent diffusion's: √β grows linearly, so noise comes in more slowly at first."
  package static let shortName = "sc-lin"
  package static let diffusersName: String? = "scaled_linear"

  package var timesteps = 1000
  package var betaStart = 8.5e-4
  package var betaEnd = 0.012
  package var zeroSNR = false

  package init() {}

  package static let table: [Setting<Self>] = [
    .timesteps, .preset, .betaStart, .betaEnd, .zeroSNR,
  ]

  package static let presets = [
    SchedulePreset(
      "latent", "latent diffusion's", ["beta_start": .real(8.5e-4), "beta_end": .real(0.012)]),
    SchedulePreset(
      "quadratic", "with the ends of DDPM", ["beta_start": .real(1e-4), "beta_end": .real(0.02)]),
  ]

  package var betas: [Double] {
    evenlySpaced(betaStart.squareRoot(), betaEnd.squareRoot(), timesteps).map { $0 * $0 }
  }
}
