internal import Platform

/// How similar an image is to its original, by the usual metrics of denoising.
///
/// Images are in (height, width, channels) order; `range` is the difference between white and black.
public enum ImageSimilarity {
  /// The peak signal-to-noise ratio, 10·log₁₀(range²/mean squared error), in decibels; infinite where
  /// both are equal.
  ///
  /// - Precondition: both have the same number of values, at least one.
  public static func peakSignalToNoiseRatio(
    _ image: [Float], _ original: [Float], range: Double
  ) -> Double {
    precondition(
      image.count == original.count && !image.isEmpty,
      "images of \(image.count) and \(original.count) values cannot be compared")
    let sum = zip(image, original).reduce(0.0) { sum, pair in
      let difference = Double(pair.0) - Double(pair.1)
      return sum + difference * difference
    }
    return 10 * log10(range * range / (sum / Double(image.count)))
  }

  /// The mean structural similarity index, 1 where both are equal: the mean over all square windows
  /// inside the image, then over the channels.
  ///
  /// Windows are 7 pixels wide, or fewer (an odd number) in smaller images, with equal weights and the
  /// unbiased covariance; K₁ is 0.01, K₂ 0.03.
  ///
  /// Source: Wang et al. 2004; windows and covariance as in scikit-image's `structural_similarity`.
  ///
  /// - Precondition: both are of `shape`, whose batch is 1 and which is at least 3 pixels wide or high.
  public static func structuralSimilarity(
    _ image: [Float], _ original: [Float], shape: Shape, range: Double
  ) -> Double {
    precondition(
      image.count == shape.sampleCount && original.count == shape.sampleCount,
      "\(image.count) and \(original.count) values are not images of \(shape)")
    precondition(
      max(shape.height, shape.width) > 2, "a similarity of structure needs 3 positions along a side"
    )
    let window = (height: windowSide(shape.height), width: windowSide(shape.width))
    var sum = 0.0
    for channel in 0..<shape.channels {
      for top in 0...shape.height - window.height {
        for left in 0...shape.width - window.width {
          var sums = WindowSums()
          for y in top..<top + window.height {
            for x in left..<left + window.width {
              let place = (y * shape.width + x) * shape.channels + channel
              sums.add(Double(image[place]), Double(original[place]))
            }
          }
          sum += sums.similarity(range: range)
        }
      }
    }
    let windows =
      (shape.height - window.height + 1) * (shape.width - window.width + 1) * shape.channels
    return sum / Double(windows)
  }

  /// 7, or the largest odd number that fits into a side.
  private static func windowSide(_ side: Int) -> Int {
    min(7, side - (side.isMultiple(of: 2) ? 1 : 0))
  }
}

/// Sums over a window of two images.
private struct WindowSums {
  private var count = 0.0
  private var (x, y, xx, yy, xy) = (0.0, 0.0, 0.0, 0.0, 0.0)

  mutating func add(_ a: Double, _ b: Double) {
    count += 1
    x += a
    y += b
    xx += a * a
    yy += b * b
    xy += a * b
  }

  func similarity(range: Double) -> Double {
    let (meanX, meanY) = (x / count, y / count)
    let varianceX = (xx - count * meanX * meanX) / (count - 1)
    let varianceY = (yy - count * meanY * meanY) / (count - 1)
    let covariance = (xy - count * meanX * meanY) / (count - 1)
    let c1 = (0.01 * range) * (0.01 * range)
    let c2 = (0.03 * range) * (0.03 * range)
    return (2 * meanX * meanY + c1) * (2 * covariance + c2)
      / ((meanX * meanX + meanY * meanY + c1) * (varianceX + varianceY + c2))
  }
}
