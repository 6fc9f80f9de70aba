internal import CKernels
internal import Platform

/// Adam, or AdamW with its decoupled weight decay.
///
/// Source: Kingma and Ba 2015, <https://arxiv.org/abs/1412.6980>; Loshchilov and Hutter 2019,
/// <https://arxiv.org/abs/1711.05101>; rounding as `torch.optim`.
public struct Adam: Sendable, Hashable {
  /// Where weight decay acts.
  public enum Variant: String, RecipeWord {
    /// In the gradient, as in `torch.optim.Adam`.
    case adam
    /// On the weights themselves, as in `torch.optim.AdamW`.
    case adamw

    public var meaning: String {
      switch self {
      case .adam: "weight decay in the gradient"
      case .adamw: "decoupled weight decay"
      }
    }
  }

  /// Where weight decay acts.
  public var variant: Variant
  /// Decay of the first moment, in [0, 1).
  public var beta1: Double
  /// Decay of the second moment, in [0, 1).
  public var beta2: Double
  /// The term added to the square root of the second moment.
  public var epsilon: Double
  /// The weight decay; nil for 0.01 with AdamW and 0 with Adam.
  public var weightDecay: Double?

  /// The optimiser; by default AdamW as in PyTorch.
  public init(
    _ variant: Variant = .adamw, beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-8,
    weightDecay: Double? = nil
  ) {
    self.variant = variant
    self.beta1 = beta1
    self.beta2 = beta2
    self.epsilon = epsilon
    self.weightDecay = weightDecay
  }

  /// One step on all parameters, and one of their moving average, in one pass over the block.
  ///
  /// `step` is 1 for the first; `gradientScale` is what clipping multiplies the gradients by,
  /// `averageDecay` the decay of the moving average in this step. Where it `clears` the gradients, they are
  /// zero afterwards, for the next step to add to.
  func step(
    _ block: ParameterBlock, step: Int, learningRate: Double, gradientScale: Double,
    averageDecay: Double, clears: Bool = true
  ) {
    let decay = weightDecay ?? (variant == .adamw ? 0.01 : 0)
    let isDecoupled = variant == .adamw
    let correction1 = 1 - pow(beta1, Double(step))
    let correction2 = 1 - pow(beta2, Double(step))
    let values = ck_adam_step(
      learning_rate: Float(learningRate), beta2: Float(beta2), epsilon: Float(epsilon),
      rest1: Float(1 - beta1), rest2: Float(1 - beta2), decay: Float(decay),
      decoupled: isDecoupled ? 1 : 0, correction1: Float(correction1),
      correction2_root: Float(correction2.squareRoot()), gradient_scale: Float(gradientScale),
      average_weight: Float(1 - averageDecay), clears: clears ? 1 : 0)
    let (w, a, g) = (block.weights.pointer, block.average.pointer, block.gradients.pointer)
    let (m, v) = (block.m.pointer, block.v.pointer)
    parallelFor(block.gradients.count, grain: elementwiseGrain) { range in
      let i = range.lowerBound
      withUnsafePointer(to: values) { ck_adam(w + i, a + i, m + i, v + i, g + i, $0, range.count) }
    }
  }
}
