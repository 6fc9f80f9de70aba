internal import Platform

/// The noise levels u_j of improved DDPM for data that is not scaled.
///
/// Source: Karras et al. 2022, table 1 and the code published with it, after Nichol and Dhariwal 2021.
package struct ImprovedSchedule: ScheduleFamily {
  package static let name = "iddpm"
  package static let meaning = "Improved DDPM's cosine, with data that is not scaled."

  /// M.
  package var timesteps = 1000
  /// C_1: the share of ᾱ that a step keeps at least.
  package var keptAtLeast = 0.001
  /// C_2: the offset of the cosine.
  package var offset = 0.008

  package init() {}

  package static let table: [Setting<Self>] = [
    .timesteps,
    .real(
      \.keptAtLeast, "c1", Interval(1e-4...0.5), by: .logarithmic(perDecade: 20),
      "the smallest share of the signal's power that a step keeps"
    ).label("C₁"),
    .real(
      \.offset, "c2", Interval(0.0001...0.5), by: .linear(step: 0.001),
      "shifts the cosine so that the first steps are not too small"
    ).label("C₂"),
  ]

  package func make() -> Schedule {
    func alphaBar(_ j: Int) -> Double {
      let root = sin(.pi / 2 * Double(j) / (Double(timesteps) * (offset + 1)))
      return root * root
    }
    var (u, sigmas): (Double, [Double]) = (0, [])
    for j in stride(from: timesteps, to: 0, by: -1) {
      let kept = max(alphaBar(j - 1) / alphaBar(j), keptAtLeast)
      u = ((u * u + 1) / kept - 1).squareRoot()
      sigmas.append(u)
    }
    return Schedule(.sigmas(sigmas))
  }
}
