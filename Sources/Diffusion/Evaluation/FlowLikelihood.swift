internal import Platform

/// The log-density of samples under the probability flow of a denoiser.
///
/// With y = x/α and s = ln σ/α the flow is dy/ds = y − x̂_0, and ln p changes along it by its divergence, which
/// Hutchinson's estimator gets from one vector–Jacobian product with a random vector of ±1. Samples lie at the lowest
/// level of the schedule, so their density is that of data with this little noise.
///
/// Source: Song et al. 2021, section 4.3 and appendix D.2, <https://arxiv.org/abs/2011.13456>.
package struct FlowLikelihood: Sendable {
  /// ln p of each sample, in the units of the data.
  package let logDensities: [Double]
  /// How often the denoiser was evaluated.
  package let evaluations: Int

  /// Follows the flow from the lowest level with noise to the highest; nil where it cannot be followed, as with answers
  /// that are not finite.
  ///
  /// `random` draws the vectors. `progress` is called with the share of the way, 0 to 1.
  ///
  /// - Precondition: the schedule has two levels with noise and signal.
  package init?(
    of samples: Tensor, by denoiser: any DifferentiableDenoiser, condition: Condition = Condition(),
    along schedule: Schedule, solver: DormandPrince = DormandPrince(), random: inout Random,
    progress: (_ share: Double) throws -> Void = { _ in }
  ) throws {
    let (shape, size) = (samples.shape, samples.shape.sampleCount)
    let levels = schedule.levels.filter { $0.sigma > 0 && $0.alpha > 0 }
    guard let lowest = levels.first, let highest = levels.last,
      lowest.sigmaOverAlpha < highest.sigmaOverAlpha
    else { preconditionFailure("a flow needs two levels with noise and signal") }
    let (start, end) = (log(lowest.sigmaOverAlpha), log(highest.sigmaOverAlpha))
    let signs = Tensor(shape, random.uniforms(shape.count).map { $0 < 0.5 ? -1 : 1 })
    let state = samples.values.map { Double($0) } + [Double](repeating: 0, count: shape.batch)

    func report(_ place: Double) throws { try progress((place - start) / (end - start)) }
    let flow = try solver.integrate(state, from: start, to: end, progress: report) { place, state in
      // The ends are those of the list, whatever rounding made of them.
      let ratio = min(max(exp(place), lowest.sigmaOverAlpha), highest.sigmaOverAlpha)
      let step = schedule.step(sigmaOverAlpha: ratio)
      let alpha = step.level.alpha
      let x = Tensor(shape, state[..<shape.count].map { Float(alpha * $0) })
      let (answer, pullback) = denoiser.predictWithPullback(
        Query(x, at: step, condition: condition))
      let product = pullback(signs)
      var slope = [Double](repeating: 0, count: state.count)
      withValues(answer.x0, product) { x0, product in
        signs.withValues { signs in
          for i in 0..<shape.count {
            slope[i] = state[i] - Double(x0[i])
            slope[shape.count + i / size] += 1 - alpha * Double(product[i]) * Double(signs[i])
          }
        }
      }
      return slope
    }
    guard let flow else { return nil }
    evaluations = flow.evaluations
    // The state over α where sampling starts.
    let deviation = highest.startingDeviation / highest.alpha
    logDensities = (0..<shape.batch).map { sample in
      let squares = flow.y[sample * size..<(sample + 1) * size].reduce(0) { $0 + $1 * $1 }
      return flow.y[shape.count + sample] - squares / (2 * deviation * deviation)
        - Double(size) * log(deviation * (2 * Double.pi).squareRoot())
    }
  }

  /// The bits per value of a density; those of images count bins of `binWidth`.
  package static func bits(_ logDensity: Double, size: Int, binWidth: Double = 1) -> Double {
    -(logDensity / Double(size) + log(binWidth)) / log(2)
  }
}
