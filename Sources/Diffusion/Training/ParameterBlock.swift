/// One buffer for all θ, and one each for ∂θ, the moving average and Adam's two moments, so that
/// the optimiser, the average, the norm, a snapshot and a checkpoint are single loops.
public final class ParameterBlock {
  /// θ.
  public let weights: Tensor
  /// The exponential moving average of θ.
  public let average: Tensor
  /// ∂loss/∂θ.
  public let gradients: Tensor
  /// Adam's first moment.
  public let m: Tensor
  /// Adam's second moment.
  public let v: Tensor

  public init(_ table: ParameterTable) {
    weights = table.makeBlock()
    average = table.makeBlock()
    gradients = table.makeBlock()
    m = table.makeBlock()
    v = table.makeBlock()
  }

  /// Starts anew: θ drawn as PyTorch would, the average equal to it, moments zero.
  public func initialize(_ table: ParameterTable, using random: inout Random) {
    table.initialize(weights, using: &random)
    average.assign(weights)
    m.fill(0)
    v.fill(0)
  }
}
