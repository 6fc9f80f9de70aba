/// A snapshot of all parameters of a network: written once, then shared for sampling, export and further
/// training.
///
/// `@unchecked Sendable` is safe: the values are written before the initializer returns, the
/// tensor never leaves the library, and passes only read their weights.
public final class Weights: @unchecked Sendable {
  let tensor: Tensor

  /// The number of floats.
  public var count: Int { tensor.count }

  /// Weights that `write` puts in place; the tensor handed to it has `count` numbers, zeros at
  /// first.
  init(count: Int, _ write: (Tensor) throws -> Void) rethrows {
    tensor = Tensor(Shape(1, 1, 1, count))
    try write(tensor)
  }

  /// A copy of a block as it is now.
  convenience init(copying block: Tensor) {
    self.init(count: block.count) { $0.assign(block.reshaped($0.shape)) }
  }

  /// Weights from values in the order of a table's block.
  public convenience init(_ values: [Float]) {
    self.init(count: values.count) { $0.assign(values) }
  }

  /// A copy of the values in the order of a table's block.
  public var values: [Float] { tensor.values }

  /// Whether no value is NaN or infinite.
  public var isFinite: Bool { tensor.norm.isFinite }
}
