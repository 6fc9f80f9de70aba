internal import Platform

/// What is made of given images with a trained model.
package enum EditTask: Sendable {
  /// Removes noise of this standard deviation, in units of the data.
  case denoise(deviation: Double)
  /// Adds noise as far up as the last share of the steps goes, above 0 and up to 1, and takes those steps.
  ///
  /// Source: SDEdit, Meng et al. 2022, <https://arxiv.org/abs/2108.01073>.
  case vary(strength: Double)
  /// Keeps the values where the mask is true, and makes the others.
  case fill(known: [Bool], RePaint)
  /// Makes samples whose measurement is given, instead of the images themselves: by posterior sampling, or, where the
  /// measurement is what the network was trained to enlarge, by the network alone.
  case recover(any LinearMeasurement, PosteriorSampling.Strength)
}

/// A denoiser with all that is needed to edit images with it.
package struct Editor {
  /// The levels that sampling visits are some of these.
  package let schedule: Schedule
  /// The format of the samples.
  package let format: SampleFormat
  /// How samples are drawn; the count is that of the given images.
  package let sampling: SamplingConfiguration
  private let denoiser: any Denoiser
  private let condition: Condition
  /// How many times the network enlarges images; 0 where it does not.
  private let enlargement: Int

  /// An editor by a trained model, along the schedule of its training unless another is given.
  ///
  /// - Throws: ``ModelError`` or ``SettingConflict`` where the model cannot be sampled this way.
  package init(
    _ model: Model, _ sampling: SamplingConfiguration, along schedule: ScheduleConfiguration? = nil
  ) throws {
    let schedule = try (schedule ?? model.schedule).make()
    self.schedule = schedule
    (format, self.sampling) = (model.format, sampling)
    (denoiser, condition) = try model.checkedDenoiser(for: sampling, along: schedule)
    enlargement = model.network.enlargement
  }

  /// An editor by a denoiser that needs no training.
  ///
  /// - Throws: ``ModelError`` or ``SettingConflict`` where it cannot be sampled this way.
  package init(
    _ denoiser: any Denoiser, _ format: SampleFormat, _ sampling: SamplingConfiguration,
    along schedule: Schedule
  ) throws {
    try sampling.check(along: schedule, learnsVariance: false)
    (self.denoiser, self.format, self.sampling) = (denoiser, format, sampling)
    (self.schedule, condition, enlargement) = (schedule, Condition(), 0)
  }

  /// The trajectory that does the task for given images, or exactly the rest of it after a recorded frame.
  ///
  /// Each image is in (height, width, channels) order; those of ``EditTask/recover(_:_:)`` have the measurement's
  /// shape.
  ///
  /// - Throws: a ``ModelError`` where it cannot be done.
  package func trajectory(
    _ task: EditTask, of given: [[Float]], resuming frame: Frame? = nil
  ) throws(ModelError) -> Trajectory {
    if enlargement > 0 { return try enlargement(task, of: given, resuming: frame) }
    let shape = format.shape.with(batch: given.count)
    let moves = sampling.makeMoves(schedule)
    var noise = NoiseSource(
      seed: sampling.seed, samples: sampling.firstSample..<sampling.firstSample + given.count)
    switch task {
    case .denoise(let deviation):
      let plan = try descent(from: deviation)
      let x = Tensor(shape, given.flatMap(\.self))
      x.assign(Float(plan.steps[0].level.alpha), x, plus: 0, x)
      return try trajectory(plan, from: x, noise, resuming: frame)
    case .vary(let strength):
      let plan = TrajectoryPlan(try last(strength, of: moves))
      let x = Tensor(shape, given.flatMap(\.self))
      let level = plan.steps[0].level
      x.assign(Float(level.alpha), x, plus: Float(level.sigma), noise.draw(shape))
      return try trajectory(plan, from: x, noise, resuming: frame)
    case .fill(let known, let repaint):
      let start = noise.start(shape, deviation: sampling.startingDeviation(schedule))
      let values = Tensor(shape, given.flatMap(\.self))
      return try trajectory(
        repaint.plan(moves, along: schedule), from: start, noise,
        constraint: KnownValues(values, where: known), resuming: frame)
    case .recover(let measurement, let strength):
      let base = try differentiable()
      let start = noise.start(shape, deviation: sampling.startingDeviation(schedule))
      let measured = Tensor(measurement.apply(start).shape, given.flatMap(\.self))
      let guided = PosteriorSampling(
        base, measured: measured, by: measurement, strength: strength)
      return try trajectory(
        TrajectoryPlan(moves), from: start, noise, denoiser: guided, constraint: guided,
        resuming: frame)
    }
  }

  /// The samples of a network that enlarges images, of given ones.
  private func enlargement(
    _ task: EditTask, of given: [[Float]], resuming frame: Frame?
  ) throws(ModelError) -> Trajectory {
    guard case .recover(let measurement, _) = task,
      (measurement as? BlockMeans)?.factor == enlargement
    else {
      throw .onlyEnlarges(enlargement)
    }
    var noise = NoiseSource(
      seed: sampling.seed, samples: sampling.firstSample..<sampling.firstSample + given.count)
    let start = noise.start(
      format.shape.with(batch: given.count), deviation: sampling.startingDeviation(schedule))
    let small = Shape(
      given.count, format.shape.height / enlargement, format.shape.width / enlargement,
      format.shape.channels)
    var condition = condition
    condition.images = SmallImages(Tensor(small, given.flatMap(\.self)))
    return try trajectory(
      TrajectoryPlan(sampling.makeMoves(schedule)), from: start, noise, condition: condition,
      resuming: frame)
  }

  /// The trajectory of so many images from `first` to `second`, or exactly the rest of it after a recorded frame.
  ///
  /// Both are included as far as their latents give them back; the images between are those of the latents between.
  ///
  /// - Throws: a ``ModelError`` where sampling draws noise.
  package func interpolation(
    _ first: [Float], _ second: [Float], count: Int, resuming frame: Frame? = nil
  ) throws(ModelError) -> Trajectory {
    guard enlargement == 0 else {
      throw .onlyEnlarges(enlargement)
    }
    guard !sampling.sampler.value.isStochastic else {
      throw .sampling(
        "an interpolation needs a sampler that draws no noise, such as ddim with an eta of 0; "
          + "\(sampling.sampler.name) draws it")
    }
    let plan = TrajectoryPlan(sampling.makeMoves(schedule))
    let start =
      frame.map { Tensor($0.shape, $0.x) }
      ?? latents(first, second, count: count, along: plan.steps)
    return try trajectory(plan, from: start, NoiseSource(recorded: []), resuming: frame)
  }

  /// Points on the great circle between the latents of two images.
  private func latents(
    _ first: [Float], _ second: [Float], count: Int, along steps: [NoiseStep]
  ) -> Tensor {
    let ends = Latents.of(
      Tensor(format.shape.with(batch: 2), first + second), along: steps, by: denoiser,
      condition: condition
    ).values
    let size = format.shape.sampleCount
    let values = (0..<count).flatMap { place in
      Latents.between(
        Array(ends[..<size]), Array(ends[size...]), at: Double(place) / Double(max(count - 1, 1)))
    }
    return Tensor(format.shape.with(batch: count), values)
  }

  private func trajectory(
    _ plan: TrajectoryPlan, from x: Tensor, _ noise: NoiseSource, denoiser: (any Denoiser)? = nil,
    condition: Condition? = nil, constraint: (any TrajectoryConstraint)? = nil,
    resuming frame: Frame?
  ) throws(ModelError) -> Trajectory {
    if let frame {
      guard frame.shape == x.shape, frame.frameCount == plan.steps.count,
        frame.step == plan.steps[frame.index], frame.noiseDraws >= noise.draws
      else {
        throw .sampling(
          "the trajectory cannot be resumed there; expected a frame of its own levels")
      }
    }
    return Trajectory(
      sampling, plan, from: x, dataRange: format.range, denoiser: denoiser ?? self.denoiser,
      condition: condition ?? self.condition, constraint: constraint, noise: noise, resuming: frame)
  }

  private func differentiable() throws(ModelError) -> any DifferentiableDenoiser {
    guard sampling.guidance == 1 || sampling.guidanceRescale == 0 else {
      throw .sampling(
        "posterior sampling cannot be combined with rescaled guidance; expected guidance_rescale = 0"
      )
    }
    guard let base = denoiser as? any DifferentiableDenoiser else {
      throw .sampling(
        "posterior sampling needs a denoiser that can be differentiated; expected a trained network"
      )
    }
    return base
  }

  /// The noise σ/α that can be removed: from the lowest level of the schedule to the highest.
  package var removableNoise: ClosedRange<Double> {
    let ratios = schedule.sigmas.filter { $0 > 0 && $0 < .infinity }
    return (ratios.first ?? 0)...(ratios.last ?? 0)
  }

  /// From noise of a deviation down to the lowest level by the same factor of σ/α each, then clean.
  private func descent(from deviation: Double) throws(ModelError) -> TrajectoryPlan {
    let range = removableNoise
    guard range.contains(deviation) else {
      throw .sampling(
        "noise of \(Wording.short(deviation)) is outside the levels of the schedule; expected σ/α from "
          + "\(Wording.rounded(range.lowerBound)) to \(Wording.rounded(range.upperBound))")
    }
    let count = max(sampling.steps, 1)
    let factor = pow(range.lowerBound / deviation, 1 / Double(max(count - 1, 1)))
    let levels = (0..<count).map { number in
      schedule.step(sigmaOverAlpha: deviation * pow(factor, Double(number)))
    }
    return TrajectoryPlan(Transition.moves(along: levels + [.clean]))
  }

  /// The last share of some moves, as `strength` of diffusers has it.
  private func last(
    _ strength: Double, of moves: [Transition]
  ) throws(ModelError) -> [Transition] {
    guard strength > 0, strength <= 1 else {
      throw .sampling(
        "a strength of \(Wording.short(strength)) is out of range; expected a number above 0 and up to 1"
      )
    }
    // A product that rounding took just below a whole number counts as that.
    let count = min(Int(strength * Double(moves.count) + 1e-9), moves.count)
    guard count > 0 else {
      throw .sampling(
        "a strength of \(Wording.short(strength)) takes none of \(Wording.count(moves.count, "step")); "
          + "expected at least \(Wording.rounded(1 / Double(moves.count))), or more steps")
    }
    return Array(moves.suffix(count))
  }
}
