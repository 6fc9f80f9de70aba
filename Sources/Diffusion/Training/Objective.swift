/// How a batch is noised, which query the network gets, and how the loss is computed from its output.
///
/// An objective is a configuration; what it learns during training is its ``State``.
public protocol Objective: Kind {
  /// What the loss compares the output with, such as a target and weights.
  associatedtype Truth
  /// What the objective itself learns during training, such as losses by noise level; stored in
  /// checkpoints.
  associatedtype State: Codable & Sendable = NoState

  /// What the network predicts.
  var parameterization: Parameterization { get }

  /// Measures what the objective needs on the training data, before the first step of a new run.
  mutating func measure(_ dataset: Dataset)

  /// The state before the first step.
  func begin() -> State

  /// Adds noise to a batch.
  ///
  /// - Parameters:
  ///   - batch: clean samples; it also makes the tensors to return.
  ///   - schedule: the noise levels.
  ///   - state: what the objective has learned so far.
  ///   - random: the source of the noise.
  ///   - evaluate: the network's raw output for a query, without gradients.
  /// - Returns: the network's input, and what the loss compares its output with.
  func corrupt(
    _ batch: Batch, along schedule: Schedule, _ state: State, using random: inout Random,
    evaluate: (Query) -> Tensor
  ) -> (Query, Truth)

  /// The loss of each sample; writes ∂(weighted mean of the losses)/∂output to `gradient`, which has the same
  /// shape.
  func loss(_ output: Tensor, _ truth: Truth, gradient: Tensor) -> [Double]

  /// The weight of each sample's loss in the mean, which corrects for levels that are drawn more often; empty
  /// where all count the same.
  func shares(_ truth: Truth) -> [Double]

  /// Updates the state with the losses of a successful step.
  func observe(
    _ losses: [Double], at steps: [NoiseStep], along schedule: Schedule, _ state: inout State)
}

/// An objective whose loss is that of an estimate of x_0.
package protocol X0Objective: Objective {
  /// The levels that training draws, all as likely, and what the answer E[x_0 | x] costs at each.
  func costs(along schedule: Schedule) -> [LevelCost]

  /// The same objective with the levels of a batch spread as evenly as possible.
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

  /// The same objective with the levels of a batch spread as evenly as possible.
  package var stratified: Self {
    (self as? any X0Objective)?.spread as? Self ?? self
  }
}

extension Objective where State == NoState {
  /// The state of an objective that learns nothing.
  public func begin() -> NoState { NoState() }
}

/// Clean samples with their condition.
public struct Batch {
  /// (B, H, W, C).
  public let x0: Tensor
  /// What the samples are conditioned on.
  public let condition: Condition
  /// How tokens are written, where samples are text; nil for all others.
  public let text: TextFormat?
  private let pool: MemoryPool

  init(_ x0: Tensor, _ condition: Condition, text: TextFormat? = nil, _ pool: MemoryPool) {
    self.x0 = x0
    self.condition = condition
    self.text = text
    self.pool = pool
  }

  /// A batch with memory of its own.
  package init(_ x0: Tensor, _ condition: Condition = Condition(), text: TextFormat? = nil) {
    self.init(x0, condition, text: text, MemoryPool())
  }

  /// A tensor of the samples' shape, with arbitrary contents.
  public func makeTensor() -> Tensor { makeTensor(x0.shape) }

  /// A tensor of any shape, with arbitrary contents.
  public func makeTensor(_ shape: Shape) -> Tensor { Tensor(uninitialized: shape, pool) }
}

/// All objectives.
public enum Objectives: Catalog {
  public static let all: [any Objective] = [DenoisingObjective(), MaskingObjective()]
  public static func kind(of member: any Objective) -> any Kind { member }

  public static let chooser = makeChooser(
    "kind", "how samples are noised and what the loss is")
}

/// An objective with its settings.
public typealias ObjectiveConfiguration = Selection<Objectives>

extension ObjectiveConfiguration {
  /// What the network predicts.
  public var parameterization: Parameterization { value.parameterization }
}
