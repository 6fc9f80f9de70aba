internal import Platform

// MARK: - Levels between those of the list

extension Schedule {
  /// The level of this process with σ/α = `ratio`, with its position between the levels of the schedule.
  ///
  /// The position, which networks embed as the timestep, is linear in ln σ/α between levels and limited to
  /// the ends, as in `sigma_to_t` of k-diffusion and diffusers.
  ///
  /// - Precondition: `ratio` is above 0; infinite only if that of the last level is.
  public func step(sigmaOverAlpha ratio: Double) -> NoiseStep {
    precondition(ratio > 0, "a level between others has noise, got σ/α = \(ratio)")
    let place = timestep(sigmaOverAlpha: ratio)
    let index = Int(place.rounded())
    if levels[index].sigmaOverAlpha == ratio { return step(at: index) }
    return NoiseStep(index: nil, timestep: place, level: level(ratio: ratio, at: place))
  }

  /// Where in the list the noise σ/α = `ratio` is, from 0 to ``count`` − 1.
  package func timestep(sigmaOverAlpha ratio: Double) -> Double {
    // The last level that is not above it, by halving.
    var (low, high) = (0, count)
    while high - low > 1 {
      let middle = (low + high) / 2
      if levels[middle].sigmaOverAlpha <= ratio { low = middle } else { high = middle }
    }
    guard low + 1 < count, levels[low].sigmaOverAlpha < ratio else { return Double(low) }
    let (below, above) = (levels[low].sigmaOverAlpha, levels[low + 1].sigmaOverAlpha)
    // From no noise, or to no signal, there are no even parts: the place is the nearer end's.
    guard below > 0, above < .infinity else { return Double(low) }
    return Double(low) + (log(ratio) - log(below)) / (log(above) - log(below))
  }

  /// The level at a fractional timestep: ln σ/α is linear between levels.
  ///
  /// - Precondition: `timestep` lies within the schedule.
  public func step(timestep: Double) -> NoiseStep {
    precondition(
      timestep >= 0 && timestep <= Double(count - 1),
      "the schedule has timesteps 0 to \(count - 1), got \(timestep)")
    let low = Int(timestep)
    let part = timestep - Double(low)
    guard part > 0 else { return step(at: low) }
    let (below, above) = (levels[low].sigmaOverAlpha, levels[low + 1].sigmaOverAlpha)
    // Half of the way from no noise, or to no signal, has no measure: the level is the nearer end's.
    guard below > 0, above < .infinity else {
      return NoiseStep(index: nil, timestep: timestep, level: levels[part < 0.5 ? low : low + 1])
    }
    let ratio = exp(log(below) + part * (log(above) - log(below)))
    return NoiseStep(index: nil, timestep: timestep, level: level(ratio: ratio, at: timestep))
  }

  /// The pair of this process with a ratio, near a place in the list.
  private func level(ratio: Double, at place: Double) -> NoiseLevel {
    switch definition {
    case .sigmas: return NoiseLevel(sigma: ratio)
    case .betas, .alphaBars: return .preservingVariance(ratio: ratio)
    case .levels:
      // α + σ, which is 1 all along a flow, is linear between neighbours.
      let low = min(Int(place), count - 1)
      let part = place - Double(low)
      let (a, b) = (levels[low], levels[min(low + 1, count - 1)])
      let sum = (1 - part) * (a.alpha + a.sigma) + part * (b.alpha + b.sigma)
      return isVariancePreserving
        ? .preservingVariance(ratio: ratio)
        : NoiseLevel(alpha: sum / (1 + ratio), sigma: sum * ratio / (1 + ratio))
    }
  }
}

extension NoiseLevel {
  /// The variance-preserving level of a ratio σ/α.
  static func preservingVariance(ratio: Double) -> NoiseLevel {
    let alpha = 1 / (1 + ratio * ratio).squareRoot()
    return NoiseLevel(alpha: alpha, sigma: alpha * ratio)
  }
}
