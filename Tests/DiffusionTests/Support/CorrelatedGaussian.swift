@testable import Diffusion

/// The exact denoiser of normally distributed data whose values depend on each other.
///
/// x̂_0 = m + α·C·(α²·C + σ²)⁻¹·(x − α·m), which is linear: K·x + k.
struct CorrelatedGaussian: DifferentiableDenoiser {
  let mean: [Double]
  let covariance: DenseMatrix

  var size: Int { mean.count }

  /// K and k at a level.
  func coefficients(at level: NoiseLevel) -> (matrix: DenseMatrix, offset: [Double]) {
    let (alpha, sigma) = (level.alpha, level.sigma)
    let matrix = covariance.mapEigenvalues { alpha * $0 / (alpha * alpha * $0 + sigma * sigma) }
    return (matrix, zip(mean, matrix.applied(to: mean)).map { $0 - alpha * $1 })
  }

  func predict(_ query: Query) -> Prediction {
    let prediction = Prediction(like: query.x)
    let (matrix, offset) = coefficients(at: query.steps[0].level)
    multiply(query.x, by: matrix, plus: offset, into: prediction.x0)
    prediction.deriveEpsilon(at: query)
    return prediction
  }

  func predictWithPullback(
    _ query: Query
  ) -> (prediction: Prediction, pullback: (Tensor) -> Tensor) {
    let matrix = coefficients(at: query.steps[0].level).matrix
    return (
      predict(query),
      { v in
        let result = Tensor(v.shape)
        multiply(v, by: matrix, plus: [Double](repeating: 0, count: size), into: result)
        return result
      }
    )
  }

  private func multiply(
    _ x: Tensor, by matrix: DenseMatrix, plus offset: [Double], into result: Tensor
  ) {
    let (values, size) = (matrix.values, size)
    x.withValues { x in
      result.withMutableValues { result in
        for start in stride(from: 0, to: x.count, by: size) {
          for row in 0..<size {
            var sum = offset[row]
            for column in 0..<size {
              sum += values[row * size + column] * Double(x[start + column])
            }
            result[start + row] = Float(sum)
          }
        }
      }
    }
  }

  /// Mean and covariance of the data given A·x.
  func posterior(_ matrix: DenseMatrix, _ measured: [Double]) -> Moments {
    // C·Aᵀ·(A·C·Aᵀ)⁻¹
    let crossed = covariance.times(matrix.transposed)
    let gain = crossed.times(matrix.times(crossed).mapEigenvalues { 1 / $0 })
    let missing = zip(measured, matrix.applied(to: mean)).map { $0 - $1 }
    var result = covariance
    let taken = gain.times(crossed.transposed)
    for i in result.values.indices { result.values[i] -= taken.values[i] }
    return Moments(
      mean: zip(mean, gain.applied(to: missing)).map { $0 + $1 }, covariance: result)
  }
}

/// Mean and covariance of a normal distribution, followed through linear steps in `Double`.
struct Moments {
  var mean: [Double]
  var covariance: DenseMatrix

  /// x ← M·x + c + √v·z.
  mutating func move(_ matrix: DenseMatrix, plus offset: [Double], variance: Double) {
    mean = zip(matrix.applied(to: mean), offset).map { $0 + $1 }
    covariance = matrix.times(covariance).times(matrix.transposed)
    for i in mean.indices { covariance.values[i * mean.count + i] += variance }
  }

  /// Replaces some values by independent ones.
  mutating func replace(_ known: [Bool], by values: [Double], variance: Double) {
    let size = mean.count
    for i in 0..<size {
      if known[i] { mean[i] = values[i] }
      for j in 0..<size where known[i] || known[j] {
        covariance.values[i * size + j] = i == j ? variance : 0
      }
    }
  }
}

extension Moments {
  /// By how many standard errors the moments of samples differ from these at most.
  func deviation(of samples: [Float]) -> Double {
    let size = mean.count
    let count = Double(samples.count / size)
    var (sums, products) = (
      [Double](repeating: 0, count: size), [Double](repeating: 0, count: size * size)
    )
    for start in stride(from: 0, to: samples.count, by: size) {
      let centred = (0..<size).map { Double(samples[start + $0]) - mean[$0] }
      for i in 0..<size {
        sums[i] += centred[i]
        for j in 0...i { products[i * size + j] += centred[i] * centred[j] }
      }
    }
    // Values without any spread of their own still have that of float32.
    func error(_ variance: Double) -> Double { (variance / count).squareRoot() + 1e-6 }
    var worst = 0.0
    for i in 0..<size {
      let own = covariance.values[i * size + i]
      worst = max(worst, abs(sums[i] / count) / error(own))
      for j in 0...i {
        let (expected, other) = (covariance.values[i * size + j], covariance.values[j * size + j])
        let found = products[i * size + j] / count - sums[i] / count * sums[j] / count
        worst = max(worst, abs(found - expected) / error(own * other + expected * expected))
      }
    }
    return worst
  }
}

extension DenseMatrix {
  var transposed: DenseMatrix {
    var result = DenseMatrix(columns, rows)
    for i in 0..<rows {
      for j in 0..<columns { result.values[j * rows + i] = values[i * columns + j] }
    }
    return result
  }

  static func diagonal(_ values: [Double]) -> DenseMatrix {
    var result = DenseMatrix(values.count, values.count)
    for (i, value) in values.enumerated() { result.values[i * values.count + i] = value }
    return result
  }

  /// a·self + b·other.
  func combined(_ a: Double, plus b: Double, _ other: DenseMatrix) -> DenseMatrix {
    DenseMatrix(rows, columns, zip(values, other.values).map { a * $0 + b * $1 })
  }

  func applied(to vector: [Double]) -> [Double] {
    (0..<rows).map { row in
      (0..<columns).reduce(0) { $0 + values[row * columns + $1] * vector[$1] }
    }
  }

  /// The symmetric matrix with other eigenvalues and the same eigenvectors.
  func mapEigenvalues(_ change: (Double) -> Double) -> DenseMatrix {
    let (values, vectors) = symmetricEigen()
    return vectors.transposed.times(Self.diagonal(values.map(change))).times(vectors)
  }
}
