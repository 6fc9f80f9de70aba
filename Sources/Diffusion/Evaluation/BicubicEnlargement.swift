internal import Platform

/// Enlarges images by bicubic interpolation: what a network that enlarges images is compared with.
///
/// The outer edges of both images lie on each other, and pixels beyond an edge are those at it.
///
/// Source: Keys 1981, with the third-order a = −1/2 of that paper; PyTorch's has a = −3/4.
public struct BicubicEnlargement: Sendable {
  /// How many times larger images become.
  public let factor: Int
  /// The slope of the kernel at a distance of one pixel.
  public let slope: Double
  /// For each place between two pixels, the weights of the two before and the two after it.
  private let weights: [(shift: Int, weights: [Double])]

  /// - Precondition: `factor` is at least 1.
  public init(factor: Int, slope: Double = -0.5) {
    precondition(factor >= 1, "an image is enlarged at least 1 time, got \(factor)")
    (self.factor, self.slope) = (factor, slope)
    weights = (0..<factor).map { place in
      // The middle of the enlarged pixel, in pixels of the small image from the middle of the nearest.
      let middle = (Double(place) + 0.5) / Double(factor) - 0.5
      let shift = Int(middle.rounded(.down)) - 1
      return (
        shift, (0..<4).map { Self.kernel(middle - Double(shift + $0), slope: slope) }
      )
    }
  }

  /// Keys' kernel at a distance, in pixels.
  static func kernel(_ distance: Double, slope a: Double) -> Double {
    let x = abs(distance)
    if x <= 1 { return ((a + 2) * x - (a + 3)) * x * x + 1 }
    if x < 2 { return ((a * x - 5 * a) * x + 8 * a) * x - 4 * a }
    return 0
  }

  /// The enlarged image of `image`, which has `shape`, both in (height, width, channels) order.
  public func enlarge(_ image: [Float], _ shape: Shape) -> [Float] {
    precondition(
      image.count == shape.sampleCount, "\(image.count) values are no image of \(shape)")
    let rows = shape.channels * shape.width
    let tall = line(image, count: shape.height, stride: rows, lines: 1)
    return line(tall, count: shape.width, stride: shape.channels, lines: shape.height * factor)
  }

  /// Enlarges along one axis, whose `count` places are `stride` values apart in each of `lines` blocks.
  private func line(_ values: [Float], count: Int, stride: Int, lines: Int) -> [Float] {
    var result: [Float] = []
    result.reserveCapacity(values.count * factor)
    for block in 0..<lines {
      for place in 0..<count * factor {
        let (shift, weights) = weights[place % factor]
        for offset in 0..<stride {
          let sum = weights.indices.reduce(0.0) { sum, i in
            let source = min(max(place / factor + shift + i, 0), count - 1)
            return sum + weights[i] * Double(values[(block * count + source) * stride + offset])
          }
          result.append(Float(sum))
        }
      }
    }
    return result
  }
}
