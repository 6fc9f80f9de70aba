/// A list of noise levels from almost clean to almost pure noise, in `Double`.
///
/// It stores what defines it; every other quantity is derived. Immutable: samplers store their own
/// history.
public struct Schedule: Sendable, Equatable {
  /// What defines a schedule.
  public enum Definition: Sendable, Equatable {
    /// The variance added at each step of a variance-preserving process; ᾱ_t = Π (1 − β_i).
    case betas([Double])
    /// The signal power left at each step of a variance-preserving process; decreasing.
    case alphaBars([Double])
    /// The noise at each step of a variance-exploding process; increasing.
    case sigmas([Double])
    /// Pairs (α, σ) of any other process, such as a flow's (1 − t, t); σ/α increases.
    case levels([NoiseLevel])
  }

  /// What defines the levels.
  public let definition: Definition
  /// The levels, the lowest noise first.
  public let levels: [NoiseLevel]

  /// - Precondition: it is not empty; betas and alphaBars lie in 0 to 1; alphaBars do not increase; sigmas
  ///   are at least 0 and do not decrease, nor does σ/α of levels.
  public init(_ definition: Definition) {
    self.definition = definition
    switch definition {
    case .betas(let betas):
      precondition(betas.allSatisfy { $0 >= 0 && $0 <= 1 }, "betas lie in 0 to 1, got \(betas)")
      var alphaBar = 1.0
      levels = betas.map { beta in
        alphaBar *= 1 - beta
        return NoiseLevel(alphaBar: alphaBar)
      }
    case .alphaBars(let alphaBars):
      precondition(
        zip(alphaBars, alphaBars.dropFirst()).allSatisfy { $0 >= $1 }, "alphaBars must not rise")
      levels = alphaBars.map { NoiseLevel(alphaBar: $0) }
    case .sigmas(let sigmas):
      precondition(zip(sigmas, sigmas.dropFirst()).allSatisfy { $0 <= $1 }, "sigmas must not fall")
      levels = sigmas.map { NoiseLevel(sigma: $0) }
    case .levels(let pairs):
      precondition(
        zip(pairs, pairs.dropFirst()).allSatisfy { $0.sigmaOverAlpha <= $1.sigmaOverAlpha },
        "σ/α must not fall")
      levels = pairs
    }
    precondition(!levels.isEmpty, "a schedule needs at least one level")
  }

  /// The number of levels, T.
  public var count: Int { levels.count }

  /// The level with index `t`, from 0.
  public subscript(t: Int) -> NoiseLevel { levels[t] }

  /// Whether α² + σ² = 1 at every level.
  public var isVariancePreserving: Bool {
    switch definition {
    case .betas, .alphaBars: true
    case .sigmas: false
    case .levels: levels.allSatisfy { abs($0.alpha * $0.alpha + $0.sigma * $0.sigma - 1) < 1e-9 }
    }
  }
}

// MARK: - Views

extension Schedule {
  /// The share of the signal's power that each step removes, β_t = 1 − ᾱ_t/ᾱ_{t−1} with ᾱ_{−1} = 1.
  public var betas: [Double] {
    if case .betas(let betas) = definition { return betas }
    var previous = 1.0
    return alphaBars.map { alphaBar in
      defer { previous = alphaBar }
      return previous > 0 ? 1 - alphaBar / previous : 1
    }
  }

  /// The signal's share of the power at each level; 1/(1 + σ²) where variance explodes.
  public var alphaBars: [Double] { levels.map(\.alphaBar) }

  /// The noise in units of the data's scale, σ/α; √((1 − ᾱ)/ᾱ) where variance is preserved.
  public var sigmas: [Double] { levels.map(\.sigmaOverAlpha) }

  /// The signal-to-noise ratio, in power, at each level.
  public var snrs: [Double] { levels.map(\.snr) }

  /// The SNR of the last level; sampling starts as if it were 0.
  public var terminalSNR: Double { levels[count - 1].snr }

  /// Whether x_T is noise as far as a sampler is concerned: less than 1/64 of its power is signal,
  /// −18 dB.
  package var endsInNoise: Bool { terminalSNR < 1.0 / 64 }
}

/// `count` evenly spaced numbers from `start` to `end`, both included.
func evenlySpaced(_ start: Double, _ end: Double, _ count: Int) -> [Double] {
  guard count > 1 else { return [start] }
  return (0..<count).map { start + (end - start) * Double($0) / Double(count - 1) }
}
