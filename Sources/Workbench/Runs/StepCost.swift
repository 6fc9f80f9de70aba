import Diffusion

/// Where the time of one step of a run went.
struct StepCost: Sendable {
  /// The step that was timed.
  let step: Int
  let profile: StepProfile
}
