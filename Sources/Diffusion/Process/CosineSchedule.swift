internal import Platform

/// The cosine schedule.
package struct CosineSchedule: AlphaBarSchedule {
  package static let name = "cosine"
  package static let meaning = "The signal fades along a cosine, slowly at both ends."
  package static let diffusersName: String? = "squaredcos_cap_v2"

  package var timesteps = 1000
  /// The offset that keeps the first steps from being too small.
  package var s = 0.008
  package var maxBeta = 0.999
  package var zeroSNR = false

  package init() {}

  package static let table: [Setting<Self>] = [
    .timesteps,
    .real(
      \.s, "s", Interval(0...0.5), by: .linear(step: 0.001),
      "shifts the cosine so that the first steps are not too small"),
    .maxBeta, .zeroSNR,
  ]

  package func alphaBar(_ u: Double) -> Double {
    let root = cos((u + s) / (1 + s) * .pi / 2)
    return root * root
  }
}

extension Schedule {
  /// The cosine schedule: ᾱ falls like cos², slowly at both ends.
  ///
  /// Source: Nichol and Dhariwal 2021, equation 17. As there, ᾱ in use is the product of the
  /// limited β, so the last level keeps a little signal.
  ///
  /// The offset `s` ≥ 0 keeps the first steps from being too small; `maxBeta` < 1 limits β.
  public static func cosine(
    timesteps: Int = 1000, s: Double = 0.008, maxBeta: Double = 0.999
  ) -> Schedule {
    var cosine = CosineSchedule()
    (cosine.timesteps, cosine.s, cosine.maxBeta) = (timesteps, s, maxBeta)
    return cosine.make()
  }
}
