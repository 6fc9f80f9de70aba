internal import Platform

/// Non-local means: each pixel becomes the mean of the pixels around it, weighted by how similar their
/// patches are to its own.
///
/// The weight of another pixel is exp(−max(d² − 2σ², 0)/h²), where d² is the mean squared difference of the
/// patches under a normal density with standard deviation (side − 1)/4. For the
/// patches, the image is reflected at its edges; only pixels inside it are averaged.
///
/// Source: Buades, Coll and Morel 2005 and 2011; as scikit-image's `denoise_nl_means` with
/// `fast_mode=False`, but with an exact exponential and without leaving out small weights.
public struct NonLocalMeans: ImageDenoiser, Hashable {
  /// How different patches may be, in units of the image; above 0, and best at about 0.6σ to σ.
  public var h: Double
  /// The standard deviation σ of the noise, which makes even equal patches differ.
  public var noise: Double
  /// The side of a patch, an odd number.
  public var patchSide: Int
  /// How far away other pixels are considered, in pixels along each axis.
  public var reach: Int

  /// - Precondition: `h` is above 0, `noise` and `reach` are at least 0, and `patchSide` is odd, from 3.
  public init(h: Double, noise: Double, patchSide: Int = 5, reach: Int = 6) {
    precondition(h > 0 && noise >= 0, "non-local means needs an h above 0 and noise from 0")
    precondition(
      patchSide >= 3 && !patchSide.isMultiple(of: 2) && reach >= 0,
      "non-local means needs an odd patch side from 3, got \(patchSide)")
    (self.h, self.noise, self.patchSide, self.reach) = (h, noise, patchSide, reach)
  }

  public func denoise(_ image: [Float], _ shape: Shape) -> [Float] {
    precondition(
      image.count == shape.sampleCount, "\(image.count) values are not an image of \(shape)")
    let (height, width, channels) = (shape.height, shape.width, shape.channels)
    let margin = patchSide / 2
    let (padded, stride) = reflect(image, shape, margin)
    let kernel = kernel(channels)
    let lower = kernel.reduce(0, +) * Double(channels) * 2 * noise * noise
    var result = image
    var sums = [Double](repeating: 0, count: channels)
    for y in 0..<height {
      for x in 0..<width {
        for channel in 0..<channels { sums[channel] = 0 }
        var total = 0.0
        let center = (y * stride + x) * channels
        for v in max(0, y - reach)..<min(height, y + reach + 1) {
          for w in max(0, x - reach)..<min(width, x + reach + 1) {
            let other = (v * stride + w) * channels
            var distance = -lower
            for i in 0..<patchSide {
              for j in 0..<patchSide {
                let place = (i * stride + j) * channels
                var square = 0.0
                for channel in 0..<channels {
                  let difference =
                    padded[center + place + channel] - padded[other + place + channel]
                  square += difference * difference
                }
                distance += kernel[i * patchSide + j] * square
              }
            }
            let weight = exp(-max(distance, 0))
            total += weight
            for channel in 0..<channels {
              sums[channel] += weight * Double(image[(v * width + w) * channels + channel])
            }
          }
        }
        for channel in 0..<channels {
          result[(y * width + x) * channels + channel] = Float(sums[channel] / total)
        }
      }
    }
    return result
  }

  /// The weights of a patch's pixels, which add up to 1/(channels·h²).
  private func kernel(_ channels: Int) -> [Double] {
    let deviation = Double(patchSide - 1) / 4
    let margin = patchSide / 2
    let weights = (0..<patchSide * patchSide).map { place in
      let (y, x) = (place / patchSide - margin, place % patchSide - margin)
      return exp(-Double(y * y + x * x) / (2 * deviation * deviation))
    }
    let scale = 1 / (weights.reduce(0, +) * Double(channels) * h * h)
    return weights.map { $0 * scale }
  }

  /// The image with `margin` more pixels on every side, reflected without repeating the edge; and how
  /// many pixels a row has then.
  private func reflect(
    _ image: [Float], _ shape: Shape, _ margin: Int
  ) -> (values: [Double], stride: Int) {
    func reflected(_ place: Int, _ count: Int) -> Int {
      guard count > 1 else { return 0 }
      let period = 2 * (count - 1)
      let rest = ((place % period) + period) % period
      return rest < count ? rest : period - rest
    }
    var values: [Double] = []
    for y in -margin..<shape.height + margin {
      for x in -margin..<shape.width + margin {
        let place = reflected(y, shape.height) * shape.width + reflected(x, shape.width)
        for channel in 0..<shape.channels {
          values.append(Double(image[place * shape.channels + channel]))
        }
      }
    }
    return (values, shape.width + 2 * margin)
  }
}
