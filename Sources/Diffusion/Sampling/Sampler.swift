/// Moves a batch from one noise level to the next.
///
/// A sampler is a small value that holds only its configuration; the trajectory stores what it remembers
/// (``SamplerHistory``).
public protocol Sampler: Kind {
  /// The name on the screen, such as "DDIM".
  static var title: String { get }

  /// The number of network evaluations per step by default, including the first.
  static var evaluations: Int { get }

  /// The number of steps of a trajectory; schedules with fewer levels are sampled level by level.
  var steps: Int { get set }

  /// Whether steps draw fresh noise.
  var isStochastic: Bool { get }

  /// Whether predictions must include the variance of a step (``Prediction/variance``).
  var needsVariance: Bool { get }

  /// How many times a step draws noise.
  func draws(in move: Transition) -> Int

  /// The number of network evaluations in a trajectory of this many steps that ends clean.
  func evaluations(steps: Int) -> Int

  /// Takes one step of the reverse process, changing `x` in place.
  ///
  /// One formula serves all kinds of process, because levels include alpha.
  ///
  /// - Parameters:
  ///   - x: the samples at `move.from`.
  ///   - first: the prediction at `x` and `move.from`, which the sampler may change.
  ///   - move: the levels before and after the step.
  ///   - history: what the sampler remembers of this trajectory, for it to update.
  ///   - noise: fresh noise.
  ///   - predict: gives further predictions, for any samples at any level, on the schedule or between its levels.
  func step(
    _ x: Tensor, _ first: Prediction, _ move: Transition, _ history: inout SamplerHistory,
    noise: inout NoiseSource, predict: (Tensor, NoiseStep) -> Prediction)
}

extension Sampler {
  public static var evaluations: Int { 1 }
  public var isStochastic: Bool { false }
  public var needsVariance: Bool { false }

  /// Once, unless the step ends clean.
  public func draws(in move: Transition) -> Int {
    isStochastic && move.end.level.sigma > 0 ? 1 : 0
  }

  public func evaluations(steps: Int) -> Int { steps * Self.evaluations }
}

/// A sampler that steps as a scheduler of diffusers does.
package protocol DiffusersSampler: Sampler {
  /// The scheduler of diffusers that steps like this.
  static var scheduler: DiffusersScheduler? { get }
}

extension Sampler {
  /// The scheduler of diffusers that steps like this, or nil where there is none.
  package static var scheduler: DiffusersScheduler? {
    (Self.self as? any DiffusersSampler.Type)?.scheduler
  }
}

/// What a multistep sampler and a self-conditioned network remember of their trajectory.
///
/// A plain value stored in frames, so that a trajectory can be resumed at any of them bit for bit.
public struct SamplerHistory: Sendable, Equatable {
  /// What earlier steps stored, newest first, each in (batch, height, width, channels) order.
  public var tensors: [[Float]] = []
  /// The noise levels that belong to them, newest first.
  public var levels: [NoiseLevel] = []
  /// The estimate x̂_0 of the frame before that the denoiser was given, in the same order; empty where it
  /// takes none, or there was none.
  public var estimate: [Float] = []

  /// Nothing remembered yet.
  public init() {}
}

/// All samplers.
public enum Samplers: Catalog {
  public static let all: [any Sampler] = [
    DDIM(), DDPM(), Heun(), DPMSolver(), DPMSolverSDE(), DPMSolver3(), UniPC(), Euler(),
    EulerAncestral(), GradientEstimation(), LMS(),
    PLMS(), FlowSolver(), AnnealedLangevin(), PredictorCorrector(), IteratedDenoiser(),
    FirstHitting(), MaskedAncestral(), ConfidenceUnmasking(),
  ]
  public static func kind(of member: any Sampler) -> any Kind { member }

  public static let chooser = makeChooser(
    "sampler", "how a step goes from one noise level to the next")
  public static let shared: Set<String> = ["steps"]
}

/// A sampler with its settings.
public typealias SamplerConfiguration = Selection<Samplers>

extension Setting where Root: Sampler {
  /// The number of steps, which every sampler has.
  public static var steps: Self {
    .integer(
      \.steps, "steps", 1...10_000,
      "sampling steps, at most one for each level of the schedule")
  }
}

/// A sampler that adds a share of fresh noise to each step.
public protocol NoisySampler: Sampler {
  /// The share of fresh noise, 0 to 1; 0 is deterministic.
  var eta: Double { get set }
}

extension NoisySampler {
  public var isStochastic: Bool { eta > 0 }
}

extension Setting where Root: NoisySampler {
  /// The share of fresh noise; at 1 the sampler is `like` another, if one is named.
  static func eta(like other: String? = nil) -> Self {
    .real(
      \.eta, "eta", Interval(0...1),
      "fresh noise at each step: 0 is deterministic" + (other.map { ", 1 is like \($0)" } ?? "")
    ).label("η")
  }
}
