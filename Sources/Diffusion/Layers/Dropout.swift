internal import CKernels

/// Sets a fraction of the values to zero in training and scales up the others to compensate.
///
/// The mask is a function of the pass's seed, the layer's place and the position, so it does not depend on
/// the number of threads and is the same in backward.
public struct Dropout: Layer {
  let rate: Float

  /// `rate` is the fraction that is dropped, in [0, 1).
  public init(_ rate: Double) {
    precondition(0 <= rate && rate < 1, "the rate of dropout must be in [0, 1), got \(rate)")
    self.rate = Float(rate)
  }

  public func forward(_ x: Tensor, _ pass: Pass) -> Tensor {
    guard rate > 0, pass.mode == .train else { return x }
    pass.dropoutCount += 1
    return dropped(x, pass)
  }

  public func backward(_ dy: Tensor, _ pass: Pass) -> Tensor {
    guard rate > 0, pass.mode == .train else { return dy }
    defer { pass.dropoutCount -= 1 }
    return dropped(dy, pass)
  }

  private func dropped(_ x: Tensor, _ pass: Pass) -> Tensor {
    let result = pass.make(x.shape)
    let (y, x) = (result.pointer, x.pointer)
    let seed = pass.dropoutSeed &+ pass.dropoutCount &* 0x9E37_79B9_7F4A_7C15
    let (low, high) = (UInt32(truncatingIfNeeded: seed), UInt32(truncatingIfNeeded: seed >> 32))
    parallelFor(result.count, grain: elementwiseGrain) { range in
      let start = range.lowerBound
      ck_dropout(y + start, x + start, start, range.count, low, high, rate)
    }
    return result
  }
}
