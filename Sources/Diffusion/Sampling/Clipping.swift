/// How x̂_0 is kept where data can be, before a step uses it.
///
/// ε̂ stays as predicted; samplers that follow slopes take them from x̂_0.
public enum Clipping: Sendable, Hashable {
  case none
  /// To the range of the data.
  case range
  /// Dynamic thresholding: each sample is shrunk so that a share `quantile` of its numbers fits into
  /// the range, and the others are cut; a sample that reaches beyond `largest` times the range is cut
  /// there first.
  ///
  /// Source: Saharia et al. 2022, section 2.3, <https://arxiv.org/abs/2205.11487>; `largest` is
  /// `sample_max_value` of diffusers.
  case dynamic(quantile: Double, largest: Double)

  /// Limits x̂_0 of data in `range`, in place.
  func apply(to x0: Tensor, _ range: ClosedRange<Float>) {
    switch self {
    case .none: break
    case .range: x0.clamp(to: range)
    case .dynamic(let quantile, let largest):
      let size = x0.shape.sampleCount
      let (middle, half) = (
        (range.lowerBound + range.upperBound) / 2, (range.upperBound - range.lowerBound) / 2
      )
      x0.withNumbers { numbers in
        for sample in 0..<x0.shape.batch {
          let part = UnsafeMutableBufferPointer(
            rebasing: numbers[sample * size..<(sample + 1) * size])
          let limit = part.limit(quantile, middle, half, Float(largest))
          for i in part.indices {
            let centred = min(max((part[i] - middle) / half, -limit), limit)
            part[i] = middle + half * centred / limit
          }
        }
      }
    }
  }
}

extension UnsafeMutableBufferPointer<Float> {
  /// The quantile of the distances from the middle, at least 1 and at most `largest`, in halves of the
  /// range; between two numbers it is linear.
  fileprivate func limit(
    _ quantile: Double, _ middle: Float, _ half: Float, _ largest: Float
  ) -> Float {
    let distances = map { abs($0 - middle) / half }.sorted()
    let place = quantile * Double(distances.count - 1)
    let low = Int(place)
    let high = Swift.min(low + 1, distances.count - 1)
    let between = distances[low] + Float(place - Double(low)) * (distances[high] - distances[low])
    return Swift.min(Swift.max(between, 1), largest)
  }
}
