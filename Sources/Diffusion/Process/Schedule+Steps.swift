internal import Platform

/// Which levels of a schedule a sampler visits when it takes fewer steps than there are levels.
public enum StepSpacing: String, RecipeWord {
  /// Evenly spaced down from the last level, then clean.
  case trailing
  /// Evenly spaced up from the first level, so that the last ones are missing, then clean.
  case leading
  /// Evenly spaced over all levels, both ends included, then clean.
  case linspace
  /// Like ``trailing``, but ends at the first level instead of clean: `sample_sigmas` of
  /// smalldiffusion.
  case sampleSigmas = "sample-sigmas"
  /// Between the levels, with evenly spaced ρ-th roots of σ/α over all levels, then clean.
  case karras
  /// Between the levels, with a constant factor of σ/α over all levels, then clean.
  case logSNR = "log-snr"

  public var meaning: String {
    switch self {
    case .trailing: "evenly down from the last level, then clean"
    case .leading: "evenly up from the first level, then clean"
    case .linspace: "evenly over all levels, both ends included, then clean"
    case .sampleSigmas: "like trailing, but ending at the first level"
    case .karras: "as in Karras et al. 2022, between the levels, then clean"
    case .logSNR: "evenly in log-SNR, between the levels, then clean"
    }
  }
}

extension Schedule {
  /// The levels that a sampler visits in `n` steps: n + 1 entries, the highest noise first.
  ///
  /// Each step goes from one entry to the next, whatever the spacing.
  ///
  /// `offset` is added to the indices of ``StepSpacing/leading``, as latent diffusion does with 1;
  /// `rho` is the order of the roots of ``StepSpacing/karras``.
  ///
  /// - Precondition: 1 ≤ `n` ≤ ``count``.
  public func steps(
    _ n: Int, spacing: StepSpacing = .trailing, offset: Int = 0, rho: Double = 7
  ) -> [NoiseStep] {
    precondition((1...count).contains(n), "\(count) levels allow 1 to \(count) steps, got \(n)")
    let (levels, steps) = (Double(count), Double(n))
    let index: (Int) -> Int
    switch spacing {
    case .trailing:
      index = { Int((levels - Double($0) * (levels / steps)).rounded(.toNearestOrEven)) - 1 }
    case .leading:
      index = { min((n - 1 - $0) * (count / n) + offset, count - 1) }
    case .linspace:
      // A single step starts from the top, not from the almost clean bottom.
      index = {
        n == 1
          ? count - 1
          : Int((Double(n - 1 - $0) * ((levels - 1) / (steps - 1))).rounded(.toNearestOrEven))
      }
    case .sampleSigmas:
      index = { Int((levels * (1 - Double($0) / steps)).rounded(.toNearestOrEven)) - 1 }
    case .karras: return path(n) { karrasSpaced($0, $1, $2, rho: rho) }
    case .logSNR:
      return path(n) { low, high, count in
        // From the top, which a single step has.
        evenlySpaced(log(high), log(low), count).reversed().map { exp($0) }
      }
    }
    let end = spacing == .sampleSigmas ? step(at: 0) : .clean
    return (0..<n).map { step(at: index($0)) } + [end]
  }

  /// A trajectory from the last level over the first to the clean end; `ratios` gives so many σ/α between
  /// two, rising.
  private func path(
    _ n: Int, ratios: (_ low: Double, _ high: Double, _ count: Int) -> [Double]
  ) -> [NoiseStep] {
    let places = levels.indices.filter {
      levels[$0].sigmaOverAlpha > 0 && levels[$0].sigmaOverAlpha < .infinity
    }
    guard let bottom = places.first, let top = places.last else {
      return [step(at: count - 1), .clean]
    }
    // A level without signal has no place among even parts: it comes before them.
    let above = top < count - 1 ? [step(at: count - 1)] : []
    let inner = max(n - above.count, 0)
    var parts = ratios(levels[bottom].sigmaOverAlpha, levels[top].sigmaOverAlpha, inner).prefix(
      inner
    ).reversed()
      .map { step(sigmaOverAlpha: $0) }
    // The ends are those of the list, whatever rounding made of them.
    if inner > 0 { parts[0] = step(at: top) }
    if inner > 1 { parts[inner - 1] = step(at: bottom) }
    return above + parts + [.clean]
  }

  /// The trajectory through any levels, given by falling indices, to `end`.
  package func steps(at indices: [Int], end: NoiseStep = .clean) -> [NoiseStep] {
    precondition(
      zip(indices, indices.dropFirst()).allSatisfy { $0 > $1 }, "indices must fall: \(indices)")
    return indices.map { step(at: $0) } + [end]
  }

  /// The level at `index`, with its position.
  public func step(at index: Int) -> NoiseStep {
    NoiseStep(index: index, timestep: Double(index), level: levels[index])
  }
}
