import Foundation
import Testing

@testable import Diffusion

/// What models can do that `scripts/verify models` has trained for some minutes each; the suite has no time for that.
@Suite("What trained models can do", .enabled(if: Bars.runs != nil))
struct TrainedModelTests {
  private static func model(_ name: String) throws -> Model {
    try Model(contentsOf: "\(Bars.runs ?? ".")/\(name)")
  }

  private static func heldOut(_ model: Model) throws -> Dataset {
    let data = try #require(model.dataConfiguration)
    return try #require(try data.split().validation)
  }

  /// The classifier of `workbench features`.
  private static func classifier() throws -> FeatureClassifier {
    let training = try FeatureClassifier.Training(on: BuiltInData.digits14.make())
    for _ in training {}
    return training.classifier()
  }

  private static func classes(
    _ samples: [[Float]], by classifier: FeatureClassifier, _ model: Model
  ) -> [Int] {
    let set = Dataset(
      images: samples.flatMap(\.self), in: model.format.range, name: "samples", model.format)
    return classifier.features(of: set).predictedClasses
  }

  // MARK: - Inpainting

  @Test("the right half of the first 16 held-out digits is completed")
  func halves() throws {
    let model = try Self.model("digits")
    let digits = try Self.heldOut(model)
    let truths = (0..<16).map { digits[$0] }
    let known = (0..<196).map { $0 % 14 < 7 }
    let results = try Editor(model, model.sampling)
      .trajectory(.fill(known: known, RePaint()), of: truths).finish().samples
    for (result, truth) in zip(results, truths) {
      #expect(zip(known, zip(result, truth)).allSatisfy { !$0 || $1.0 == $1.1 })
    }
    let erased = truths.map { zip($0, known).map { $1 ? $0 : -1 } }
    let classifier = try Self.classifier()
    let labels = (0..<16).map { digits.labels?[$0] ?? -1 }
    func right(_ samples: [[Float]]) -> Int {
      zip(Self.classes(samples, by: classifier, model), labels).count { $0 == $1 }
    }
    func error(_ samples: [[Float]]) -> Double {
      var sum = 0.0
      for (sample, truth) in zip(samples, truths) {
        for (a, b) in zip(sample, truth) { sum += Double((a - b) * (a - b)) }
      }
      return sum / Double(16 * 98)
    }
    let (before, after, whole) = (right(erased), right(results), right(truths))
    Bars.report(
      "half erased | recognised \(before) of 16 before, \(after) after, \(whole) whole | mean squared error of the "
        + "half \(error(erased)) before, \(error(results)) after")
    // What is left may be that of another digit, too: not every one can be found.
    #expect(after > before && after >= 10)
    #expect(error(results) < error(erased))
    var renderer = SampleRenderer(model.format, enlargement: 3)
    renderer.columns = 16
    let hidden = truths.map { zip($0, known).map { $1 ? $0 : 0 } }
    let picture = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("../../../docs/pictures/edit-half-digits.png").standardized.path
    try PNG.write(renderer.render(hidden + results + truths), to: picture)
  }

  // MARK: - Guidance

  @Test("guided samples are of their class, with one scale for all")
  func guidance() throws {
    let model = try Self.model("digits-classes")
    let classifier = try Self.classifier()
    func right(_ label: Int, _ scale: Double, count: Int, seed: UInt64) throws -> Int {
      var sampling = model.sampling
      (sampling.className, sampling.guidance) = (model.format.classNames[label], scale)
      (sampling.count, sampling.seed) = (count, seed)
      let samples = try model.trajectory(sampling).finish().samples
      return Self.classes(samples, by: classifier, model).count { $0 == label }
    }
    // The scale is chosen by the worst class of one seed, and tried with another.
    let tried = try [1, 2, 3, 4, 6].map { scale in
      (
        scale: Double(scale),
        worst: try (0..<10).map { try right($0, Double(scale), count: 50, seed: 1) }.min() ?? 0
      )
    }
    let best = try #require(tried.max { $0.worst < $1.worst })
    let found = try (0..<10).map { try right($0, best.scale, count: 100, seed: 0) }
    Bars.report(
      "guidance | worst class of 50 by scale: "
        + tried.map { "\($0.scale): \($0.worst)" }.joined(separator: ", "))
    Bars.report("guidance | scale \(best.scale), of 100 by class: \(found)")
    #expect(found.allSatisfy { $0 >= 95 })
  }

  // MARK: - Super-resolution

  @Test("the mean of 16 enlargements is closer to the truth than bicubic interpolation")
  func enlargement() throws {
    let model = try Self.model("digits-superres")
    let digits = try Self.heldOut(model)
    let (blocks, count) = (BlockMeans(factor: 2), 64)
    var sampling = model.sampling
    sampling.count = 16
    func psnr(_ image: [Float], _ truth: [Float]) -> Double {
      let clamped = image.map { min(max($0, -1), 1) }
      return ImageSimilarity.peakSignalToNoiseRatio(clamped, truth, range: 2)
    }
    let editor = try Editor(model, sampling)
    var sums: [String: Double] = [:]
    for index in 0..<count {
      let truth = digits[index]
      let small = blocks.apply(Tensor(Shape(1, 14, 14, 1), truth)).values
      let results = try editor.trajectory(
        .recover(blocks, .ofNorm(1)), of: Array(repeating: small, count: 16)
      ).finish().samples
      let mean = truth.indices.map { i in results.reduce(0) { $0 + $1[i] } / 16 }
      sums["mean of 16", default: 0] += psnr(mean, truth)
      sums["one sample", default: 0] += psnr(results[0], truth)
      for slope in [-0.5, -0.75] {
        let bicubic = BicubicEnlargement(factor: 2, slope: slope).enlarge(small, Shape(1, 7, 7, 1))
        sums["bicubic a = \(slope)", default: 0] += psnr(bicubic, truth)
      }
    }
    let means = sums.mapValues { $0 / Double(count) }
    Bars.report(
      "7×7 → 14×14, PSNR in dB of \(count) held-out digits | "
        + means.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }
        .joined(separator: ", "))
    #expect(
      (means["mean of 16"] ?? 0)
        > max(means["bicubic a = -0.5"] ?? 0, means["bicubic a = -0.75"] ?? 0))
  }
}
