/// The probability-flow ODE by Euler's method, with churn where it is wanted.
///
/// Without churn it takes the steps of ``DDIM``, by x̂_0 alone.
///
/// Source: Karras et al. 2022, algorithm 2 without the correction, as `sample_euler` of k-diffusion.
public struct Euler: ChurningSampler {
  public static let name = "euler"
  public static let title = "Euler"
  public static let meaning = "Euler's method on the probability-flow ODE, with optional churn."

  public static let scheduler: DiffusersScheduler? = DiffusersScheduler(
    name: "EulerDiscreteScheduler", listing: .sigmas, spacesSigmas: true, rescales: true,
    options: [
      .finalSigmas, .only("interpolation_type", "linear"), .only("timestep_type", "discrete"),
    ] + DiffusersScheduler.Option.otherSigmas)

  public var steps = 20
  public var churn = Churn()

  public init() {}

  public static let table: [Setting<Self>] = [.steps] + churnSettings

  public func evaluations(steps: Int) -> Int { churn.isOn ? 2 * steps : steps }

  public func step(
    _ x: Tensor, _ first: Prediction, _ move: Transition, _ history: inout SamplerHistory,
    noise: inout NoiseSource, ask: (Tensor, NoiseStep) -> Prediction
  ) {
    let (answer, rest) = churn.raise(x, first, move, noise: &noise, ask: ask)
    x.assignStep(x, rest.from.level, rest.to.level, x0: answer.x0)
  }
}
