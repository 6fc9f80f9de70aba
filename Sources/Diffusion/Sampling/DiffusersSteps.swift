internal import Platform

/// The levels that a scheduler of diffusers visits, as it lists them.
///
/// Source: `set_timesteps` of the schedulers of diffusers 0.42.
struct DiffusersSteps {
  private let sampling: SamplingConfiguration
  private let scheduler: DiffusersScheduler
  private let schedule: Schedule
  private let count: Int

  /// Nil where `sampling` does not follow diffusers, or diffusers has no such list.
  init?(_ sampling: SamplingConfiguration, _ schedule: Schedule) {
    guard sampling.rules == .diffusers, sampling.timesteps == nil, schedule.isVariancePreserving,
      let scheduler = type(of: sampling.sampler.value).scheduler,
      scheduler.spacesSigmas || !sampling.spacing.isOfSigmas, sampling.spacing != .sampleSigmas
    else { return nil }
    self.sampling = sampling
    self.scheduler = scheduler
    let rounded = schedule.inFloat32()
    self.schedule = scheduler.keepsSignal ? rounded.keepingSignal() : rounded
    count = min(max(sampling.steps, 1), schedule.count)
  }

  /// The timesteps' spacing, which karras and log-snr are spaced within.
  private var spacing: StepSpacing {
    guard sampling.spacing.isOfSigmas else { return sampling.spacing }
    return scheduler.listing == .sigmas ? sampling.within : .linspace
  }

  /// The deviation of the noise that a trajectory starts from.
  var startingDeviation: Double {
    scheduler.listing == .sigmas && spacing != .leading ? steps[0].level.sigma : 1
  }

  /// What is wrong with the list, as a sentence, or nil.
  var problem: String? {
    if let sampler = sampling.sampler.value as? PLMS, sampler.startsWithRungeKutta, count < 4 {
      return
        "\(scheduler.name) of diffusers starts with Runge–Kutta steps only in trajectories of 4 or more steps; choose "
        + "more steps, runge_kutta = false, or rules = \"workbench\""
    }
    let timesteps = timesteps
    let falls = zip(timesteps, timesteps.dropFirst()).allSatisfy { $0 > $1 }
    // NumPy's list has one entry more where rounding leaves the last one above 0.
    let (levels, parts) = (Double(schedule.count), Double(count))
    let isLonger = spacing == .trailing && levels / (levels / parts) > parts
    guard falls, let first = timesteps.first, let last = timesteps.last,
      first <= levels - 1, last >= 0, !isLonger
    else {
      return
        "\(scheduler.name) of diffusers has no \(spacing.rawValue) list of \(count) of \(schedule.count) "
        + "timesteps; choose another number of steps, or rules = \"workbench\""
    }
    return nil
  }

  /// The timesteps from the top down, before σ is spaced by itself.
  private var timesteps: [Double] {
    let (levels, steps) = (Double(schedule.count), Double(count))
    let parts = scheduler.listing == .parts ? count + 1 : count
    let places = Array((0..<parts).reversed().prefix(count))
    switch spacing {
    case .trailing:
      return (0..<count).map {
        (levels - Double($0) * (levels / steps)).rounded(.toNearestOrEven) - 1
      }
    case .leading: return places.map { Double($0 * (schedule.count / parts) + sampling.offset) }
    default:
      // A single one is 0, as NumPy has it.
      let exact = places.map { Double($0) * ((levels - 1) / Double(max(parts - 1, 1))) }
      return scheduler.listing == .sigmas
        ? exact.map { Double(Float($0)) } : exact.map { $0.rounded(.toNearestOrEven) }
    }
  }

  /// The levels that are visited, without the end.
  private var steps: [NoiseStep] {
    guard sampling.spacing.isOfSigmas else { return timesteps.map { step(at: $0) } }
    let timesteps = timesteps
    let isWhole = scheduler.listing == .parts
    let (high, low) =
      isWhole
      ? (schedule[schedule.count - 1].sigmaOverAlpha, schedule[0].sigmaOverAlpha)
      : (
        step(at: timesteps[0]).level.sigmaOverAlpha,
        step(at: timesteps[count - 1]).level.sigmaOverAlpha
      )
    let isKarras = sampling.spacing == .karras
    let ratios =
      isKarras
      ? karrasSpaced(low, high, count, rho: sampling.rho).reversed()
      : evenlySpaced(log(high), log(low), count).map { exp($0) }
    return ratios.map { ratio in
      let place = schedule.timestep(sigmaOverAlpha: ratio)
      let told = isKarras ? place.rounded(.toNearestOrEven) : place.rounded(.down)
      return NoiseStep(
        index: nil, timestep: isWhole ? told : place, level: .preservingVariance(ratio: ratio))
    }
  }

  /// The level at a timestep; σ/α is linear between two.
  private func step(at timestep: Double) -> NoiseStep {
    let low = Int(timestep)
    let part = timestep - Double(low)
    guard part > 0 else { return schedule.step(at: low) }
    let ratio = (1 - part) * schedule[low].sigmaOverAlpha + part * schedule[low + 1].sigmaOverAlpha
    return NoiseStep(
      index: nil, timestep: timestep, level: .preservingVariance(ratio: ratio))
  }

  /// The steps from level to level.
  var moves: [Transition] {
    let end = sampling.end == .clean ? .clean : schedule.step(at: 0)
    let steps = steps
    guard scheduler.listing == .strides else {
      return Transition.moves(along: steps + [end], rules: .diffusers)
    }
    let length = schedule.count / count
    let strides = zip(timesteps, timesteps.dropFirst() + [0]).map { (t, next) in
      func level(_ timestep: Int) -> NoiseStep {
        timestep < 0 ? end : schedule.step(at: min(timestep, schedule.count - 1))
      }
      return Stride(
        end: level(Int(t) - length), start: level(Int(next) + length),
        half: level(Int(t) - length / 2), middle: level(Int(next) + length / 2))
    }
    let list = steps + [strides[count - 1].end]
    return Transition.moves(along: list, rules: .diffusers).map { move in
      Transition(
        from: move.from, to: move.to, number: move.number, count: move.count, rules: move.rules,
        stride: strides[move.number - 1])
    }
  }
}

extension StepSpacing {
  /// Whether σ/α is spaced by itself, instead of timesteps.
  var isOfSigmas: Bool { self == .karras || self == .logSNR }
}

extension DiffusersScheduler {
  /// Whether the last level keeps some signal where the schedule has none.
  fileprivate var keepsSignal: Bool { listing == .sigmas || listing == .parts }
}

extension Schedule {
  /// The schedule as it is where ᾱ is computed in float32, whose rounding matters most where little noise
  /// is left: PyTorch rounds each product, but not what it goes on with.
  fileprivate func inFloat32() -> Schedule {
    guard case .betas(let betas) = definition else {
      return Schedule(.alphaBars(alphaBars.map { Double(Float($0)) }))
    }
    var product = 1.0
    return Schedule(
      .alphaBars(
        betas.map { beta in
          product *= Double(1 - Float(beta))
          return Double(Float(product))
        }))
  }

  /// The schedule with ᾱ = 2^−24 where no signal is left, so that σ/α is a number.
  fileprivate func keepingSignal() -> Schedule {
    guard levels[count - 1].alpha == 0 else { return self }
    return Schedule(.alphaBars(levels.map { max($0.alphaBar, 0x1p-24) }))
  }
}
