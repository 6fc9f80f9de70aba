/// How samples are drawn, as a user describes it.
public struct SamplingConfiguration: ExtendedConfiguration, RecipePart, Hashable {
  /// The sampler with its number of steps.
  public var sampler: SamplerConfiguration
  /// Which levels of the schedule are visited.
  public var spacing: StepSpacing
  /// The timesteps to visit, decreasing; nil for those of the spacing.
  public var timesteps: [Int]?
  /// The order of the roots of ``StepSpacing/karras``.
  public var rho = 7.0
  /// Between which timesteps ``StepSpacing/karras`` and ``StepSpacing/logSNR`` are spaced: those at the
  /// ends of this spacing, with ``StepRules/diffusers``; all of the levels otherwise.
  package var within = StepSpacing.linspace
  /// What is added to the timesteps of ``StepSpacing/leading``.
  package var offset = 0
  /// Where the trajectory ends.
  package var end = PathEnd.clean
  /// Whose way of listing and taking steps counts.
  package var rules = StepRules.workbench
  /// The random seed.
  public var seed: UInt64
  /// The number of samples.
  public var count: Int
  /// The index of the first sample among those of the seed, so that many samples can be drawn in batches
  /// without changing them.
  public var firstSample = 0
  /// Whether x̂_0 is limited to the data's range.
  public var clipsPredictions: Bool
  /// That limit, as a multiple of the data's range.
  public var clipRange = 1.0
  /// The fraction of x̂_0's values that dynamic thresholding fits into the data's range; nil for none.
  public var threshold: Double?
  /// The largest threshold of dynamic thresholding, as a multiple of the data's range.
  public var thresholdMax = 1.0
  /// The name of the class to sample, where the network is conditioned on classes; nil for any.
  public var className: String?
  /// Where text is sampled, what is given of it, as ``TextFormat/tokens(ofPrompt:length:)`` reads it; empty for
  /// nothing.
  public var prompt = ""
  /// The scale g of classifier-free guidance; 1 for none.
  public var guidance: Double
  /// φ, how far guidance keeps the spread of the conditional prediction; 0 for not at all.
  public var guidanceRescale = 0.0
  /// The σ/α above which guidance acts.
  public var guidanceMin = 0.0
  /// The σ/α up to which guidance acts; 0 for no limit.
  public var guidanceMax = 0.0

  /// Sampling settings; by default 16 samples by DDIM in 20 steps.
  public init(
    _ sampler: any Sampler = DDIM(), spacing: StepSpacing = .trailing, seed: UInt64 = 0,
    count: Int = 16, clipsPredictions: Bool = false, className: String? = nil, guidance: Double = 1
  ) {
    self.sampler = SamplerConfiguration(sampler)
    self.spacing = spacing
    self.seed = seed
    self.count = count
    self.clipsPredictions = clipsPredictions
    self.className = className
    self.guidance = guidance
  }

  /// The numbers of the samples among those of the seed.
  var sampleNumbers: Range<Int> { firstSample..<firstSample + count }

  /// The number of steps.
  public var steps: Int {
    get { sampler.value.steps }
    set { sampler.value.steps = newValue }
  }

  /// The levels that a trajectory through `schedule` visits, the highest noise first.
  public func makeSteps(_ schedule: Schedule) -> [NoiseStep] {
    let moves = makeMoves(schedule)
    return moves.map(\.from) + moves.suffix(1).map(\.to)
  }

  /// The steps of the trajectory through `schedule`, from its highest noise.
  package func makeMoves(_ schedule: Schedule) -> [Transition] {
    if let listed = DiffusersSteps(self, schedule), listed.problem == nil { return listed.moves }
    let last = end == .clean ? .clean : schedule.step(at: 0)
    guard let timesteps else {
      var list = schedule.steps(
        min(max(steps, 1), schedule.count), spacing: spacing, offset: offset, rho: rho)
      list[list.count - 1] = spacing == .sampleSigmas ? list[list.count - 1] : last
      return Transition.moves(along: list, rules: rules)
    }
    // Those that this schedule has, so that screens can show one that does not go with the list.
    let known = timesteps.filter { $0 < schedule.count }
    let list = schedule.steps(at: known.isEmpty ? [schedule.count - 1] : known, end: last)
    return Transition.moves(along: list, rules: rules)
  }

  /// The deviation of the noise that the trajectory through `schedule` starts from.
  package func startingDeviation(_ schedule: Schedule) -> Double {
    if let listed = DiffusersSteps(self, schedule), listed.problem == nil {
      return listed.startingDeviation
    }
    return makeSteps(schedule)[0].level.startingDeviation
  }

  /// Where and how strongly guidance acts; nil for none.
  package var activeGuidance: Guidance? {
    guard guidance != 1 else { return nil }
    return Guidance(
      scale: guidance, rescale: guidanceRescale, above: guidanceMin,
      upTo: guidanceMax > 0 ? guidanceMax : .infinity)
  }

  /// How x̂_0 is limited.
  package var clipping: Clipping {
    if let threshold { return .dynamic(quantile: threshold, largest: thresholdMax) }
    return clipsPredictions ? .times(clipRange) : .none
  }

  /// The number of network evaluations in the trajectory through `schedule`.
  package func evaluations(_ schedule: Schedule) -> Int {
    sampler.value.evaluations(steps: makeSteps(schedule).count - 1)
  }

  /// Why samples cannot be made so along `schedule`, as a sentence, or nil.
  package func problem(with schedule: Schedule) -> String? {
    if let first = timesteps?.first, first >= schedule.count {
      return
        "timesteps begins with \(first), but the schedule has \(schedule.count) levels; expected at "
        + "most \(schedule.count - 1)"
    }
    return DiffusersSteps(self, schedule)?.problem
  }
}

extension SamplingConfiguration {
  public static let base: any WritableKeyPath<Self, SamplerConfiguration> & Sendable = \.sampler

  /// The settings that apply to every sampler.
  public static let table: [Setting<Self>] = [
    .integer(
      \.count, "count", 1...1024,
      "number of samples; each has its own noise, regardless of the count"
    ).label("samples"),
    .seed(\.seed, "seed of the sampling noise"),
    .flag(
      \.clipsPredictions, "clip", "clip the predicted x_0 to the data range"
    ).label("clip x̂_0").forText(false),
    .real(
      \.clipRange, "clip_range", Interval(0.01...1000), by: .linear(step: 0.5),
      "the range that `clip` clips to, in units of the data range"
    ).label("clip to").forText(false),
    .real(
      \.threshold, "threshold", Interval(0.5...1), by: .linear(step: 0.005),
      absent: "no dynamic thresholding",
      "dynamic thresholding: the quantile of each predicted x_0 that is scaled into the data range"
    ).forText(false),
    .real(
      \.thresholdMax, "threshold_max", Interval(1...100), by: .linear(step: 0.5),
      "dynamic thresholding: the largest threshold, in units of the data range"
    ).label("at most").forText(false),
    .word(\.spacing, "spacing", "how the visited timesteps are spaced"),
    .word(\.rules, "rules", "whose rules the steps follow"),
    .integer(
      \.offset, "offset", 0...1000, "offset added to the timesteps of the leading spacing"),
    .word(\.end, "end", "where the trajectory ends"),
    .integers(
      \.timesteps, "timesteps", 0...9_999, atMost: 1000, absent: "given by the spacing",
      "timesteps to visit, in decreasing order, instead of `steps` and `spacing`"),
    .real(
      \.rho, "rho", Interval(0.5...20), by: .linear(step: 0.5),
      "exponent of the karras spacing; larger values put more steps at low noise"
    ).label("ρ"),
    .word(
      \.within, "within", of: [.linspace, .leading, .trailing],
      "with the rules of diffusers, the timesteps that karras and log-snr are spaced between"),
    Setting(
      \.className, "class", .text("the name of a class"), absent: "any class",
      "class to sample, for class-conditional networks", write: { .text($0) },
      read: { if case .integer(let number) = $0 { String(number) } else { $0.nonemptyText } }
    ).forText(false),
    Setting(
      \.prompt, "prompt", .text("text"),
      "for text: the given characters; _ or · marks a position for the model to fill, as are all after the end",
      write: { .text($0) }, read: { if case .text(let text) = $0 { text } else { nil } }
    ).forText(true),
    .real(
      \.guidance, "guidance", Interval(0...50), by: .linear(step: 0.5),
      "classifier-free guidance scale g, 1 for no guidance; the weight w of some papers, 0 for none, is g − 1"
    ).forText(false),
    .real(
      \.guidanceRescale, "guidance_rescale", Interval(0...1), by: .linear(step: 0.1),
      "how far the guided prediction is rescaled to the spread of the conditional one, φ; 0 for not at all"
    ).label("rescale φ").forText(false),
    .real(
      \.guidanceMin, "guidance_min", Interval(0...1000), by: .linear(step: 0.1),
      "guidance acts only at levels with σ/α above this"
    ).label("guided from").forText(false),
    .real(
      \.guidanceMax, "guidance_max", Interval(0...1_000_000), by: .linear(step: 0.5),
      "guidance acts only at levels with σ/α up to this; 0 for no limit"
    ).label("guided to").forText(false),
  ]

  public static let described = table.described(with: Self())

  public var conflict: SettingConflict? {
    if let conflict = sampler.conflict { return conflict }
    if guidanceMax > 0,
      let conflict = orderConflict(("guidance_min", guidanceMin), ("guidance_max", guidanceMax))
    {
      return conflict
    }
    guard let timesteps, !zip(timesteps, timesteps.dropFirst()).allSatisfy({ $0 > $1 }) else {
      return nil
    }
    return SettingConflict(
      ["timesteps"], "timesteps do not decrease; expected each below the one before")
  }
}
