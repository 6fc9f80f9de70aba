internal import Platform

/// The pair (alpha, sigma) in x = alpha·x0 + sigma·ε.
///
/// Variance-preserving processes have alpha² + sigma² = 1, variance-exploding ones alpha = 1. All
/// code works on the pair, so both kinds are handled alike.
public struct NoiseLevel: Sendable, Hashable {
  /// The factor on the data, 0 to 1.
  public let alpha: Double
  /// The standard deviation of the added noise, at least 0.
  public let sigma: Double

  /// No noise at all: (1, 0).
  public static let clean = NoiseLevel(alpha: 1, sigma: 0)

  /// A level of α and σ, neither below 0.
  public init(alpha: Double, sigma: Double) {
    precondition(
      alpha >= 0 && sigma >= 0, "a noise level needs both of at least 0, got (\(alpha), \(sigma))")
    self.alpha = alpha
    self.sigma = sigma
  }

  /// The variance-preserving level (√ᾱ, √(1 − ᾱ)), ᾱ from 0 to 1.
  public init(alphaBar: Double) {
    precondition(alphaBar >= 0 && alphaBar <= 1, "alphaBar lies in 0 to 1, got \(alphaBar)")
    self.init(alpha: alphaBar.squareRoot(), sigma: (1 - alphaBar).squareRoot())
  }

  /// The variance-exploding level (1, σ).
  public init(sigma: Double) { self.init(alpha: 1, sigma: sigma) }
}

// MARK: - Views

extension NoiseLevel {
  /// σ/α, the noise in units of the data's scale; infinite where no signal is left.
  public var sigmaOverAlpha: Double { sigma / alpha }

  /// The signal-to-noise ratio (α/σ)², in power; infinite where the level is clean.
  public var snr: Double { (alpha / sigma) * (alpha / sigma) }

  /// The natural logarithm of ``snr``.
  public var logSNR: Double { 2 * log(alpha / sigma) }

  /// The ``snr`` in decibels.
  public var snrDecibels: Double { 20 * log10(alpha / sigma) }

  /// The signal's share of the power, α²/(α² + σ²), whatever the kind of process.
  public var alphaBar: Double { alpha * alpha / (alpha * alpha + sigma * sigma) }

  /// √(α² + σ²): 1 where variance is preserved.
  var size: Double { (alpha * alpha + sigma * sigma).squareRoot() }

  /// The standard deviation from which sampling starts at this level.
  ///
  /// σ for variance-exploding levels, as in Song and Ermon 2019; for others that of the whole state
  /// for data of unit variance, 1 where variance is preserved, as in Ho et al. 2020.
  package var startingDeviation: Double {
    alpha == 1 ? sigma : size
  }
}
