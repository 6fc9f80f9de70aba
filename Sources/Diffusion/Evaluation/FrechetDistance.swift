/// The Fréchet distance between the normal distributions that have the mean and covariance of two
/// sets of features: ‖μ₁ − μ₂‖² + tr(Σ₁ + Σ₂ − 2(Σ₁Σ₂)^½).
///
/// The covariances have n − 1 in the denominator. The eigenvalues of Σ₁Σ₂ are those of the symmetric
/// √Σ₂·Σ₁·√Σ₂, so that covariances without full rank need nothing added to them.
///
/// Source: Heusel et al. 2017, <https://arxiv.org/abs/1706.08500>.
struct FrechetDistance: Sendable {
  private let mean: [Double]
  private let trace: Double
  /// √Σ₂.
  private let root: DenseMatrix

  /// The distance to a set of at least two samples.
  init(to reference: Features) {
    let moments = FeatureMoments(reference)
    (mean, trace) = (moments.mean, moments.covariance.trace)
    root = moments.covariance.symmetricRoot()
  }

  /// The distance of a set of at least two samples, each counting as often as `weights` says, or once.
  func callAsFunction(_ features: Features, weights: [Double]? = nil) -> Double {
    let moments = FeatureMoments(features, weights: weights)
    var result = trace + moments.covariance.trace
    for i in mean.indices {
      result += (moments.mean[i] - mean[i]) * (moments.mean[i] - mean[i])
    }
    let product = root.times(moments.covariance).times(root)
    for value in product.symmetricEigenvalues() where value > 0 { result -= 2 * value.squareRoot() }
    // Rounding takes the distance of equal sets below 0.
    return max(result, 0)
  }
}

/// Mean and covariance of features.
struct FeatureMoments {
  let mean: [Double]
  /// With the number of samples less 1 in the denominator, as `numpy.cov`.
  let covariance: DenseMatrix

  init(_ features: Features, weights: [Double]? = nil) {
    let (n, d) = (features.count, features.dimensions)
    precondition(n > 1, "a covariance needs two samples, got \(n)")
    // The mean of all first, so that squares stay small.
    var mean = features.mean
    var rows = DenseMatrix(n, d)
    var shift = [Double](repeating: 0, count: d)
    for sample in 0..<n {
      let weight = weights?[sample] ?? 1
      let factor = weight.squareRoot()
      for i in 0..<d {
        let difference = features.values[sample * d + i] - mean[i]
        shift[i] += weight * difference
        rows.values[sample * d + i] = factor * difference
      }
    }
    for i in 0..<d { shift[i] /= Double(n) }
    var covariance = rows.gram()
    for i in 0..<d {
      for j in 0..<d {
        let place = i * d + j
        covariance.values[place] =
          (covariance.values[place] - Double(n) * shift[i] * shift[j]) / Double(n - 1)
      }
      mean[i] += shift[i]
    }
    (self.mean, self.covariance) = (mean, covariance)
  }
}
