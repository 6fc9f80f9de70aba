/// Inpainting with jumps back: again and again some noise is added to the half-made samples, so that what is made
/// can adapt to what is known.
///
/// With 1 resampling there are no jumps, which is plain replacement. It remains biased: see docs/editing.md.
///
/// Source: Lugmayr et al. 2022, algorithm 1, <https://arxiv.org/abs/2201.09865>; lists and steps as in
/// `RePaintScheduler` of diffusers.
public struct RePaint: Sendable, Hashable {
  /// The number of steps that a jump goes back.
  public var jumpLength: Int
  /// How often each stretch of steps is taken.
  public var resamplings: Int

  /// - Precondition: both are at least 1.
  public init(jumpLength: Int = 10, resamplings: Int = 10) {
    precondition(
      jumpLength >= 1 && resamplings >= 1,
      "jump length and resamplings must be at least 1, got \(jumpLength) and \(resamplings)")
    self.jumpLength = jumpLength
    self.resamplings = resamplings
  }

  /// The steps of a trajectory of so many in the order in which they are taken, numbered down to 0; a number above
  /// the one before it means that noise is added.
  ///
  /// Times T/`steps` this is the list of timesteps of diffusers.
  public func times(steps: Int) -> [Int] {
    var left: [Int: Int] = [:]
    for start in stride(from: 0, to: steps - jumpLength, by: jumpLength) {
      left[start] = resamplings - 1
    }
    var (times, time) = ([Int](), steps)
    while time >= 1 {
      time -= 1
      times.append(time)
      guard let jumps = left[time], jumps > 0 else { continue }
      left[time] = jumps - 1
      for _ in 0..<jumpLength {
        time += 1
        times.append(time)
      }
    }
    return times
  }

  /// The trajectory with these jumps over the levels of `moves`.
  ///
  /// With the rules of diffusers, the noise of a jump is that of T/n later timesteps than those it leads over, as
  /// `undo_step` has it.
  func plan(_ moves: [Transition], along schedule: Schedule) -> TrajectoryPlan {
    let levels = moves.map(\.from) + moves.suffix(1).map(\.to)
    var (steps, result) = ([levels[0]], [Transition]())
    var previous = moves.count
    for time in times(steps: moves.count) {
      // Step k from the end begins at level n − 1 − k and ends at the next; noise takes it back to its beginning.
      let place = moves.count - 1 - time
      if time < previous {
        result.append(moves[place])
        steps.append(levels[place + 1])
      } else {
        let (low, high) = (place + 2, place + 1)
        let (from, to) = rise(from: levels[low], to: levels[high], moves[high], schedule)
        result.append(
          Transition(
            from: from, to: to, number: moves[high].number, count: moves.count,
            rules: moves[high].rules))
        steps.append(levels[high])
      }
      previous = time
    }
    return TrajectoryPlan(steps: steps, moves: result)
  }

  private func rise(
    from low: NoiseStep, to high: NoiseStep, _ move: Transition, _ schedule: Schedule
  ) -> (NoiseStep, NoiseStep) {
    guard move.rules == .diffusers, let index = high.index else { return (low, high) }
    let length = index - (low.index ?? (index - schedule.count / move.count))
    let before = index > 0 ? schedule.step(at: index - 1) : .clean
    return (before, schedule.step(at: min(index + length - 1, schedule.count - 1)))
  }
}

/// Holds some values of every sample to known ones, with the noise of each level: plain replacement, and with jumps
/// ``RePaint``.
///
/// x ← α·known + σ·z where the mask is true.
///
/// Source: Song et al. 2021, appendix I.2, <https://arxiv.org/abs/2011.13456>.
public struct KnownValues: TrajectoryConstraint {
  private let values: Tensor
  private let mask: [Bool]

  /// - Precondition: `values` are clean samples, and `mask` has one entry per value of a sample, true where it is
  ///   known.
  public init(_ values: Tensor, where mask: [Bool]) {
    precondition(
      mask.count == values.shape.sampleCount,
      "a mask of \(mask.count) does not fit samples of \(values.shape.sampleCount) values")
    self.values = values
    self.mask = mask
  }

  public func apply(_ x: Tensor, at step: NoiseStep, noise: inout NoiseSource) {
    let known = values.copy()
    if step.level.sigma > 0 {
      known.assign(
        Float(step.level.alpha), values, plus: Float(step.level.sigma), noise.draw(x.shape))
    }
    known.withValues { known in
      x.withMutableValues { x in
        for i in x.indices where mask[i % mask.count] { x[i] = known[i] }
      }
    }
  }
}
