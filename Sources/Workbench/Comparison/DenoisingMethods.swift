import Diffusion
import Platform

/// What takes noise out of images beside the entries of a comparison: methods that need no training, their
/// parameters chosen on training samples.
struct DenoisingMethods {
  /// Answers of a method for all noisy images.
  struct Answer {
    /// The images, one after another.
    var images: [Float]
    /// The parameters that were chosen, in words; empty for none.
    var parameters = ""
    /// Seconds for all images.
    var seconds: Double
  }

  /// What parameters are chosen on, none of which is among the samples that are reported.
  private let training: NoisedSamples
  private let ideal: IdealDenoiser
  private let range: ClosedRange<Float>
  private let clock = ContinuousClock()

  /// Training samples that parameters are chosen on.
  private static let chosenOn = 64

  /// Methods beside networks that are trained on `dataset`.
  init(_ dataset: Dataset, seed: UInt64) {
    training = NoisedSamples(dataset, count: Self.chosenOn, seed: seed &+ 1)
    ideal = IdealDenoiser(dataset)
    range = dataset.range
  }

  /// Total variation with the weight that is best for the noise.
  func totalVariation(_ noisy: [Float], _ noise: Double) -> Answer {
    let factors = [0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.7, 1.0, 1.4, 2.0]
    return best(
      factors.map { (TotalVariation(weight: $0 * noise), "weight \(short($0))σ") }, noisy, noise)
  }

  /// Non-local means with the h and the patch side that are best for the noise.
  func nonLocalMeans(_ noisy: [Float], _ noise: Double) -> Answer {
    let candidates = [3, 5, 7].flatMap { side in
      [0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 1.0, 1.3, 1.7].map { factor in
        (
          NonLocalMeans(h: factor * noise, noise: noise, patchSide: side),
          "h \(short(factor))σ, patches of \(side)×\(side)"
        )
      }
    }
    return best(candidates, noisy, noise)
  }

  /// The ideal denoiser of the training set.
  func idealDenoiser(_ noised: NoisedSamples, _ noise: Double) -> Answer {
    let step = NoiseStep(index: nil, timestep: 0, level: NoiseLevel(sigma: noise))
    return timed { noised.estimates(by: ideal, at: step) }
  }

  /// Images with what lies outside the data's range limited to it.
  func clipped(_ images: [Float]) -> [Float] {
    images.map { min(max($0, range.lowerBound), range.upperBound) }
  }

  /// An answer with the seconds it took.
  func timed(_ body: () throws -> [Float]) rethrows -> Answer {
    let start = clock.now
    let images = try body()
    return Answer(images: images, seconds: (clock.now - start) / .seconds(1))
  }

  /// The answer of the candidate with the least error on training samples.
  private func best<Method: ImageDenoiser>(
    _ candidates: [(method: Method, parameters: String)], _ noisy: [Float], _ noise: Double
  ) -> Answer {
    let shape = training.shape.with(batch: 1)
    let given = training.noisy(noise)
    var (best, least) = (candidates[0], Double.infinity)
    for candidate in candidates {
      let found = clipped(candidate.method.denoise(all: given, shape))
      let error = zip(found, training.clean).reduce(0.0) {
        $0 + Double(($1.0 - $1.1) * ($1.0 - $1.1))
      }
      if error < least { (best, least) = (candidate, error) }
    }
    var answer = timed { best.method.denoise(all: noisy, shape) }
    answer.parameters = best.parameters
    return answer
  }

  private func short(_ value: Double) -> String { Wording.short(value) }
}
