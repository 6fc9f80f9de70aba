/// A trained network on its own: its architecture, weights, prediction and format of samples.
///
/// Everything but training starts from a model: samples, export, fine-tuning, the screens. A
/// trainer produces one. Copies share the weights.
public struct Model: Sendable {
  /// The network with its hyperparameters.
  public let architecture: NetworkConfiguration
  /// The network, without weights.
  public let network: Network
  /// The values of its tensors.
  public let weights: Weights
  /// What the network predicts.
  public let parameterization: Parameterization
  /// The schedule it was trained with.
  public let schedule: ScheduleConfiguration
  /// The format of its samples.
  public let format: SampleFormat
  /// The default sampling settings.
  public let sampling: SamplingConfiguration
  /// The number of optimiser steps behind the weights; 0 if unknown.
  public let step: Int
  /// Where its initial weights came from; nil if they were drawn or it is unknown.
  public let parent: String?
  /// Where the data it learned from is; nil if unknown.
  package let dataConfiguration: DataConfiguration?
  /// The data it learned from, where that is in memory.
  package let dataset: Dataset?
  /// The samples held out from training, where those are in memory.
  package let heldOut: Dataset?

  /// - Precondition: the weights are the network's.
  package init(
    _ recipe: Recipe, network: Network, weights: Weights, format: SampleFormat, step: Int = 0,
    parent: String? = nil, dataset: Dataset? = nil, heldOut: Dataset? = nil
  ) {
    architecture = recipe.network
    self.network = network
    self.weights = weights
    parameterization = recipe.objective.parameterization
    schedule = recipe.schedule
    self.format = format
    sampling = recipe.preview.sampling
    self.step = step
    self.parent = parent
    dataConfiguration = recipe.data.source.isEmpty ? nil : recipe.data
    (self.dataset, self.heldOut) = (dataset, heldOut)
  }

  /// The network with its weights, as samplers see it.
  public func denoiser() -> NetworkDenoiser {
    NetworkDenoiser(network, weights: weights, predicting: parameterization)
  }
}

// MARK: - Samples

extension Model {
  /// Draws samples along the model's own schedule, each in (height, width, channels) order.
  ///
  /// - Throws: ``ModelError`` or ``SettingConflict`` where the model cannot be sampled this way.
  public func samples(
    _ count: Int, by sampler: some Sampler, seed: UInt64 = 0
  ) throws -> [[Float]] {
    var sampling = sampling
    sampling.sampler = SamplerConfiguration(sampler)
    (sampling.count, sampling.seed) = (count, seed)
    return try trajectory(sampling).finish().samples
  }

  /// The trajectory from noise to samples that a configuration describes.
  ///
  /// Its noise levels are those of training unless `schedule` says otherwise.
  ///
  /// - Throws: ``ModelError`` or ``SettingConflict`` where the model cannot be sampled this way.
  public func trajectory(
    _ sampling: SamplingConfiguration, along schedule: ScheduleConfiguration? = nil
  ) throws -> Trajectory {
    try trajectory(sampling, along: schedule, noise: nil, resuming: nil)
  }

  /// The trajectory from noise to samples that a configuration describes.
  ///
  /// Its noise levels are those of training unless `schedule` says otherwise. It begins with the
  /// noise of `noise`, whose steps it draws too, else with that of the configuration's seed. After
  /// a recorded `frame` it goes on exactly as it went.
  ///
  /// - Throws: ``ModelError`` or ``SettingConflict`` where the model cannot be sampled this way.
  package func trajectory(
    _ sampling: SamplingConfiguration, along schedule: ScheduleConfiguration? = nil,
    noise: NoiseFile? = nil, resuming frame: Frame? = nil
  ) throws -> Trajectory {
    let schedule = try (schedule ?? self.schedule).make()
    guard format.maskedText != nil || sampling.prompt.isEmpty else {
      throw format.text == nil ? PromptError.noText : .bits
    }
    var (denoiser, condition) = try checkedDenoiser(for: sampling, along: schedule)
    if network.enlargement > 0 {
      condition.images = try smallImages(
        ofSamples: noise.map { 0..<$0.count } ?? sampling.sampleNumbers)
    }
    if format.maskedText != nil {
      guard noise == nil else {
        throw ModelError.sampling("text starts fully masked, not from noise; leave the noise out")
      }
      return try Trajectory(
        text: sampling, schedule: schedule, format, denoiser: denoiser, condition: condition,
        resuming: frame)
    }
    if let noise { return try path(sampling, schedule, denoiser, condition, from: noise) }
    if frame == nil, sampling.makeSteps(schedule)[0].level.snrDecibels > 0,
      let data = try dataset ?? dataConfiguration?.load()
    {
      return path(sampling, schedule, denoiser, condition, from: data)
    }
    return Trajectory(
      sampling, schedule: schedule, sample: network.sampleShape, dataRange: format.range,
      denoiser: denoiser, condition: condition, resuming: frame)
  }

  /// The denoiser, guided where that is wanted, and the class that its samples are conditioned on.
  ///
  /// - Throws: ``ModelError`` or ``SettingConflict`` where the model cannot be sampled this way.
  func checkedDenoiser(
    for sampling: SamplingConfiguration, along schedule: Schedule
  ) throws -> (any DifferentiableDenoiser, Condition) {
    try network.check(schedule, predicting: parameterization)
    try sampling.check(
      along: schedule, learnsVariance: network.learnsVariance, isText: network.vocabulary > 0)
    try network.check(sampling.makeMoves(schedule))
    let condition = try condition(of: sampling)
    return (try denoiser(of: sampling, condition), condition)
  }

  /// What the samples are of.
  private func condition(of sampling: SamplingConfiguration) throws(ModelError) -> Condition {
    guard let name = sampling.className else { return Condition() }
    guard network.classes > 0 else { throw .noClasses }
    guard let label = format.classNames.firstIndex(of: name) else {
      throw .unknownClass(name, format.classNames)
    }
    return Condition(labels: [label])
  }

  private func denoiser(
    of sampling: SamplingConfiguration, _ condition: Condition
  ) throws(ModelError) -> any DifferentiableDenoiser {
    guard let guidance = sampling.activeGuidance else { return denoiser() }
    guard let null = network.nullLabel, !condition.labels.isEmpty else {
      throw .noGuidance(hasNull: network.nullLabel != nil)
    }
    return GuidedDenoiser(
      denoiser(), guidance, nullLabel: null, predicting: parameterization)
  }

  /// The small images that samples with these numbers enlarge: sample k that of sample k of the data held out from
  /// training, or of the training data where none was.
  ///
  /// - Precondition: the network enlarges images.
  /// - Throws: ``ModelError`` or ``FileError`` where there is no such data.
  package func smallImages(ofSamples numbers: Range<Int>) throws -> SmallImages {
    guard let source = try heldOut ?? dataset ?? exampleData() else { throw ModelError.noImages }
    guard source.shape == network.sampleShape else {
      throw ModelError.otherData(source.name, source.shape, network.sampleShape)
    }
    let x0 = Tensor(network.sampleShape.with(batch: numbers.count))
    source.fill(x0, indices: numbers.map { $0 % source.count })
    return SmallImages(BlockMeans(factor: network.enlargement).apply(x0))
  }

  private func exampleData() throws(FileError) -> Dataset? {
    guard let parts = try dataConfiguration?.split() else { return nil }
    return parts.validation ?? parts.training
  }

  /// A trajectory from given noise.
  private func path(
    _ sampling: SamplingConfiguration, _ schedule: Schedule, _ denoiser: any Denoiser,
    _ condition: Condition, from noise: NoiseFile
  ) throws(ModelError) -> Trajectory {
    let needed = sampling.makeMoves(schedule).reduce(0) { sum, move in
      move.from.level == move.to.level ? sum : sum + sampling.sampler.value.draws(in: move)
    }
    if let given = noise.steps, given.count != needed {
      throw .noiseStepMismatch(given.count, needed: needed)
    }
    let shape = network.sampleShape.with(batch: noise.count)
    return Trajectory(
      sampling, schedule: schedule, from: Tensor(shape, noise.start), dataRange: format.range,
      denoiser: denoiser, condition: condition,
      noise: noise.steps.map { NoiseSource(recorded: $0.map { Tensor(shape, $0) }) }
        ?? NoiseSource(seed: sampling.seed, samples: 0..<noise.count))
  }

  /// A trajectory from noised data, where the highest noise leaves the data visible.
  ///
  /// Pure noise is then nothing that the network has ever seen. Models without data begin with
  /// noise all the same, as the library of their folder does.
  private func path(
    _ sampling: SamplingConfiguration, _ schedule: Schedule, _ denoiser: any Denoiser,
    _ condition: Condition, from dataset: Dataset
  ) -> Trajectory {
    let shape = network.sampleShape.with(batch: sampling.count)
    let x = Tensor(shape)
    dataset.fill(x, indices: sampling.sampleNumbers.map { $0 % dataset.count })
    var noise = NoiseSource(seed: sampling.seed, samples: sampling.sampleNumbers)
    let level = sampling.makeSteps(schedule)[0].level
    x.assign(Float(level.alpha), x, plus: Float(level.sigma), noise.draw(shape))
    return Trajectory(
      sampling, schedule: schedule, from: x, dataRange: format.range, denoiser: denoiser,
      condition: condition, noise: noise)
  }
}

extension SamplingConfiguration {
  /// Throws where a denoiser cannot be sampled so along a schedule: one that predicts the variance or not, of
  /// masked text or of anything else.
  package func check(along schedule: Schedule, learnsVariance: Bool, isText: Bool = false) throws {
    if let conflict { throw conflict }
    try checkSampler(isText: isText)
    guard !isText || schedule.isMasking else { throw ModelError.schedule(Schedule.needsMasking) }
    if let problem = problem(with: schedule) { throw ModelError.sampling(problem) }
    guard learnsVariance || !sampler.value.needsVariance else {
      throw ModelError.sampling(
        "the network predicts no variance, which \(sampler.name) needs here; choose the variance "
          + "fixed-small or fixed-large")
    }
  }
}

extension SamplingConfiguration {
  /// Throws where the sampler is for masked text and the samples are not, or the other way round.
  package func checkSampler(isText: Bool) throws(ModelError) {
    guard sampler.isForText != isText else { return }
    throw .sampling(
      "the sampler \(sampler.name) \(isText ? "does not sample text" : "only samples masked text"); expected one of "
        + Samplers.names(forText: isText).joined(separator: ", "))
  }
}

extension Schedule {
  /// What is wrong with a schedule that does not mask.
  fileprivate static let needsMasking =
    "text is masked, not noised; expected schedule.family = masking, or data.encoding = \"bits\""
}

extension SampleFormat {
  /// Where sampling of masked text begins: masks, but for what is given.
  ///
  /// - Throws: ``PromptError`` where samples are no text, or the prompt cannot be written with its tokens.
  package func start(_ sampling: SamplingConfiguration) throws(PromptError) -> Tensor {
    guard let text = maskedText else { throw self.text == nil ? .noText : .bits }
    let tokens = try text.tokens(ofPrompt: sampling.prompt, length: shape.sampleCount)
    return Tensor(
      shape.with(batch: sampling.count),
      (0..<sampling.count).flatMap { _ in tokens.map { Float($0) } })
  }
}

extension Network {
  /// Throws where the network cannot be used along a schedule.
  package func check(
    _ schedule: Schedule, predicting parameterization: Parameterization
  ) throws(ModelError) {
    guard vocabulary == 0 || schedule.isMasking else { throw .schedule(Schedule.needsMasking) }
    let preconditioning = Preconditioning(self, predicting: parameterization)
    if let problem = preconditioning.problem(with: schedule) { throw .schedule(problem) }
    if let limit = timestepLimit, schedule.count > limit {
      throw .schedule(
        "the schedule has \(schedule.count) levels, but \(name) knows only \(limit) timesteps; expected no "
          + "more")
    }
  }

  /// Throws where the network cannot be trained along a schedule with an objective.
  package func checkTraining(
    along schedule: Schedule, _ objective: ObjectiveConfiguration
  ) throws(ModelError) {
    guard objective.isForText == (vocabulary > 0) else {
      throw .objective(
        vocabulary > 0
          ? "objective.kind is \(objective.name), but the network is for text; expected masking, or "
            + "data.encoding = \"bits\""
          : "objective.kind is \(objective.name), which masks text; expected denoising, or text with "
            + "data.encoding = \"tokens\"")
    }
    try check(schedule, predicting: objective.parameterization)
    guard !needsPositiveTimestep else {
      throw .schedule(
        "\(name) takes ln t, but training draws t = 0; expected a network whose "
          + "time_embedding_type is positional")
    }
  }

  /// Throws where the network cannot answer at the start of each step.
  fileprivate func check(_ moves: [Transition]) throws(ModelError) {
    guard needsPositiveTimestep, moves.contains(where: { $0.from.timestep <= 0 }) else { return }
    throw .sampling(
      "the network takes ln t, but these steps visit t = 0; choose the spacing trailing with fewer "
        + "steps than levels, or leading with an offset of 1 or more")
  }
}

/// Why a model cannot be used this way, as the sentence the user reads.
public enum ModelError: Error, CustomStringConvertible {
  /// The network cannot be used along the schedule, for this reason.
  case schedule(String)
  /// The objective does not fit the network, for this reason.
  case objective(String)
  /// The sampling settings cannot be used, for this reason.
  case sampling(String)
  /// A class was requested, but the network takes none.
  case noClasses
  /// There is no class of that name among these.
  case unknownClass(String, [String])
  /// Guidance was requested without a class, or with a network without a null label.
  case noGuidance(hasNull: Bool)
  /// A file has noise for a different number of steps than the trajectory needs.
  case noiseStepMismatch(Int, needed: Int)
  /// The network enlarges images so many times, and something else was wanted.
  case onlyEnlarges(Int)
  /// The network enlarges images, and there is no data to take some from.
  case noImages
  /// The data of that name has samples of the first shape, not of the second.
  case otherData(String, Shape, Shape)
  /// The network of that kind does not say how large its samples are.
  case noShape(String)
  /// A file of weights does not describe their network.
  case noRecipe(String)
  /// The weights at a path do not fit the network, for this reason.
  case weightsMismatch(String, String)
  /// The weights at a path are NaN or infinite.
  case notFinite(String)

  public var description: String {
    switch self {
    case .schedule(let problem), .objective(let problem), .sampling(let problem): problem
    case .noClasses: "the network is not conditioned on classes"
    case .unknownClass(let name, let known):
      "there is no class \(Wording.quoted(name)); the classes are "
        + known.map { Wording.escaped($0) }.joined(separator: ", ")
    case .noGuidance(let hasNull):
      hasNull
        ? "guidance needs a class; choose one, or a guidance of 1"
        : "guidance needs a network that was also trained without classes; choose a guidance of 1"
    case .noiseStepMismatch(let found, let needed):
      "z has noise for \(found) steps, but this trajectory draws noise \(needed) times"
    case .onlyEnlarges(let factor):
      "the network was trained to enlarge images \(factor) times, and does nothing else; expected the task superres "
        + "with that factor"
    case .noImages:
      "the network enlarges small images, but there is no data to make some from; expected the data that it was "
        + "trained on, or an image to enlarge"
    case .otherData(let name, let found, let wanted):
      "\(Wording.escaped(name)) has samples of \(found.height)×\(found.width)×\(found.channels); the network "
        + "enlarges images to \(wanted.height)×\(wanted.width)×\(wanted.channels)"
    case .noShape(let kind):
      "the network, of kind \(kind), does not say how large its samples are"
    case .noRecipe(let path):
      "\(path) has weights but does not describe their network; name a recipe"
    case .weightsMismatch(let path, let mismatch): "\(path): \(mismatch)"
    case .notFinite(let path):
      "\(path): has weights that are NaN or infinite"
    }
  }
}
