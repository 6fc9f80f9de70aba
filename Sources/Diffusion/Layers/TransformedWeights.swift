/// A cache of transformed or packed weights that never change, shared by passes.
///
/// It belongs to one queue, like the passes.
package final class TransformedWeights {
  /// An empty cache.
  package init() {}

  /// What weights are made into: a layer may take one form for small images and another for large ones.
  enum Form: Hashable {
    /// For Winograd's tiles of this side.
    case tiles(side: Int)
    /// For ``Panels``.
    case panels
    /// With the taps of a kernel in reverse.
    case turned
  }

  private struct Key: Hashable {
    let slot: Slot
    let form: Form
  }

  private var tensors: [Key: Tensor] = [:]
  /// How many numbers these hold, at most ``limit``.
  private var size = 0
  private static let limit = 16_777_216

  /// Whether the cache holds this form of the weights, or has room for its `count` floats.
  func keeps(_ slot: Slot, _ form: Form, count: Int) -> Bool {
    tensors[Key(slot: slot, form: form)] != nil || size + count <= Self.limit
  }

  /// The cached form of the weights, `count` floats; `transform` computes it at first use.
  ///
  /// - Precondition: ``keeps(_:_:count:)`` is true for it.
  func make(
    _ slot: Slot, _ form: Form, count: Int, _ transform: (UnsafeMutablePointer<Float>) -> Void
  ) -> Tensor {
    let key = Key(slot: slot, form: form)
    if let known = tensors[key] { return known }
    let result = Tensor(uninitialized: Shape(1, 1, 1, count), MemoryPool())
    transform(result.pointer)
    tensors[key] = result
    size += count
    return result
  }
}
