/// The linear schedule of DDPM.
///
/// Source: Ho et al. 2020, section 4; scaled as in improved-diffusion, Nichol and Dhariwal 2021.
package struct LinearSchedule: BetaRangeSchedule {
  package static let name = "linear"
  package static let meaning = "DDPM's: β, the noise added at each step, grows linearly."
  package static let diffusersName: String? = "linear"

  package var timesteps = 1000
  package var betaStart = 1e-4
  package var betaEnd = 0.02
  /// Whether β is that of 1,000 levels, divided among those there are.
  package var isScaled = false
  package var zeroSNR = false

  package init() {}

  package static let table: [Setting<Self>] = [
    .timesteps, .betaStart, .betaEnd,
    .flag(
      \.isScaled, "scaled",
      "multiply β by 1000/T, so that fewer levels end with as much noise as a thousand"),
    .zeroSNR,
  ]

  /// What β is multiplied by.
  private var factor: Double { isScaled ? 1000 / Double(timesteps) : 1 }

  package var conflict: SettingConflict? {
    if let conflict = orderConflict(("beta_start", betaStart), ("beta_end", betaEnd)) {
      return conflict
    }
    guard betaEnd * factor > 0.999 else { return nil }
    let least = Int((betaEnd * 1000 / 0.999).rounded(.up))
    return SettingConflict(
      ["scaled", "timesteps"],
      "scaled raises beta_end to \(Wording.short(betaEnd * factor)); "
        + "expected a value below 1, so timesteps = \(least) or more")
  }

  package var betas: [Double] {
    evenlySpaced(factor * betaStart, factor * betaEnd, timesteps)
  }
}

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
