/// How a batch is destroyed, what the network is asked about it, and how its answer is judged.
///
/// An objective is a configuration; what training teaches it is its ``State``.
public protocol Objective: Kind {
  /// What an answer is judged against, such as a target and weights.
  associatedtype Truth
  /// What training teaches the objective itself, such as losses by noise level; kept in
  /// checkpoints.
  associatedtype State: Codable & Sendable = NoState

  /// What the network's answer stands for.
  var parameterization: Parameterization { get }

  /// Takes over what is measured on the training data, before the first step of a new run.
  mutating func measure(_ dataset: Dataset)

  /// The state before the first step.
  func begin() -> State

  /// Adds noise to a batch.
  ///
  /// - Parameters:
  ///   - batch: clean samples; tensors for the answer come from it.
  ///   - schedule: the noise levels.
  ///   - state: what was learned so far.
  ///   - random: where the noise comes from.
  ///   - evaluate: the network's raw answer to a query, without gradients.
  /// - Returns: what the network is asked, and what its answer is judged by.
  func corrupt(
    _ batch: Batch, along schedule: Schedule, _ state: State, using random: inout Random,
    evaluate: (Query) -> Tensor
  ) -> (Query, Truth)

  /// Each sample's loss; ∂(mean of the losses, as they count)/∂output is written to `gradient`, of the
  /// same shape.
  func loss(_ output: Tensor, _ truth: Truth, gradient: Tensor) -> [Double]

  /// How much each sample's loss counts in the mean, where levels are drawn more often than they count;
  /// empty where all count the same.
  func shares(_ truth: Truth) -> [Double]

  /// Learns from the losses of a step that counted.
  func observe(
    _ losses: [Double], at steps: [NoiseStep], along schedule: Schedule, _ state: inout State)
}

/// An objective whose loss is that of an estimate of x_0.
package protocol X0Objective: Objective {
  /// The levels that training draws, all as likely, and what the answer E[x_0 | x] costs at each.
  func costs(along schedule: Schedule) -> [LevelCost]

  /// The same objective with the levels of a batch spread as evenly as may be.
  var spread: Self { get }
}

/// What errors cost at a noise level.
package struct LevelCost: Sendable, Hashable {
  /// The level.
  package let step: NoiseStep
  /// What the mean squared error of x̂_0 is multiplied by in the loss.
  package let error: Double
  /// The loss that no answer avoids.
  package let unavoidable: Double

  /// A level where an error of x̂_0 costs so much.
  package init(step: NoiseStep, error: Double, unavoidable: Double = 0) {
    (self.step, self.error, self.unavoidable) = (step, error, unavoidable)
  }
}

/// The state of an objective that learns nothing.
public struct NoState: Codable, Sendable {
  /// The only value.
  public init() {}
}

extension Objective {
  public mutating func measure(_ dataset: Dataset) {}

  public func observe(
    _ losses: [Double], at steps: [NoiseStep], along schedule: Schedule, _ state: inout State
  ) {}

  public func shares(_ truth: Truth) -> [Double] { [] }

  /// The same objective with the levels of a batch spread as evenly as may be.
  package var stratified: Self {
    (self as? any X0Objective)?.spread as? Self ?? self
  }
}

extension Objective where State == NoState {
  /// The state of an objective that learns nothing.
  public func begin() -> NoState { NoState() }
}

/// Clean samples with what they are of.
public struct Batch {
  /// (B, H, W, C).
  public let x0: Tensor
  /// What the samples are of.
  public let condition: Condition
  private let pool: MemoryPool

  init(_ x0: Tensor, _ condition: Condition, _ pool: MemoryPool) {
    self.x0 = x0
    self.condition = condition
    self.pool = pool
  }

  /// A tensor of the samples' shape whose numbers are left from an earlier use.
  public func makeTensor() -> Tensor { makeTensor(x0.shape) }

  /// A tensor of any shape whose numbers are left from an earlier use.
  public func makeTensor(_ shape: Shape) -> Tensor { Tensor(uninitialized: shape, pool) }
}

/// The objectives there are.
public enum Objectives: Catalog {
  public static let all: [any Objective] = [DenoisingObjective()]

  public static let chooser = makeChooser(
    "kind", "how samples are noised and what the loss is")
}

/// An objective with its settings.
public typealias ObjectiveConfiguration = Selection<Objectives>

extension ObjectiveConfiguration {
  /// What the network's answer stands for.
  public var parameterization: Parameterization { value.parameterization }
}
