internal import Platform

/// An upper bound of the bits that a lossless code of images by a diffusion model needs, term by term.
///
/// All terms are in bits per value. Images have 256 values in −1…1.
///
/// Source: Ho et al. 2020, equation 5; variances, the decoder and its approximation of the normal distribution are those
/// of improved-diffusion (Nichol and Dhariwal 2021).
package struct VariationalBound: Sendable {
  /// The term of each timestep, 0 where it is not known yet; that of timestep 0 is the decoder's.
  package private(set) var terms: [Double]
  /// How far the noised images are from the noise that sampling starts from.
  package private(set) var prior = 0.0
  /// The bound of each image.
  package private(set) var samples: [Double]

  /// How many terms are not known yet: those of the lowest timesteps.
  package private(set) var missing: Int

  /// The mean over the images.
  package var total: Double { terms.reduce(0, +) + prior }

  /// Estimates the bound for some images, with one draw of noise per timestep, from the highest.
  ///
  /// `clipping` limits x̂_0 to −1…1, and `variance` is that of the reverse steps. `progress` is called after each
  /// timestep with their number so far.
  ///
  /// - Precondition: ``problem(with:_:)`` is nil.
  package init(
    of x0: Tensor, by denoiser: any Denoiser, condition: Condition = Condition(),
    along schedule: Schedule, variance: DDPM.Variance = .fixedSmall, clipping: Clipping = .range,
    noise: inout NoiseSource, progress: (_ done: Int) throws -> Void = { _ in }
  ) throws {
    self.init(of: x0, along: schedule)
    while missing > 0 {
      addTerms(
        1, of: x0, by: denoiser, condition: condition, along: schedule, variance: variance,
        clipping: clipping, noise: &noise)
      try progress(schedule.count - missing)
    }
  }

  /// What is known of the bound for some images before the denoiser is asked.
  ///
  /// - Precondition: ``problem(with:_:)`` is nil.
  package init(of x0: Tensor, along schedule: Schedule) {
    terms = [Double](repeating: 0, count: schedule.count)
    samples = [Double](repeating: 0, count: x0.shape.batch)
    missing = schedule.count
    addPrior(x0, schedule[schedule.count - 1])
  }

  /// A bound of one image whose terms are known but for the first `missing`.
  init(terms: [Double], prior: Double, missing: Int = 0) {
    (self.terms, self.prior, self.missing) = (terms, prior, missing)
    samples = [terms.reduce(prior, +)]
  }

  /// Adds the terms of the next timesteps down, at most `count`, for the same images along the same schedule.
  package mutating func addTerms(
    _ count: Int, of x0: Tensor, by denoiser: any Denoiser, condition: Condition,
    along schedule: Schedule, variance: DDPM.Variance = .fixedSmall, clipping: Clipping = .range,
    noise: inout NoiseSource
  ) {
    let size = x0.shape.sampleCount
    let x = Tensor(x0.shape)
    for t in (max(missing - count, 0)..<missing).reversed() {
      let step = schedule.step(at: t)
      x.assign(
        Float(step.level.alpha), x0, plus: Float(step.level.sigma), noise.draw(x0.shape))
      let answer = denoiser.predict(Query(x, at: step, condition: condition))
      clipping.apply(to: answer.x0, -1...1)
      let term = LearnedVariance(at: step, along: schedule)
      // What a network that learns no variance is taken to say; improved-diffusion has no greater one at the end.
      let fixed = variance == .fixedLarge && t > 0 ? 1.0 : -1.0
      let places = variance == .learnedRange ? answer.variance : nil
      for (sample, bits) in Self.means(size, x0, answer.x0, places, fixed, term).enumerated() {
        samples[sample] += bits
        terms[t] += bits / Double(x0.shape.batch)
      }
      missing = t
    }
  }

  /// The mean term of each sample.
  private static func means(
    _ size: Int, _ x0: Tensor, _ estimate: Tensor, _ places: Tensor?, _ fixed: Double,
    _ term: LearnedVariance
  ) -> [Double] {
    let places = places?.values
    return withValues(x0, estimate) { x0, estimate in
      stride(from: 0, to: x0.count, by: size).map { start in
        (start..<start + size).reduce(0.0) { sum, i in
          let place = places.map { Double($0[i]) } ?? fixed
          return sum
            + term.term(place, error: Double(estimate[i]) - Double(x0[i]), x0: Double(x0[i])).bits
        } / Double(size)
      }
    }
  }

  /// Adds KL(q(x_T | x_0) ‖ N(0, s²)), s being the deviation that sampling starts with.
  private mutating func addPrior(_ x0: Tensor, _ level: NoiseLevel) {
    let size = x0.shape.sampleCount
    let variance = level.startingDeviation * level.startingDeviation
    let own = level.sigma * level.sigma / variance
    let values = x0.values
    for sample in samples.indices {
      let nats = (sample * size..<(sample + 1) * size).reduce(0.0) { sum, i in
        let mean = level.alpha * Double(values[i])
        return sum + (-1 - log(own) + own + mean * mean / variance) / 2
      }
      let bits = nats / Double(size) / log(2)
      samples[sample] += bits
      prior += bits / Double(samples.count)
    }
  }

  /// Why there is no bound for a schedule and data in a range, as the end of a sentence, or nil.
  package static func problem(
    with schedule: Schedule, _ format: SampleFormat
  ) -> String? {
    if format.kind != .image {
      return "a variational bound in bits needs images; expected images of 256 values"
    }
    if format.range != -1...1 {
      return "a variational bound needs images in −1…1; expected data.range = \"-1..1\""
    }
    if schedule.count < 2 || schedule[0].sigma == 0 {
      return
        "a variational bound needs noise at every level; expected a schedule of 2 or more such levels"
    }
    return nil
  }
}
