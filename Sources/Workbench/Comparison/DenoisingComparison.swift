import Diffusion
import Platform

/// How well noise is removed from held-out images: by the networks of a comparison, and by other methods.
struct DenoisingComparison {
  /// How well a method does at a noise level.
  struct Score: Codable, Sendable, Equatable {
    var method: String
    /// The noise σ/α, in units of the data.
    var noise: Double
    /// The mean peak signal-to-noise ratio in decibels, and the ends of its 95 % interval.
    var psnr: Interval
    /// The mean structural similarity, likewise.
    var ssim: Interval
    /// What was chosen for the noise level; empty for nothing.
    var parameters: String
    var secondsPerImage: Double
  }

  /// A mean over images, and the ends of its 95 % interval.
  struct Interval: Codable, Sendable, Equatable {
    var value: Double
    var low: Double
    var high: Double

    /// The mean of some values with 1.96 standard errors on either side.
    init(meanOf values: [Double]) {
      let count = Double(values.count)
      let mean = values.reduce(0, +) / count
      let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
      let error = (squares / max(count - 1, 1) / count).squareRoot()
      (value, low, high) = (mean, mean - 1.96 * error, mean + 1.96 * error)
    }
  }

  /// Some images by all methods, for a figure.
  struct Example {
    var noise: Double
    /// The names of the methods, the clean and the noisy images first.
    var methods: [String]
    /// The images of each method, one after another.
    var images: [[Float]]
  }

  private let plan: ComparisonPlan
  private let noised: NoisedSamples
  private let methods: DenoisingMethods
  private let range: Double
  private(set) var scores: [Score] = []
  private(set) var examples: [Example] = []

  /// Steps of the short reverse trajectory.
  static let trajectorySteps = 10
  /// Images that examples show.
  static let exampleCount = 3

  /// Checks that all entries can be evaluated at all noise levels.
  init(_ plan: ComparisonPlan) throws {
    self.plan = plan
    let heldOut = plan.heldOut
    guard heldOut.kind == .image else {
      throw ComparisonError(
        "\(plan.data.source) has no images; denoising can only be compared on images")
    }
    guard plan.comparison.settings.seeds == 1 else {
      throw ComparisonError(
        "seeds \(plan.comparison.settings.seeds): denoising is measured with one network of each entry; expected 1"
      )
    }
    for entry in plan.comparison.entries {
      let schedule = try entry.recipe.schedule.make()
      let (low, high) = (schedule[0].sigmaOverAlpha, schedule[schedule.count - 1].sigmaOverAlpha)
      if let outside = plan.comparison.settings.noise.first(where: { $0 < low || $0 > high }) {
        throw ComparisonError(
          "noise \(Wording.short(outside)): the schedule of \(entry.name) has σ/α from \(Wording.short(low)) to "
            + "\(Wording.short(high)); expected a level in that range")
      }
    }
    noised = NoisedSamples(
      heldOut, count: plan.comparison.settings.samples, seed: plan.comparison.settings.seed)
    methods = DenoisingMethods(plan.training, seed: plan.comparison.settings.seed)
    range = Double(heldOut.range.upperBound - heldOut.range.lowerBound)
  }

  /// The number of images that scores are means of.
  var count: Int { noised.shape.batch }

  /// Measures all methods at a noise level.
  mutating func measure(_ noise: Double) throws {
    let noisy = noised.noisy(noise)
    let size = noised.shape.sampleCount
    let shown = min(Self.exampleCount, count) * size
    var example = Example(
      noise: noise, methods: ["clean"], images: [Array(noised.clean.prefix(shown))])
    func add(_ method: String, _ answer: DenoisingMethods.Answer) {
      let images = methods.clipped(answer.images)
      scores.append(score(method, noise, images, answer))
      example.methods.append(method)
      example.images.append(Array(images.prefix(shown)))
    }
    add("noisy", DenoisingMethods.Answer(images: noisy, seconds: 0))
    add("total variation", methods.totalVariation(noisy, noise))
    add("non-local means", methods.nonLocalMeans(noisy, noise))
    add("ideal", methods.idealDenoiser(noised, noise))
    for (entry, runs) in zip(plan.comparison.entries, plan.runs) {
      let model = try Model(contentsOf: runs[0].path, raw: entry.weights == .raw)
      let (denoiser, schedule) = (model.denoiser(), try model.schedule.make())
      let step = schedule.step(sigmaOverAlpha: noise)
      add(entry.name, methods.timed { noised.estimates(by: denoiser, at: step) })
      add(
        "\(entry.name) ×\(Self.trajectorySteps)",
        methods.timed {
          noised.endOfTrajectory(
            by: denoiser, along: schedule, from: step, steps: Self.trajectorySteps)
        })
    }
    examples.append(example)
  }

  private func score(
    _ method: String, _ noise: Double, _ images: [Float], _ answer: DenoisingMethods.Answer
  ) -> Score {
    let shape = noised.shape.with(batch: 1)
    let size = shape.sampleCount
    let pairs = (0..<count).map { index in
      let places = index * size..<(index + 1) * size
      return (Array(images[places]), Array(noised.clean[places]))
    }
    return Score(
      method: method, noise: noise,
      psnr: Interval(
        meanOf: pairs.map {
          ImageSimilarity.peakSignalToNoiseRatio($0.0, $0.1, range: range)
        }),
      ssim: Interval(
        meanOf: pairs.map {
          ImageSimilarity.structuralSimilarity($0.0, $0.1, shape: shape, range: range)
        }), parameters: answer.parameters, secondsPerImage: answer.seconds / Double(count))
  }
}
