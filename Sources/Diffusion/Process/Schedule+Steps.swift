/// Which levels of a schedule a sampler visits when it takes fewer steps than there are levels.
public enum StepSpacing: String, Worded {
  /// Evenly spaced down from the last level, then clean.
  case trailing
  /// Evenly spaced up from the first level, so the last ones are missing, then clean.
  case leading
  /// Evenly spaced over all levels, both ends included, then clean.
  case linspace
  /// As ``trailing``, but ends at the first level instead of clean: `sample_sigmas` of
  /// smalldiffusion.
  case sampleSigmas = "sample-sigmas"

  public var meaning: String {
    switch self {
    case .trailing: "evenly down from the last level, then clean"
    case .leading: "evenly up from the first level, then clean"
    case .linspace: "evenly over all levels, both ends included, then clean"
    case .sampleSigmas: "as trailing, but it ends at the first level"
    }
  }
}

extension Schedule {
  /// The path of a sampler in `n` steps: n + 1 entries, the highest noise first.
  ///
  /// Each step goes from one entry to the next, so the previous timestep is always the next entry
  /// of this list, whatever the spacing.
  ///
  /// `offset` is added to the indices of ``StepSpacing/leading``, as latent diffusion does with 1.
  ///
  /// - Precondition: 1 ≤ `n` ≤ ``count``.
  public func steps(
    _ n: Int, spacing: StepSpacing = .trailing, offset: Int = 0
  ) -> [NoiseStep] {
    precondition((1...count).contains(n), "\(count) levels allow 1 to \(count) steps, got \(n)")
    let (levels, steps) = (Double(count), Double(n))
    let indices = (0..<n).map { k -> Int in
      switch spacing {
      case .trailing:
        return Int((levels - Double(k) * (levels / steps)).rounded(.toNearestOrEven)) - 1
      case .leading:
        return min((n - 1 - k) * (count / n) + offset, count - 1)
      case .linspace:
        // A single step starts from the top, not from the almost clean bottom.
        guard n > 1 else { return count - 1 }
        return Int((Double(n - 1 - k) * ((levels - 1) / (steps - 1))).rounded(.toNearestOrEven))
      case .sampleSigmas:
        return Int((levels * (1 - Double(k) / steps)).rounded(.toNearestOrEven)) - 1
      }
    }
    let end = spacing == .sampleSigmas ? step(at: 0) : .clean
    return indices.map { step(at: $0) } + [end]
  }

  /// The path through any levels, given by falling indices, to `end`.
  public func steps(at indices: [Int], end: NoiseStep = .clean) -> [NoiseStep] {
    precondition(
      zip(indices, indices.dropFirst()).allSatisfy { $0 > $1 }, "indices must fall: \(indices)")
    return indices.map { step(at: $0) } + [end]
  }

  /// The level `index`, with its place.
  public func step(at index: Int) -> NoiseStep {
    NoiseStep(index: index, timestep: Double(index), level: levels[index])
  }
}
