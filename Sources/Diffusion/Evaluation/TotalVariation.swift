/// Total-variation denoising: the image u with the least ½‖u − f‖² + weight·TV(u), by Chambolle's
/// projection; each channel is denoised separately.
///
/// Source: Chambolle 2004, "An algorithm for total variation minimization and applications", with the
/// step ¼ and the stopping rule of scikit-image's `denoise_tv_chambolle`.
public struct TotalVariation: ImageDenoiser, Hashable {
  /// The weight of the variation, in units of the image: larger values smooth more; above 0.
  public var weight: Double
  /// Iteration ends when the mean cost changes by less than this, relative to the first.
  public var tolerance = 2e-4
  /// The maximum number of iterations.
  public var maximumIterations = 200

  /// - Precondition: `weight` is above 0.
  public init(weight: Double) {
    precondition(weight > 0, "total variation needs a weight above 0, got \(weight)")
    self.weight = weight
  }

  public func denoise(_ image: [Float], _ shape: Shape) -> [Float] {
    precondition(
      image.count == shape.sampleCount, "\(image.count) values are not an image of \(shape)")
    var result = image
    for channel in 0..<shape.channels {
      let places = stride(from: channel, to: image.count, by: shape.channels)
      let smooth = denoise(places.map { Double(image[$0]) }, shape.height, shape.width)
      for (place, value) in zip(places, smooth) { result[place] = Float(value) }
    }
    return result
  }

  /// One channel, row by row.
  private func denoise(_ f: [Double], _ height: Int, _ width: Int) -> [Double] {
    // The dual field p; u = f − div p, with differences forward and none across the last line.
    var (down, across) = (f.map { _ in 0.0 }, f.map { _ in 0.0 })
    var u = f
    var (firstCost, lastCost) = (0.0, 0.0)
    let step = 0.25
    for iteration in 0..<maximumIterations {
      var cost = 0.0
      for y in 0..<height {
        for x in 0..<width {
          let i = y * width + x
          let divergence =
            down[i] + across[i] - (y > 0 ? down[i - width] : 0) - (x > 0 ? across[i - 1] : 0)
          u[i] = f[i] - divergence
          cost += divergence * divergence
        }
      }
      for y in 0..<height {
        for x in 0..<width {
          let i = y * width + x
          let dy = y + 1 < height ? u[i + width] - u[i] : 0
          let dx = x + 1 < width ? u[i + 1] - u[i] : 0
          let norm = (dy * dy + dx * dx).squareRoot()
          cost += weight * norm
          let scale = 1 + norm * step / weight
          down[i] = (down[i] - step * dy) / scale
          across[i] = (across[i] - step * dx) / scale
        }
      }
      if iteration == 0 {
        firstCost = cost
      } else if abs(lastCost - cost) < tolerance * firstCost {
        break
      }
      lastCost = cost
    }
    return u
  }
}
