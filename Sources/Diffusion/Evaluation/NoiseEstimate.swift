/// The noise of an image, estimated from the image alone.
///
/// It is a robust estimate: edges, which few places have, hardly change it. In images whose values were clipped, as in
/// PNG files, it is too low wherever noise was cut off.
///
/// Source: Donoho and Johnstone 1994, section 4.2: the median of the finest wavelet coefficients, here of all squares of
/// 2×2 values, or all triples of a signal.
package enum NoiseEstimate {
  /// The ratio of the median of |z| to the deviation of normally distributed z.
  private static let median = 0.674_489_75

  /// The standard deviation of the noise, in units of the values.
  ///
  /// - Precondition: `values` are of `shape`, whose batch is 1, and at least 2 values high and wide, or 3 wide.
  package static func standardDeviation(_ values: [Float], shape: Shape) -> Double {
    precondition(values.count == shape.count, "\(values.count) values are not of \(shape)")
    precondition(
      shape.width >= (shape.height == 1 ? 3 : 2), "noise cannot be estimated in samples of \(shape)"
    )
    func value(_ row: Int, _ column: Int, _ channel: Int) -> Double {
      Double(values[(row * shape.width + column) * shape.channels + channel])
    }
    var details: [Double] = []
    for channel in 0..<shape.channels {
      if shape.height == 1 {
        for x in 1..<shape.width - 1 {
          let bend = value(0, x - 1, channel) - 2 * value(0, x, channel) + value(0, x + 1, channel)
          details.append(abs(bend) / 6.0.squareRoot())
        }
        continue
      }
      for y in 1..<shape.height {
        for x in 1..<shape.width {
          let twist =
            value(y, x, channel) - value(y - 1, x, channel) - value(y, x - 1, channel)
            + value(y - 1, x - 1, channel)
          details.append(abs(twist) / 2)
        }
      }
    }
    details.sort()
    let middle = details.count / 2
    let found =
      details.count.isMultiple(of: 2)
      ? (details[middle - 1] + details[middle]) / 2 : details[middle]
    return found / median
  }
}
