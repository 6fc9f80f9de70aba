/// The sigmoid schedule of Jabri et al.: ᾱ falls along a part of a sigmoid.
///
/// Source: Jabri et al. 2022, <https://arxiv.org/abs/2212.11972>, algorithm 1; β limited as in
/// `sigmoid_beta_schedule` of denoising-diffusion-pytorch.
package struct AlphaSigmoidSchedule: AlphaBarSchedule {
  package static let name = "alpha-sigmoid"
  package static let meaning = "The signal ᾱ falls along a sigmoid; made for large images."
  package static let shortName = "ᾱ-sigm"

  package var timesteps = 1000
  /// Where on the sigmoid the schedule starts.
  package var start = -3.0
  /// Where on the sigmoid it ends; above `start`.
  package var end = 3.0
  /// The temperature, above 0: larger is closer to linear.
  package var tau = 1.0
  package var maxBeta = 0.999
  package var zeroSNR = false

  package init() {}

  package static let table: [Setting<Self>] = [
    .timesteps,
    .real(
      \.start, "start", Interval(-20...20), by: .linear(step: 0.5),
      "where on the sigmoid the lowest noise is"),
    .real(
      \.end, "end", Interval(-20...20), by: .linear(step: 0.5),
      "where on the sigmoid the highest noise is"),
    .real(
      \.tau, "tau", Interval(0.05...10), by: .logarithmic(perDecade: 20),
      "how slowly the sigmoid falls"
    ).label("τ"),
    .maxBeta, .zeroSNR,
  ]

  package var conflict: SettingConflict? {
    if let conflict = rangeConflict(("start", start), ("end", end)) { return conflict }
    guard sigmoid(start / tau) == sigmoid(end / tau) else { return nil }
    return SettingConflict(
      ["tau", "start", "end"],
      "the sigmoid is flat between start and end; choose a larger tau, or ends closer to 0")
  }

  package func alphaBar(_ u: Double) -> Double {
    let (first, last) = (sigmoid(start / tau), sigmoid(end / tau))
    return (last - sigmoid((u * (end - start) + start) / tau)) / (last - first)
  }
}
