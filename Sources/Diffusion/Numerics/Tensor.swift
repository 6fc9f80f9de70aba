/// A block of 64-byte-aligned floats with a shape; its memory comes from, and returns to, a pool.
///
/// Copying a `Tensor` shares its values; ``copy()`` makes a real copy. Not `Sendable`: a tensor stays on
/// the queue of the run that made it; only plain arrays cross to other queues.
public struct Tensor {
  final class Storage {
    private let block: MemoryPool.Block
    private let pool: MemoryPool

    init(_ count: Int, _ pool: MemoryPool) {
      block = pool.take(count)
      self.pool = pool
    }

    var base: UnsafeMutablePointer<Float> { block.base }

    deinit { pool.giveBack(block) }
  }

  let storage: Storage
  /// How the values are arranged.
  public let shape: Shape

  /// A tensor whose numbers are left from the block's last use; the caller writes all of them.
  init(uninitialized shape: Shape, _ pool: MemoryPool) {
    self.shape = shape
    storage = Storage(shape.count, pool)
  }

  private init(storage: Storage, shape: Shape) {
    self.storage = storage
    self.shape = shape
  }

  /// A tensor of zeros with its own memory.
  public init(_ shape: Shape) {
    self.init(uninitialized: shape, MemoryPool())
    fill(0)
  }

  /// A tensor of the given values, in (batch, height, width, channels) order.
  ///
  /// - Precondition: `values.count == shape.count`.
  public init(_ shape: Shape, _ values: [Float]) {
    self.init(uninitialized: shape, MemoryPool())
    assign(values)
  }

  /// The first number; the pointer does not keep the tensor alive: where the
  /// tensor is a local variable, `extendLifetime` does.
  var pointer: UnsafeMutablePointer<Float> { storage.base }

  /// The number of elements.
  public var count: Int { shape.count }

  /// Calls `body` with the values, in (batch, height, width, channels) order.
  public func withValues<Result>(
    _ body: (Span<Float>) throws -> Result
  ) rethrows -> Result {
    try withExtendedLifetime(storage) {
      try body(UnsafeBufferPointer(start: pointer, count: count).span)
    }
  }

  /// Calls `body` with the values for changing, in (batch, height, width, channels) order.
  ///
  /// Only for tensors you made: others may still need the values of theirs.
  public func withMutableValues<Result>(
    _ body: (inout MutableSpan<Float>) throws -> Result
  ) rethrows -> Result {
    try withExtendedLifetime(storage) {
      var numbers = UnsafeMutableBufferPointer(start: pointer, count: count).mutableSpan
      return try body(&numbers)
    }
  }

  /// A copy of the values in (batch, height, width, channels) order.
  public var values: [Float] { Array(UnsafeBufferPointer(start: pointer, count: count)) }

  /// The same values in another shape of equal count.
  public func reshaped(_ shape: Shape) -> Tensor {
    precondition(
      shape.count == self.shape.count, "cannot see \(self.shape) as \(shape): counts differ")
    return Tensor(storage: storage, shape: shape)
  }

  /// A tensor with the same values and its own memory.
  public func copy() -> Tensor {
    let result = Tensor(uninitialized: shape, MemoryPool())
    result.assign(self)
    return result
  }
}

/// Calls `body` with the values of two tensors; like ``Tensor/withValues(_:)`` for one.
public func withValues<Result>(
  _ a: Tensor, _ b: Tensor, _ body: (Span<Float>, Span<Float>) throws -> Result
) rethrows -> Result {
  try a.withValues { a in try b.withValues { b in try body(a, b) } }
}
