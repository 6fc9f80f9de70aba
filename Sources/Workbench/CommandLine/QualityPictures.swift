import Diffusion

/// Judged samples as pictures.
struct QualityPictures {
  private let quality: Quality
  private let samples: Dataset
  private let training: Dataset

  init(_ quality: Quality, _ samples: Dataset, _ training: Dataset) {
    (self.quality, self.samples, self.training) = (quality, samples, training)
  }

  /// The most samples in a picture: others are left out evenly.
  private static func most(_ kind: Dataset.Kind) -> Int { kind == .signal ? 64 : 2500 }
  /// The most pairs in a picture.
  private static let mostPairs = 32

  private var drawing: SamplePicture {
    let side = max(samples.shape.height, samples.shape.width)
    var drawing = SamplePicture(samples.format, enlargement: max(1, 32 / side))
    if samples.kind == .signal { drawing.plotSide = 240 }
    return drawing
  }

  /// All samples, the most typical first, row by row.
  func sorted() -> Picture {
    let order = quality.typicalOrder
    let shown = min(order.count, Self.most(samples.kind))
    return drawing.draw((0..<shown).map { samples[order[$0 * order.count / shown]] })
  }

  /// The samples nearest to training samples, each with its nearest at its right, four pairs a row.
  func pairs() -> Picture {
    var drawing = drawing
    drawing.columns = 8
    return drawing.draw(
      quality.nearestPairs.prefix(Self.mostPairs).flatMap {
        [samples[$0.sample], training[$0.training]]
      })
  }
}
