/// How samples are made, as a user describes it.
public struct SamplingConfiguration: Sendable, Hashable {
  public var sampler: SamplerKind
  /// The number of steps; schedules with fewer levels are walked level by level.
  public var steps: Int
  /// DDIM's share of fresh noise, 0 to 1.
  public var eta: Double
  /// The variance of DDPM's noise.
  public var variance: DDPM.Variance
  public var spacing: StepSpacing
  public var seed: UInt64
  /// The number of samples.
  public var count: Int
  /// Whether x̂_0 is limited to the data's range.
  public var clip: Bool
  /// The place in the list of steps where the path begins; 0 is the highest noise.
  ///
  /// A path that begins further down is given its x, such as a recorded frame or noisy data.
  public var first: Int

  public init(
    sampler: SamplerKind = .ddim, steps: Int = 50, eta: Double = 0,
    variance: DDPM.Variance = .fixedSmall, spacing: StepSpacing = .trailing, seed: UInt64 = 0,
    count: Int = 16, clip: Bool = false, first: Int = 0
  ) {
    self.sampler = sampler
    self.steps = steps
    self.eta = eta
    self.variance = variance
    self.spacing = spacing
    self.seed = seed
    self.count = count
    self.clip = clip
    self.first = first
  }

  /// The sampler for data in `range`.
  public func makeSampler(dataRange range: ClosedRange<Float>) -> any Sampler {
    switch sampler {
    case .ddpm: DDPM(variance: variance, clip: clip ? range : nil)
    case .ddim: DDIM(eta: min(max(eta, 0), 1), clip: clip ? range : nil)
    }
  }

  /// The path through `schedule`, from its highest noise.
  public func makeSteps(_ schedule: Schedule) -> [NoiseStep] {
    schedule.steps(min(max(steps, 1), schedule.count), spacing: spacing)
  }
}
