/// One buffer for all θ and one for the moving average, and one each for ∂θ and Adam's two moments,
/// so that the optimiser, the average, the norm, a snapshot and a checkpoint are single loops.
///
/// What training does not move, frozen tensors and statistics, follows θ and its average; the
/// other buffers have none of it.
final class ParameterBlock {
  /// θ.
  let weights: Tensor
  /// The exponential moving average of θ.
  let average: Tensor
  /// ∂loss/∂θ.
  let gradients: Tensor
  /// Adam's first moment.
  let m: Tensor
  /// Adam's second moment.
  let v: Tensor

  init(_ table: ParameterTable) {
    weights = table.makeBlock()
    average = table.makeBlock()
    gradients = table.makeTrainableBlock()
    m = table.makeTrainableBlock()
    v = table.makeTrainableBlock()
  }

  /// Starts anew: θ drawn as PyTorch would, the average equal to it, moments zero.
  func initialize(_ table: ParameterTable, using random: inout Random) {
    table.initialize(weights, using: &random)
    average.assign(weights)
    m.fill(0)
    v.fill(0)
  }

  /// Copies what training does not move into the average: statistics of the data have none of
  /// their own.
  func copyKeptToAverage() {
    let (start, count) = (gradients.count, weights.count - gradients.count)
    (average.pointer + start).update(from: weights.pointer + start, count: count)
  }
}
