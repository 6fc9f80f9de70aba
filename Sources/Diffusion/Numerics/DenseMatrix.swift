/// A matrix of `Double`, row by row, for statistics: small products and symmetric eigenproblems.
///
/// Everything runs on the calling thread, so that many can be worked on at a time.
struct DenseMatrix: Sendable, Equatable {
  let rows: Int
  let columns: Int
  /// rows × columns numbers, row by row.
  var values: [Double]

  /// A matrix of `rows × columns` numbers.
  init(_ rows: Int, _ columns: Int, _ values: [Double]) {
    precondition(
      values.count == rows * columns, "\(values.count) numbers for a matrix of \(rows)×\(columns)")
    (self.rows, self.columns, self.values) = (rows, columns, values)
  }

  /// A matrix of zeros.
  init(_ rows: Int, _ columns: Int) {
    self.init(rows, columns, Array(repeating: 0, count: rows * columns))
  }

  /// The sum of the diagonal.
  var trace: Double { (0..<min(rows, columns)).reduce(0) { $0 + values[$1 * columns + $1] } }

  /// self·other.
  func times(_ other: DenseMatrix) -> DenseMatrix {
    precondition(columns == other.rows, "a product of \(rows)×\(columns) and \(other.rows) rows")
    var result = DenseMatrix(rows, other.columns)
    BLAS.multiply(
      values, other.values, into: &result.values, m: rows, n: other.columns, k: columns)
    return result
  }

  /// Eigenvalues in rising order and, row by row, their eigenvectors.
  ///
  /// - Precondition: symmetric and finite.
  func symmetricEigen() -> (values: [Double], vectors: DenseMatrix) {
    var vectors = self
    let values = vectors.eigen(withVectors: true)
    return (values, vectors)
  }

  /// The eigenvalues alone, in rising order, in a fraction of the time.
  ///
  /// - Precondition: symmetric and finite.
  func symmetricEigenvalues() -> [Double] {
    var copy = self
    return copy.eigen(withVectors: false)
  }

  /// Eigenvalues; the matrix is overwritten, by the eigenvectors where they are asked for.
  private mutating func eigen(withVectors: Bool) -> [Double] {
    precondition(columns == rows, "eigenvalues of \(rows)×\(columns)")
    return BLAS.eigenvalues(ofSymmetric: &values, size: rows, withVectors: withVectors)
  }

  /// The symmetric square root; eigenvalues that rounding took below 0 count as 0.
  ///
  /// - Precondition: symmetric, finite, and positive semidefinite but for rounding.
  func symmetricRoot() -> DenseMatrix {
    let (values, vectors) = symmetricEigen()
    // Vᵀ·√λ·V = (λ^¼·V)ᵀ·(λ^¼·V)
    var scaled = vectors
    for row in 0..<rows {
      let factor = max(values[row], 0).squareRoot().squareRoot()
      for column in 0..<columns { scaled.values[row * columns + column] *= factor }
    }
    return scaled.gram()
  }

  /// selfᵀ·self, columns × columns.
  func gram() -> DenseMatrix {
    var result = DenseMatrix(columns, columns)
    BLAS.multiply(
      values, values, into: &result.values, m: columns, n: columns, k: rows, transposingA: true)
    return result
  }
}
