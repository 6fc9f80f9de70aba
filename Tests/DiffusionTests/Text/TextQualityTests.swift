import Testing

@testable import Diffusion

@Suite("Text beside real text")
struct TextQualityTests {
  private static let parts: (training: Dataset, heldOut: Dataset) = {
    var data = DataConfiguration(source: "words")
    data.validation = 0.1
    guard let parts = try? data.split(), let heldOut = parts.validation else {
      fatalError("no words")
    }
    return (parts.training, heldOut)
  }()

  private func quality(of samples: Dataset) -> TextQuality {
    TextQuality(samples, training: Self.parts.training, heldOut: Self.parts.heldOut)
  }

  @Test("held-out words lie within the range of held-out words, and are new and distinct")
  func real() {
    var random = Random(seed: 4)
    let order = random.permutation(Self.parts.heldOut.count)
    let quality = quality(of: Self.parts.heldOut.select(Array(order.prefix(400))))
    #expect(quality.count == 400)
    #expect(quality.perplexity.range.contains(quality.perplexity.samples))
    #expect(quality.newWords.samples == 1 && quality.newWords.heldOut == 1)
    #expect(quality.distinct.samples == 1)
  }

  @Test("copies of training words are not new, and one word over and over is not distinct")
  func copies() {
    let quality = quality(of: Self.parts.training.select(Array(repeating: 5, count: 40)))
    #expect(quality.newWords.samples == 0)
    #expect(quality.distinct.samples == 1.0 / 40)
  }

  @Test("letters at random are less likely than words")
  func noise() throws {
    let real = Self.parts.heldOut
    var random = Random(seed: 1)
    let letters = random.integers(below: 27, count: 100 * real.shape.sampleCount).map(Float.init)
    let text = try #require(real.text)
    let quality = quality(of: Dataset(name: "noise", letters, real.shape, text))
    #expect(quality.perplexity.samples > 2 * quality.perplexity.range.upperBound)
  }
}
