import ArgumentParser
import Axes
import Diffusion

/// Says how many bits a model needs for samples.
struct LikelihoodCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "likelihood",
    abstract: "Measure the likelihood of samples under a model, in bits per value.",
    discussion: """
      vlb is the variational bound, timestep by timestep: where the bits are. flow is the density \
      under the probability flow. The samples are held out from training if the run held any out. \
      docs/likelihood.md explains both.
      """,
    version: WorkbenchMain.title)

  @OptionGroup var source: ModelOptions

  @Option(
    help: ArgumentHelp(
      "The samples: a built-in set or a file; by default the run's own.", valueName: "data"))
  var data: String?

  @Option(help: "What is measured.")
  var method: Method = .both

  @Option(parsing: .unconditional, help: "The number of samples.")
  var count = 16

  @Option(help: "The variance of the reverse steps, for vlb. (default: fixed-small, or as learned)")
  var variance: Variance?

  @Option(parsing: .unconditional, help: "The error that each step of the flow may make.")
  var tolerance = 1e-5

  @Option(parsing: .unconditional, help: "The seed of the noise.")
  var seed = 0

  @Flag(help: "Measure the raw weights instead of their moving average.")
  var raw = false

  @Option(help: "How the numbers are printed; csv has every term of vlb.")
  var format: Format = .text

  @OptionGroup var threads: ThreadOption

  enum Method: String, CaseIterable, ExpressibleByArgument { case vlb, flow, both }

  enum Format: String, CaseIterable, ExpressibleByArgument { case text, csv }

  enum Variance: String, CaseIterable, ExpressibleByArgument {
    case fixedSmall = "fixed-small"
    case fixedLarge = "fixed-large"

    fileprivate var value: DDPM.Variance { self == .fixedSmall ? .fixedSmall : .fixedLarge }
  }

  func validate() throws {
    try check("--count", count, in: 1...10_000)
    try check("--seed", seed, in: 0...Int.max)
    guard tolerance > 0, tolerance <= 0.1 else {
      throw ValidationError(
        "--tolerance \(Wording.short(tolerance)): expected a number above 0 and up to 0.1")
    }
    if format == .csv, method != .vlb {
      throw ValidationError("--format csv: lists the terms of vlb; expected --method vlb")
    }
  }

  func run() throws {
    threads.apply()
    let model = try source.open(raw: raw)
    if let text = model.format.text {
      let why =
        text.encoding == .tokens
        ? "text, whose bits per character are bounded by the training and validation loss"
        : "text as bits, whose likelihood is not measured"
      throw CommandError(
        "\(source.path): samples \(why); expected a model of images, signals or points")
    }
    let schedule = try model.schedule.make()
    let samples = try LikelihoodSamples(self, model)
    try checkModel(model, schedule)
    var sampling = model.sampling
    sampling.count = min(count, Self.batch)
    // Measured without guidance.
    sampling.guidance = 1
    try MemoryNeed.checkSampling(
      model, model.format.shape, sampling, along: schedule, differentiates: method != .vlb)
    if format == .text { try Console.line(samples.description) }
    if method != .flow { try measureBound(model, schedule, samples) }
    if method != .vlb { try measureFlow(model, schedule, samples) }
  }

  /// Samples that go through the network together.
  static let batch = 64

  private func checkModel(_ model: Model, _ schedule: Schedule) throws {
    do {
      try model.network.check(schedule, predicting: model.parameterization)
    } catch {
      throw CommandError("\(source.path): \(error)")
    }
    if method != .flow, let problem = VariationalBound.problem(with: schedule, model.format) {
      throw CommandError("\(source.path): \(problem), or --method flow")
    }
    guard schedule.levels.filter({ $0.sigma > 0 && $0.alpha > 0 }).count > 1 else {
      throw CommandError(
        "\(source.path): a flow needs noise; expected a schedule of 2 or more levels with it")
    }
  }

  // MARK: - The variational bound

  private func measureBound(
    _ model: Model, _ schedule: Schedule, _ samples: LikelihoodSamples
  ) throws {
    var progress = ProgressLine(total: schedule.count * samples.batches.count, unit: "timestep")
    var (terms, prior, totals) = ([Double](repeating: 0, count: schedule.count), 0.0, [Double]())
    for (number, batch) in samples.batches.enumerated() {
      var noise = NoiseSource(seed: UInt64(seed), samples: batch.numbers)
      let bound = try VariationalBound(
        of: batch.x, by: model.denoiser(), condition: batch.condition, along: schedule,
        variance: model.network.learnsVariance && variance == nil
          ? .learnedRange : variance?.value ?? .fixedSmall, noise: &noise
      ) { done in
        guard Console.isTerminal, format == .text else { return }
        let all = number * schedule.count + done
        try progress.show(all, isLast: all == schedule.count * samples.batches.count)
      }
      let share = Double(batch.numbers.count) / Double(count)
      for t in terms.indices { terms[t] += share * bound.terms[t] }
      prior += share * bound.prior
      totals += bound.samples
    }
    guard totals.allSatisfy(\.isFinite) else {
      throw CommandError("\(source.path): the network's answers are not finite")
    }
    guard format == .text else {
      return try Console.write(
        "timestep,bits\n" + terms.enumerated().map { "\($0),\($1)\n" }.joined() + "prior,\(prior)\n"
      )
    }
    try Console.line("\nvariational bound, bits per value by timestep:")
    try Console.write(BoundTable(terms: terms, prior: prior).text)
    try Console.line("total \(Self.text(totals)) bits per value")
  }

  /// A mean with its standard error.
  private static func text(_ values: [Double]) -> String {
    let count = Double(values.count)
    let mean = values.reduce(0, +) / count
    guard count > 1 else { return Numbers.fixed(mean, 3) }
    let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / (count - 1)
    return "\(Numbers.fixed(mean, 3)) ± \(Numbers.fixed((variance / count).squareRoot(), 3))"
  }

  // MARK: - The flow

  private func measureFlow(
    _ model: Model, _ schedule: Schedule, _ samples: LikelihoodSamples
  ) throws {
    var progress = ProgressLine(total: 100 * samples.batches.count, unit: "per cent of the flow")
    let size = model.format.shape.sampleCount
    var (bits, evaluations) = ([Double](), 0)
    for (number, batch) in samples.batches.enumerated() {
      // Another stream than the other batches', and than the noise of the bound.
      var random = Random(seed: ~UInt64(seed) &- UInt64(number))
      let x = batch.x.copy()
      let width = samples.binWidth
      if let width { x.spread(over: Float(width), using: &random) }
      let flow = try FlowLikelihood(
        of: x, by: model.denoiser(), condition: batch.condition, along: schedule,
        solver: DormandPrince(tolerance: tolerance), random: &random
      ) { share in
        guard Console.isTerminal else { return }
        let done = 100 * number + Int(100 * share)
        try progress.show(done, isLast: done == 100 * samples.batches.count)
      }
      guard let flow, flow.logDensities.allSatisfy(\.isFinite) else {
        throw CommandError("\(source.path): the flow cannot be followed; its slope is not finite")
      }
      evaluations = max(evaluations, flow.evaluations)
      bits += flow.logDensities.map {
        FlowLikelihood.bits($0, size: size, binWidth: width ?? 1)
      }
    }
    let unit = samples.binWidth == nil ? "bits per value (of a density)" : "bits per value"
    try Console.line(
      "\nprobability flow: \(Self.text(bits)) \(unit), "
        + Wording.count(evaluations, "network evaluation"))
  }
}

extension Tensor {
  /// Adds uniform noise of this width, so that values of bins fill them.
  fileprivate func spread(over width: Float, using random: inout Random) {
    let drawn = random.uniforms(count)
    withMutableValues { values in
      for i in values.indices { values[i] += width * (drawn[i] - 0.5) }
    }
  }
}

/// The samples whose likelihood is measured, in batches.
private struct LikelihoodSamples: CustomStringConvertible {
  struct Batch {
    let x: Tensor
    let condition: Condition
    let numbers: Range<Int>
  }

  let batches: [Batch]
  /// The distance between the values of an image; nil for other samples.
  let binWidth: Double?
  let description: String

  init(_ command: LikelihoodCommand, _ model: Model) throws {
    guard
      var configuration = command.data.map({ DataConfiguration(source: $0) })
        ?? model.dataConfiguration
    else {
      throw ValidationError(
        "\(Wording.escaped(command.source.path)) does not say what data to measure; expected --data DATA, "
          + "such as digits14")
    }
    if command.data != nil, model.format.range == 0...1 { configuration.range = .unit }
    let (training, heldOut) = try configuration.split()
    let set = heldOut ?? training
    let (found, wanted) = (set.shape, model.format.shape)
    guard found == wanted else {
      throw CommandError(
        "\(configuration.source): has samples of \(found.height)×\(found.width)×\(found.channels); "
          + "expected \(wanted.height)×\(wanted.width)×\(wanted.channels)")
    }
    guard set.count >= command.count else {
      throw ValidationError(
        "--count \(command.count): there are only \(set.count) samples; expected no more than that")
    }
    // Evenly spaced, so that a set that is sorted by class gives all of them.
    let indices = (0..<command.count).map { $0 * set.count / command.count }
    let isTold =
      model.network.classes > 0 && set.labels != nil
      && set.classNames == model.format.classNames
    batches = stride(from: 0, to: indices.count, by: LikelihoodCommand.batch).map { start in
      let numbers = start..<min(start + LikelihoodCommand.batch, indices.count)
      let chosen = Array(indices[numbers])
      let x = Tensor(set.shape.with(batch: chosen.count))
      set.fill(x, indices: chosen)
      let labels = isTold ? chosen.compactMap { set.labels?[$0] } : []
      return Batch(
        x: x, condition: model.network.condition(on: x, labels: labels), numbers: numbers)
    }
    let span = Double(model.format.range.upperBound - model.format.range.lowerBound)
    binWidth = model.format.kind == .image ? span / 255 : nil
    let origin =
      heldOut != nil ? "held out from training" : command.data == nil ? "of the training set" : ""
    description =
      "\(Wording.count(command.count, "sample")) of \(Wording.escaped(set.name))"
      + (origin.isEmpty ? "" : ", \(origin)") + (isTold ? ", with their classes" : "")
      + ", by step \(Numbers.grouped(model.step)) of \(Wording.escaped(command.source.path))"
  }
}
