/// How x̂_0 is limited to the range of the data before a step uses it.
///
/// ε̂ stays as predicted; samplers that follow slopes compute them from x̂_0.
public enum Clipping: Sendable, Hashable {
  /// Predictions stay as they are.
  case none
  /// To this multiple of the range of the data, about its middle.
  case times(Double)
  /// Dynamic thresholding: each sample is scaled so that a fraction `quantile` of its values fits into the
  /// range, and the others are clipped; a sample beyond `largest` times the range is clipped there first.
  ///
  /// Source: Saharia et al. 2022, section 2.3, <https://arxiv.org/abs/2205.11487>; `largest` is
  /// `sample_max_value` of diffusers.
  case dynamic(quantile: Double, largest: Double)

  /// To the range of the data.
  public static let range = Self.times(1)

  /// Limits x̂_0 of data in `range`, in place.
  func apply(to x0: Tensor, _ range: ClosedRange<Float>) {
    let (middle, half) = (
      (range.lowerBound + range.upperBound) / 2, (range.upperBound - range.lowerBound) / 2
    )
    switch self {
    case .none: break
    case .times(let times):
      let reach = Float(times) * half
      x0.clamp(to: times == 1 ? range : middle - reach...middle + reach)
    case .dynamic(let quantile, let largest):
      let size = x0.shape.sampleCount
      x0.withMutableValues { numbers in
        for sample in 0..<x0.shape.batch {
          let part = sample * size..<(sample + 1) * size
          let distances = part.map { abs(numbers[$0] - middle) / half }
          let limit = Self.limit(distances, quantile, Float(largest))
          for i in part {
            let centred = min(max((numbers[i] - middle) / half, -limit), limit)
            numbers[i] = middle + half * centred / limit
          }
        }
      }
    }
  }

  /// The quantile of some distances, at least 1 and at most `largest`; between two it is linear.
  private static func limit(_ distances: [Float], _ quantile: Double, _ largest: Float) -> Float {
    let distances = distances.sorted()
    let place = quantile * Double(distances.count - 1)
    let low = Int(place)
    let high = min(low + 1, distances.count - 1)
    let between = distances[low] + Float(place - Double(low)) * (distances[high] - distances[low])
    return min(max(between, 1), largest)
  }
}
