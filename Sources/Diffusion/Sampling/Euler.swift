/// The probability-flow ODE by Euler's method, with churn where it is wanted.
///
/// Without churn it takes the steps of ``DDIM``, by x̂_0 alone.
///
/// Source: Karras et al. 2022, algorithm 2 without the correction, as `sample_euler` of k-diffusion.
package struct Euler: DiffusersSampler {
  package static let name = "euler"
  package static let title = "Euler"
  package static let meaning = "Euler's method on the probability-flow ODE, with optional churn."

  package static let scheduler: DiffusersScheduler? = DiffusersScheduler(
    name: "EulerDiscreteScheduler", listing: .sigmas, spacesSigmas: true, rescales: true,
    options: [
      .finalSigmas, .only("interpolation_type", "linear"), .only("timestep_type", "discrete"),
    ] + DiffusersScheduler.Option.otherSigmas)

  package var steps = 20
  /// The noise that is added before each step.
  package var churn = Churn()

  package init() {}

  package static let table: [Setting<Self>] = [.steps] + Churn.settings(\.churn)

  package var isStochastic: Bool { churn.isOn }
  package var conflict: SettingConflict? { churn.conflict }
  package func draws(in move: Transition) -> Int { churn.acts(at: move.from.level) ? 1 : 0 }
  package func evaluations(steps: Int) -> Int { churn.isOn ? 2 * steps : steps }

  package func step(
    _ x: Tensor, _ first: Prediction, _ move: Transition, _ history: inout SamplerHistory,
    noise: inout NoiseSource, predict: (Tensor, NoiseStep) -> Prediction
  ) {
    let (answer, rest) = churn.raise(x, first, move, noise: &noise, predict: predict)
    x.assignStep(x, rest.from.level, rest.to.level, x0: answer.x0)
  }
}
