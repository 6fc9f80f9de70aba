internal import Platform

/// The decay of the exponential moving average of the weights, by one of the usual rules.
public struct EMA: Sendable, Hashable {
  /// How the decay changes during training; n is the update, from 1.
  public enum Rule: String, RecipeWord {
    /// min(decay, (1 + n)/(10 + n)), so that the initial random weights do not hold back the average.
    ///
    /// Source: TensorFlow's `ExponentialMovingAverage`, as in torch_ema and diffusers.
    case warmUp = "warm-up"
    /// The decay itself from the first update on.
    case constant
    /// min(decay, 1 − n^{−power}), 0 at the first update.
    ///
    /// Source: `EMAModel` of diffusers with `use_ema_warmup` and `inv_gamma` 1.
    case power
    /// 0.5^{batch/h} with a half-life of h samples, at first a fraction of the samples seen.
    ///
    /// Source: Karras et al. 2022, the code published with it.
    case halfLife = "half-life"

    public var meaning: String {
      switch self {
      case .warmUp: "(1 + n)/(10 + n) at update n, up to `ema`"
      case .constant: "`ema` from the first update on"
      case .power: "1 − n^(−`ema_power`) at update n, up to `ema`"
      case .halfLife:
        "the share of older weights in the average halves every `ema_half_life` samples; `ema` is ignored"
      }
    }
  }

  /// The rule for the decay.
  public var rule = Rule.warmUp
  /// The decay after warm-up, in [0, 1).
  public var decay: Double
  /// The power of ``Rule/power``; ¾ for runs of a million steps, ⅔ for longer ones.
  public var power = 0.75
  /// The half-life of ``Rule/halfLife``, in samples.
  public var halfLife = 500_000
  /// The largest half-life as a fraction of the samples seen; 0 for no limit.
  public var ramp = 0.05

  /// An average that keeps the fraction `decay` of itself at every update, in [0, 1).
  public init(decay: Double) {
    precondition(0 <= decay && decay < 1, "the decay must be in [0, 1), got \(decay)")
    self.decay = decay
  }

  /// The decay of an update, 1 being the first, of which each takes `batch` samples.
  package func decay(atUpdate update: Int, batch: Int = 1) -> Double {
    let n = Double(update)
    switch rule {
    case .warmUp: return min(decay, (1 + n) / (10 + n))
    case .constant: return decay
    case .power: return max(min(decay, 1 - pow(n, -power)), 0)
    case .halfLife:
      // What was seen before this update.
      let seen = Double(update - 1) * Double(batch)
      let life = ramp > 0 ? min(Double(halfLife), ramp * seen) : Double(halfLife)
      return pow(0.5, Double(batch) / max(life, 1e-8))
    }
  }
}
