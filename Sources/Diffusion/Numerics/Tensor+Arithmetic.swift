internal import CKernels

/// Elements a range of an elementwise loop should have at least: 64 KiB of floats.
let elementwiseGrain = 16_384

extension Tensor {
  /// Sets every element to `value`.
  public func fill(_ value: Float) {
    let pointer = pointer
    parallelFor(count, grain: 1 << 20) { range in
      (pointer + range.lowerBound).update(repeating: value, count: range.count)
    }
  }

  /// Copies `values`, in (batch, height, width, channels) order.
  public func assign(_ values: [Float]) {
    precondition(values.count == count, "\(shape) holds \(count) numbers, got \(values.count)")
    values.withUnsafeBufferPointer { source in
      if let base = source.baseAddress { pointer.update(from: base, count: count) }
    }
  }

  /// Copies the elements of `other`, which has the same shape.
  public func assign(_ other: Tensor) {
    requireSameShape(other)
    pointer.update(from: other.pointer, count: count)
  }

  /// self ← a·x + b·y, elementwise; `self` may be `x` or `y`.
  public func assign(_ a: Float, _ x: Tensor, plus b: Float, _ y: Tensor) {
    requireSameShape(x)
    requireSameShape(y)
    let (out, x, y) = (pointer, x.pointer, y.pointer)
    parallelFor(count, grain: elementwiseGrain) { range in
      let i = range.lowerBound
      ck_combine(out + i, a, x + i, b, y + i, range.count)
    }
  }

  /// self ← x + y, elementwise; `self` may be `x` or `y`.
  func assign(_ x: Tensor, plus y: Tensor) {
    requireSameShape(x)
    requireSameShape(y)
    let (out, x, y) = (pointer, x.pointer, y.pointer)
    parallelFor(count, grain: elementwiseGrain) { range in
      let i = range.lowerBound
      ck_add(out + i, x + i, y + i, range.count)
    }
  }

  /// Limits every element to `range`.
  public func clamp(to range: ClosedRange<Float>) {
    ck_clamp(pointer, range.lowerBound, range.upperBound, count)
  }

  /// The square root of the sum of squares, summed in `Double`.
  public var norm: Double { sumOfSquares(pointer, count).squareRoot() }

  private func requireSameShape(_ other: Tensor) {
    precondition(shape == other.shape, "shapes differ: \(shape) and \(other.shape)")
  }
}

/// Σ x², in `Double`, over fixed ranges, so that the sum does not depend on the number of threads.
func sumOfSquares(_ x: UnsafePointer<Float>, _ count: Int) -> Double {
  let ranges = (count + elementwiseGrain - 1) / elementwiseGrain
  return withUnsafeTemporaryAllocation(of: Double.self, capacity: max(1, ranges)) { sums in
    // Each range writes its own sum.
    nonisolated(unsafe) let sums = sums
    parallelFor(ranges, grain: 32) { some in
      for range in some {
        let start = range * elementwiseGrain
        sums[range] = ck_sum_squares(x + start, min(elementwiseGrain, count - start))
      }
    }
    return sums[0..<ranges].reduce(0, +)
  }
}
