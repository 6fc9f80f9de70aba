/// The scaled-linear schedule of latent diffusion.
package struct ScaledLinearSchedule: KnownSchedule {
  package static let name = "scaled-linear"
  package static let meaning =
    "Latent diffusion's: √β grows evenly, so noise comes more slowly at first."
  package static let shortName = "sc-lin"
  package static let diffusersName: String? = "scaled_linear"

  package var timesteps = 1000
  /// The first β.
  package var betaStart = 8.5e-4
  /// The last β.
  package var betaEnd = 0.012
  /// Whether the last level has no signal.
  package var zeroSNR = false

  package init() {}

  package static let table: [Setting<Self>] = [
    .timesteps, .preset, .betaStart(\.betaStart), .betaEnd(\.betaEnd), .zeroSNR(\.zeroSNR),
  ]

  package static let presets = [
    SchedulePreset(
      "latent", "latent diffusion's", ["beta_start": .real(8.5e-4), "beta_end": .real(0.012)]),
    SchedulePreset(
      "quadratic", "with the ends of DDPM", ["beta_start": .real(1e-4), "beta_end": .real(0.02)]),
  ]

  package var conflict: SettingConflict? {
    orderConflict(("beta_start", betaStart), ("beta_end", betaEnd))
  }

  package func make() -> Schedule {
    Schedule.scaledLinear(timesteps: timesteps, betaStart: betaStart, betaEnd: betaEnd)
      .endingWithoutSignal(zeroSNR)
  }
}

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
