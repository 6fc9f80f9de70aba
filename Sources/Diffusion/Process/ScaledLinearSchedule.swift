/// The scaled-linear schedule of latent diffusion: evenly spaced √β.
///
/// Source: Rombach et al. 2022, the configuration published with it.
public struct ScaledLinearSchedule: BetaRangeSchedule {
  public static let name = "scaled-linear"
  public static let meaning =
    "Latent diffusion's: √β grows evenly, so noise comes more slowly at first."
  public static let shortName = "LDM"
  public static let diffusersName: String? = "scaled_linear"

  public var timesteps = 1000
  public var betaStart = 8.5e-4
  public var betaEnd = 0.012
  public var zeroSNR = false

  public init() {}

  public static let table: [Setting<Self>] = [
    .timesteps, .preset, .betaStart, .betaEnd, .zeroSNR,
  ]

  public static let presets = [
    SchedulePreset(
      "latent", "latent diffusion's", ["beta_start": .real(8.5e-4), "beta_end": .real(0.012)]),
    SchedulePreset(
      "quadratic", "with the ends of DDPM", ["beta_start": .real(1e-4), "beta_end": .real(0.02)]),
  ]

  public var betas: [Double] {
    evenlySpaced(betaStart.squareRoot(), betaEnd.squareRoot(), timesteps).map { $0 * $0 }
  }
}
