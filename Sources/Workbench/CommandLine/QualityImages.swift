import Diffusion

/// Judged samples as images.
struct QualityImages {
  private let quality: Quality
  private let samples: Dataset
  private let training: Dataset

  init(_ quality: Quality, _ samples: Dataset, _ training: Dataset) {
    (self.quality, self.samples, self.training) = (quality, samples, training)
  }

  /// The most samples in an image: others are left out evenly.
  private static func most(_ kind: Dataset.Kind) -> Int { kind == .signal ? 64 : 2500 }
  /// The most pairs in an image.
  private static let mostPairs = 32

  private var renderer: SampleRenderer {
    let side = max(samples.shape.height, samples.shape.width)
    var renderer = SampleRenderer(samples.format, enlargement: max(1, 32 / side))
    if samples.kind == .signal { renderer.plotSide = 240 }
    return renderer
  }

  /// All samples, the most typical first, row by row.
  func sorted() -> Image {
    let order = quality.typicalOrder
    let shown = min(order.count, Self.most(samples.kind))
    return renderer.render((0..<shown).map { samples[order[$0 * order.count / shown]] })
  }

  /// The samples nearest to training samples, each with its nearest at its right, four pairs a row.
  func pairs() -> Image {
    var renderer = renderer
    renderer.columns = 8
    return renderer.render(
      quality.nearestPairs.prefix(Self.mostPairs).flatMap {
        [samples[$0.sample], training[$0.training]]
      })
  }
}
