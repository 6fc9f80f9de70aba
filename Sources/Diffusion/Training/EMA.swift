/// The decay of the exponential moving average of the weights, with warm-up.
///
/// Update n (from 1) uses min(decay, (1 + n)/(10 + n)), so that the average is not held back by
/// the first, random weights.
///
/// Source: TensorFlow's `ExponentialMovingAverage`, as in torch_ema and diffusers.
public struct EMA: Sendable, Hashable {
  /// The decay after warm-up, in [0, 1).
  public var decay: Double

  /// An average that keeps the part `decay` of itself at every update, in [0, 1).
  public init(decay: Double) {
    precondition(0 <= decay && decay < 1, "the decay must be in [0, 1), got \(decay)")
    self.decay = decay
  }

  /// The decay of an update, 1 being the first.
  public func decay(atUpdate update: Int) -> Double {
    min(decay, (1 + Double(update)) / (10 + Double(update)))
  }
}
