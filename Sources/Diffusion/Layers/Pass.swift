internal import CKernels

/// One run through a network: weights, mode, condition, buffers, and what backward will need.
///
/// A pass belongs to one queue. One network can be used by several passes at a time: training with θ,
/// previews with the average, guidance.
public final class Pass {
  /// What a pass is for.
  public enum Mode: Sendable {
    /// Layers save what their backward pass needs, batch norm uses the batch, dropout is active.
    case train
    /// Forward only.
    case evaluate
    /// Like ``evaluate``, but layers save what their backward pass needs to compute ∂/∂x without gradients
    /// of the weights.
    case differentiate
  }

  /// What the pass is for.
  public let mode: Mode
  let pool = MemoryPool()
  private let scratch = MemoryPool(.any)
  private let table: ParameterTable
  private let weights: Tensor
  private let gradients: Tensor?
  private var saved: [Tensor] = []
  private var savedShapes: [Shape] = []
  /// What is made once of weights that stay as they are; nil where they change.
  private let fixed: TransformedWeights?
  private var learned: [(slot: Slot, values: Tensor)] = []

  /// What `AddCondition` and the embeddings read: a noise level at first, (batch, 1, 1, channels).
  var condition: Tensor?
  /// Σ of the gradients of everything that read ``condition``; the same shape.
  var conditionGradient: Tensor?
  /// The class of each sample for a network that takes one.
  var labels: [Int] = []
  /// A vector for the class of each sample, (batch, 1, 1, n), for a network that takes them; nil for zeros.
  var classVectors: Tensor?
  /// What dropout draws from in this pass; another number a step.
  var dropoutSeed: UInt64 = 0
  /// How many dropout layers the current run has gone through, so that each drops another part.
  var dropoutCount: UInt64 = 0
  /// What records every layer that runs, or nil.
  var trace: NetworkTrace?
  /// Whether blocks keep only their input for backward, and compute the rest anew there.
  var recomputes = false
  /// The blocks that kept only their input, with what else they read.
  private var blocks: [(x: Tensor, condition: Tensor?, dropoutCount: UInt64)] = []
  /// Whether the layers that run are part of such a block, so that they save nothing.
  private var isInsideBlock = false
  /// Whether backward is computing a block anew.
  private var isRecomputing = false

  /// A pass with all parameters of a network, in a block made by ``ParameterTable/makeBlock()``, and in
  /// ``Mode/train`` a block of trainable parameters to which backward adds ∂loss/∂θ.
  public convenience init(
    _ mode: Mode, _ table: ParameterTable, weights: Tensor, gradients: Tensor? = nil
  ) {
    self.init(mode, table, weights: weights, gradients: gradients, fixed: nil)
  }

  /// A pass over fixed weights, whose transforms are computed once and kept in `transformed`.
  ///
  /// Passes that share `transformed` give the same bits in ``Mode/evaluate`` and ``Mode/differentiate``.
  ///
  /// - Precondition: the mode is not ``Mode/train``.
  package convenience init(
    _ mode: Mode, fixed weights: Weights, _ table: ParameterTable,
    _ transformed: TransformedWeights = TransformedWeights()
  ) {
    precondition(mode != .train, "training changes weights")
    self.init(mode, table, weights: weights.tensor, gradients: nil, fixed: transformed)
  }

  private init(
    _ mode: Mode, _ table: ParameterTable, weights: Tensor, gradients: Tensor?,
    fixed: TransformedWeights?
  ) {
    precondition(
      weights.count == table.count, "a pass takes \(table.count) weights, got \(weights.count)")
    self.mode = mode
    self.table = table
    self.weights = weights
    self.gradients = gradients
    self.fixed = fixed
  }

  /// A tensor from the pass's pool, with arbitrary contents.
  public func make(_ shape: Shape) -> Tensor { Tensor(uninitialized: shape, pool) }

  /// A tensor of zeros from the pass's pool.
  public func zeros(_ shape: Shape) -> Tensor {
    let tensor = make(shape)
    tensor.fill(0)
    return tensor
  }

  /// `count` numbers that all workers share, left from an earlier use; they do not count in ``size``.
  func workspace(_ count: Int) -> Tensor {
    Tensor(uninitialized: Shape(1, 1, 1, count), scratch)
  }

  /// What `transform` makes of a tensor of weights, `count` numbers.
  ///
  /// Where the weights are fixed, they are those it made before; without a slot, they are always made anew.
  func transformedWeight(
    _ slot: Slot?, _ form: TransformedWeights.Form, count: Int,
    _ transform: (UnsafeMutablePointer<Float>) -> Void
  ) -> Tensor {
    if let slot, let fixed, fixed.keeps(slot, form, count: count) {
      return fixed.make(slot, form, count: count, transform)
    }
    let result = workspace(count)
    transform(result.pointer)
    return result
  }

  /// Whether ``transformedWeight(_:_:count:_:)`` keeps what it makes.
  func keeps(_ slot: Slot?, _ form: TransformedWeights.Form, count: Int) -> Bool {
    guard let slot, let fixed else { return false }
    return fixed.keeps(slot, form, count: count)
  }

  /// Runs `body` once for every task in 0..<count, in parallel, each time with `size` numbers that
  /// no other call uses meanwhile; they are left from an earlier use.
  func parallelTasks(
    _ count: Int, scratch size: Int,
    _ body: (_ task: Int, _ scratch: UnsafeMutablePointer<Float>) -> Void
  ) {
    let workers = Workers(for: count)
    let memory = workspace(workers.count * size)
    withExtendedLifetime(memory) {
      let base = memory.pointer
      workers.run { task, worker in body(task, base + worker * size) }
    }
  }

  /// Writes rows of values in parallel, with scratch memory: divides them into rows of `length`, and
  /// calls `body` once for each with the row's index, the row itself, and `size` values of scratch memory
  /// that no other call uses meanwhile, with arbitrary contents.
  ///
  /// - Precondition: the values are a whole number of rows.
  public func parallelFor(
    _ numbers: inout MutableSpan<Float>, rows length: Int, scratch size: Int,
    _ body: (
      _ row: Int, _ numbers: inout MutableSpan<Float>, _ scratch: inout MutableSpan<Float>
    ) -> Void
  ) {
    let rows = rowCount(numbers.count, length)
    numbers.withUnsafeMutableBufferPointer { all in
      guard let base = all.baseAddress else { return }
      parallelTasks(rows, scratch: size) { row, scratch in
        var numbers = UnsafeMutableBufferPointer(start: base + row * length, count: length)
          .mutableSpan
        var scratch = UnsafeMutableBufferPointer(start: scratch, count: size).mutableSpan
        body(row, &numbers, &scratch)
      }
    }
  }

  /// Adds the sum over all positions to `sums`, one number a channel: the gradient of a bias.
  ///
  /// Long tensors are cut into parts of fixed size, whose sums are added in order.
  func addColumnSums(of dy: Tensor, to sums: UnsafeMutablePointer<Float>) {
    let (rows, channels) = (dy.shape.positions, dy.shape.channels)
    let parts = max(1, min(8, dy.count / 65_536))
    guard parts > 1 else { return ck_column_sums(sums, dy.pointer, rows, channels) }
    let partial = workspace(parts * channels)
    partial.fill(0)
    let (base, dy) = (partial.pointer, dy.pointer)
    Workers(for: parts).run { part, _ in
      let (first, last) = (rows * part / parts, rows * (part + 1) / parts)
      ck_column_sums(base + part * channels, dy + first * channels, last - first, channels)
    }
    ck_column_sums(sums, base, parts, channels)
    extendLifetime(partial)
  }

  /// Saves a tensor for backward, last in, first out; nothing is saved in evaluation.
  public func save(_ tensor: Tensor) {
    if savesForBackward { saved.append(tensor) }
  }

  /// The tensor that was saved last.
  public func restore() -> Tensor {
    precondition(!saved.isEmpty, "backward restores more than forward saved")
    return saved.removeLast()
  }

  /// Saves a shape for backward where the values are not needed.
  public func save(_ shape: Shape) {
    if savesForBackward { savedShapes.append(shape) }
  }

  /// The shape that was saved last.
  public func restoreShape() -> Shape {
    precondition(!savedShapes.isEmpty, "backward restores more shapes than forward saved")
    return savedShapes.removeLast()
  }

  private var savesForBackward: Bool { mode != .evaluate && !isInsideBlock }

  func weight(_ slot: Slot) -> UnsafePointer<Float> {
    UnsafePointer(weights.pointer + table.offset(slot))
  }

  /// Calls `body` with the values of one of the network's tensors, in our order of its dimensions.
  public func withWeight<Result>(
    _ slot: Slot, _ body: (Span<Float>) throws -> Result
  ) rethrows -> Result {
    try withExtendedLifetime(weights) {
      try body(UnsafeBufferPointer(start: weight(slot), count: slot.count).span)
    }
  }

  /// Calls `body` with ∂loss/∂θ of one of the network's tensors, for it to add to; does nothing where the
  /// pass only differentiates with respect to x.
  ///
  /// - Precondition: the tensor is trainable, and the pass has gradients.
  public func withGradient(
    _ slot: Slot, _ body: (inout MutableSpan<Float>) throws -> Void
  ) rethrows {
    guard let start = gradient(slot) else { return }
    try withExtendedLifetime(gradients) {
      var sums = UnsafeMutableBufferPointer(start: start, count: slot.count).mutableSpan
      try body(&sums)
    }
  }

  /// Where backward adds ∂loss/∂θ; nil in ``Mode/differentiate``, where that part is left out.
  func gradient(_ slot: Slot) -> UnsafeMutablePointer<Float>? {
    if mode == .differentiate { return nil }
    guard let gradients else { preconditionFailure("backward needs a pass with gradients") }
    precondition(slot.isTrainable, "a frozen tensor has no gradient")
    return gradients.pointer + slot.offset
  }

  /// A statistic as the batches of this step have left it so far, though it counts only once the
  /// step does.
  func statistic(_ slot: Slot) -> UnsafePointer<Float> {
    learned.last { $0.slot == slot }.map { UnsafePointer($0.values.pointer) } ?? weight(slot)
  }

  /// New values of a statistic, (1, 1, 1, count), which count once the step does.
  func learn(_ slot: Slot, _ values: Tensor) {
    if !isRecomputing { learned.append((slot, values)) }
  }

  /// Writes what the layers learned from the batch into the weights, or forgets it.
  func commitLearned(keeping: Bool = true) {
    if keeping {
      for (slot, values) in learned {
        (weights.pointer + table.offset(slot)).update(from: values.pointer, count: slot.count)
      }
    }
    learned.removeAll(keepingCapacity: true)
  }

  /// The condition, (batch, 1, 1, channels); traps if there is none.
  public var requiredCondition: Tensor {
    guard let condition else {
      preconditionFailure("this layer reads a condition, but none is set")
    }
    return condition
  }

  /// The summed gradient of the condition, of the same shape; traps if there is none.
  public var requiredConditionGradient: Tensor {
    guard let conditionGradient else {
      preconditionFailure("this layer's backward needs a condition gradient, but none is set")
    }
    return conditionGradient
  }

  /// How many blocks of memory the pass has taken from the system; constant in a steady step.
  package var allocations: Int { pool.allocations + scratch.allocations }

  /// How many numbers it holds beside the weights; they grow with the batch.
  var size: Int { pool.size }
}

// MARK: - Blocks that are computed anew

extension Pass {
  /// Runs a block of layers.
  ///
  /// Where the pass ``recomputes``, only x stays in memory for backward, unless the block is part of a
  /// larger one that does so.
  ///
  /// Source: Chen et al. 2016, <https://arxiv.org/abs/1604.06174>.
  func runBlock(_ x: Tensor, _ forward: (Tensor) -> Tensor) -> Tensor {
    guard recomputes, mode != .evaluate, !isInsideBlock, !isRecomputing else { return forward(x) }
    blocks.append((x, condition, dropoutCount))
    isInsideBlock = true
    defer { isInsideBlock = false }
    return forward(x)
  }

  /// Runs the backward pass of a block that ``runBlock(_:_:)`` has run with the same `forward`.
  func runBlockBackward(
    _ dy: Tensor, forward: (Tensor) -> Tensor, backward: (Tensor) -> Tensor
  ) -> Tensor {
    guard recomputes, mode != .evaluate, !isRecomputing else { return backward(dy) }
    precondition(!blocks.isEmpty, "backward goes through more blocks than forward")
    let block = blocks.removeLast()
    isRecomputing = true
    defer { isRecomputing = false }
    let (outer, watched) = (condition, trace)
    (condition, dropoutCount, trace) = (block.condition, block.dropoutCount, nil)
    _ = forward(block.x)
    (condition, trace) = (outer, watched)
    return backward(dy)
  }
}
