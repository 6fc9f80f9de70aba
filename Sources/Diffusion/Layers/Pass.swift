/// One run through a network: weights, mode, conditioning, buffers, and what backward will need.
///
/// A pass belongs to one queue. One network may serve several passes at a time: training with θ,
/// previews with the average, guidance.
public final class Pass {
  public enum Mode: Sendable {
    /// Layers save what their backward pass needs.
    case train
    /// Forward only.
    case evaluate
  }

  public let mode: Mode
  let pool = MemoryPool()
  private let weights: Tensor
  private let gradients: Tensor?
  private var saved: [Tensor] = []
  private var savedShapes: [Shape] = []

  /// What `AddCondition` and the embeddings read: a noise level at first, (batch, 1, 1, channels).
  var condition: Tensor?
  /// Σ of the gradients of everything that read ``condition``; the same shape.
  var conditionGradient: Tensor?

  /// A pass with all parameters of a network, in its table's order, and a place of the same shape
  /// where backward adds ∂loss/∂θ.
  public init(_ mode: Mode, weights: Tensor, gradients: Tensor? = nil) {
    self.mode = mode
    self.weights = weights
    self.gradients = gradients
  }

  /// A tensor from the pass's pool; its numbers are left from an earlier use.
  func make(_ shape: Shape) -> Tensor { Tensor(uninitialized: shape, pool) }

  /// A tensor of zeros from the pass's pool.
  func zeros(_ shape: Shape) -> Tensor {
    let tensor = make(shape)
    tensor.fill(0)
    return tensor
  }

  func save(_ tensor: Tensor) {
    if mode == .train { saved.append(tensor) }
  }

  func restore() -> Tensor {
    precondition(!saved.isEmpty, "backward restores more than forward saved")
    return saved.removeLast()
  }

  /// Keeps a shape for backward where the numbers are not needed.
  func save(_ shape: Shape) {
    if mode == .train { savedShapes.append(shape) }
  }

  func restoreShape() -> Shape {
    precondition(!savedShapes.isEmpty, "backward restores more shapes than forward saved")
    return savedShapes.removeLast()
  }

  func weight(_ slot: Slot) -> UnsafePointer<Float> {
    UnsafePointer(weights.pointer + slot.offset)
  }

  func gradient(_ slot: Slot) -> UnsafeMutablePointer<Float> {
    guard let gradients else { preconditionFailure("backward needs a pass with gradients") }
    return gradients.pointer + slot.offset
  }

  /// The condition, for a layer that cannot do without.
  var requiredCondition: Tensor {
    guard let condition else { preconditionFailure("this layer reads a condition, none is set") }
    return condition
  }

  /// Where the gradient of the condition is summed, for a layer that read it.
  var requiredConditionGradient: Tensor {
    guard let conditionGradient else {
      preconditionFailure("this layer's backward needs a condition gradient, none is set")
    }
    return conditionGradient
  }

  /// How many blocks of memory the pass has taken from the system; constant in a steady step.
  public var allocations: Int { pool.allocations }
}
