/// Moves a batch from one noise level to the next.
///
/// A sampler is a small value, its configuration; what it remembers of a trajectory is the trajectory's
/// (``SamplerHistory``).
public protocol Sampler: Kind {
  /// The name on the screen, such as "DDIM".
  static var title: String { get }

  /// How often a step asks the network by default, the first answer included.
  static var evaluations: Int { get }

  /// The number of steps of a trajectory; schedules with fewer levels are walked level by level.
  var steps: Int { get set }

  /// Whether steps draw fresh noise.
  var isStochastic: Bool { get }

  /// Whether answers have to tell the variance of a step (``Prediction/variance``).
  var needsVariance: Bool { get }

  /// How often a step draws noise.
  func draws(in move: Transition) -> Int

  /// How often the network is asked in so many steps, the last of which ends clean.
  func evaluations(steps: Int) -> Int

  /// Takes one step of the reverse process, changing `x` in place.
  ///
  /// Both kinds of process take the same formula, because levels carry alpha.
  ///
  /// - Parameters:
  ///   - x: the samples at `move.from`.
  ///   - first: the answer at `x` and `move.from`, which the sampler may change.
  ///   - move: where from and where to.
  ///   - history: what it has remembered on this trajectory; its own to keep.
  ///   - noise: fresh noise.
  ///   - predict: further answers, at any samples and any level, on the schedule or off it.
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

/// What a multistep sampler remembers of its path.
///
/// A plain value that frames carry, so that a trajectory resumed at any of them goes on bit for bit.
public struct SamplerHistory: Sendable, Equatable {
  /// What earlier steps kept, newest first, each in (batch, height, width, channels) order.
  public var tensors: [[Float]] = []
  /// The noise levels that belong to them, newest first.
  public var levels: [NoiseLevel] = []

  /// Nothing remembered yet.
  public init() {}
}

/// The samplers there are.
public enum Samplers: Catalog {
  public static let all: [any Sampler] = [
    DDIM(), DDPM(), Heun(), DPMSolver(), DPMSolverSDE(), DPMSolver3(), UniPC(), Euler(),
    EulerAncestral(), GradientEstimation(), LMS(),
    PLMS(), FlowSolver(), AnnealedLangevin(), PredictorCorrector(), IteratedDenoiser(),
  ]

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
  /// The share of fresh noise, 0 to 1; none is deterministic.
  var eta: Double { get set }
}

extension NoisySampler {
  public var isStochastic: Bool { eta > 0 }
}

extension Setting where Root: NoisySampler {
  /// The share of fresh noise, of which 1 is `like` another sampler, if it is like one.
  static func eta(like other: String? = nil) -> Self {
    .real(
      \.eta, "eta", Interval(0...1),
      "fresh noise at each step: 0 is deterministic" + (other.map { ", 1 is like \($0)" } ?? "")
    ).label("η")
  }
}
