/// Moves a batch from one noise level to the next.
///
/// A sampler is a small value: configuration, and the history of the one path it is used for.
public protocol Sampler: Sendable {
  /// Takes one step of the reverse process, changing `x` in place.
  ///
  /// Both kinds of process take the same formula, because levels carry alpha. The answer is the
  /// prediction that was used, clipped if the sampler clips; it is valid until the next step.
  @discardableResult
  mutating func step(
    _ x: Tensor, from: NoiseStep, to: NoiseStep, denoiser: any Denoiser,
    noise: inout NoiseSource
  ) -> Prediction
}

/// The samplers there are.
public enum SamplerKind: String, Sendable, CaseIterable {
  case ddpm
  case ddim

  /// The name on the screen.
  public var title: String {
    switch self {
    case .ddpm: "DDPM"
    case .ddim: "DDIM"
    }
  }

  /// One sentence for someone who chooses.
  public var explanation: String {
    switch self {
    case .ddpm: "Adds fresh noise after each step; needs many steps."
    case .ddim: "Follows one smooth path, with as much fresh noise as η says; few steps will do."
    }
  }
}
