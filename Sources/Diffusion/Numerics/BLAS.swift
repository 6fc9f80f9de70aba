internal import CKernels
internal import COpenBLAS
internal import Platform

/// Matrix products, one thread each: the library divides the work among its own workers.
package enum BLAS {
  /// The functions of OpenBLAS, found when they are first asked for; all of them run on the calling thread.
  private static let loaded: Result<openblas_calls, MissingLibrary> = {
    var calls = openblas_calls()
    if let reason = openblas_calls_load(&calls) {
      return .failure(
        MissingLibrary(
          description:
            "OpenBLAS cannot be loaded: \(String(cString: reason)); install libopenblas0"))
    }
    calls.set_num_threads(1)
    return .success(calls)
  }()

  /// The same, found with the first product at the latest.
  private static let library: openblas_calls = {
    switch loaded {
    case .success(let calls): calls
    case .failure(let error): fatalError(error.description)
    }
  }()

  /// Loads OpenBLAS; whoever is about to compute calls this first, so that its absence is reported in a
  /// sentence.
  package static func load() throws(MissingLibrary) { _ = try loaded.get() }

  /// C ← A·B + beta·C, where A is (m, k), B is (k, n) and C is (m, n), row by row.
  static func multiply(
    _ a: Matrix, _ b: Matrix, into c: UnsafeMutablePointer<Float>, stride: Int,
    m: Int, n: Int, k: Int, beta: Float = 0
  ) {
    library.sgemm(
      CblasRowMajor, a.isTransposed ? CblasTrans : CblasNoTrans,
      b.isTransposed ? CblasTrans : CblasNoTrans, Int32(m), Int32(n), Int32(k), 1,
      a.base, Int32(a.stride), b.base, Int32(b.stride), beta, c, Int32(stride))
  }

  /// C ← A·B in `Double`, where A is (m, k), B is (k, n) and C is (m, n), row by row without gaps;
  /// what is transposed lies the other way round.
  static func multiply(
    _ a: UnsafePointer<Double>, _ b: UnsafePointer<Double>,
    into c: UnsafeMutablePointer<Double>, m: Int, n: Int, k: Int, transposingA: Bool = false,
    transposingB: Bool = false
  ) {
    library.dgemm(
      CblasRowMajor, transposingA ? CblasTrans : CblasNoTrans,
      transposingB ? CblasTrans : CblasNoTrans, Int32(m), Int32(n), Int32(k), 1, a,
      Int32(transposingA ? m : k), b, Int32(transposingB ? k : n), 0, c, Int32(n))
  }

  /// The eigenvalues of a symmetric matrix of `size` rows, in rising order; `matrix` is overwritten,
  /// by the eigenvectors, row by row, where they are asked for.
  ///
  /// Source: LAPACK's `dsyevd`, divide and conquer.
  static func eigenvalues(
    ofSymmetric matrix: inout [Double], size: Int, withVectors: Bool
  ) -> [Double] {
    precondition(matrix.count == size * size, "\(matrix.count) values of \(size) rows")
    guard size > 0 else { return [] }
    var (job, half) = (CChar(UInt8(ascii: withVectors ? "V" : "N")), CChar(UInt8(ascii: "L")))
    var (n, info) = (Int32(size), Int32(0))
    var values = [Double](repeating: 0, count: size)
    // Enough for both jobs, by LAPACK's manual.
    var (workSize, indexSize) = (Int32(1 + 6 * size + 2 * size * size), Int32(3 + 5 * size))
    var work = [Double](repeating: 0, count: Int(workSize))
    var indices = [Int32](repeating: 0, count: Int(indexSize))
    library.dsyevd(
      &job, &half, &n, &matrix, &n, &values, &work, &workSize, &indices, &indexSize, &info, 1, 1)
    precondition(info == 0, "dsyevd ends with \(info)")
    return values
  }

  /// The kernel set OpenBLAS chose for this processor, such as "SkylakeX" or "Haswell".
  package static var kernelName: String {
    library.get_corename().map { String(cString: $0) } ?? "unknown"
  }

  /// What the environment does to the speed of matrix products, as a sentence, or nil.
  ///
  /// OpenBLAS picks the kernels for the processor by itself unless the environment names others.
  package static var slowdown: String? {
    let name = "OPENBLAS_CORETYPE"
    let fast = ["SkylakeX", "Cooperlake", "SapphireRapids"]
    guard getenv(name) != nil, ck_has_avx512() != 0, !fast.contains(kernelName) else { return nil }
    return "\(name) makes OpenBLAS use the kernels of \(kernelName), which are slower than this "
      + "processor's own; unset it"
  }
}

/// A library that is needed but cannot be loaded, as the sentence the user reads.
public struct MissingLibrary: Error, CustomStringConvertible {
  public let description: String
}

/// A matrix in memory owned elsewhere, row by row.
struct Matrix {
  let base: UnsafePointer<Float>
  /// Floats from one stored row to the next.
  let stride: Int
  private(set) var isTransposed = false

  init(_ base: UnsafePointer<Float>, stride: Int) {
    self.base = base
    self.stride = stride
  }

  var transposed: Matrix {
    var result = self
    result.isTransposed.toggle()
    return result
  }

  /// Floats from a row to the next, and from a column to the next.
  var rowStep: Int { isTransposed ? 1 : stride }
  var columnStep: Int { isTransposed ? stride : 1 }

  /// The matrix without the rows before this one.
  func fromRow(_ row: Int) -> Matrix {
    var result = Matrix(base + row * rowStep, stride: stride)
    result.isTransposed = isTransposed
    return result
  }
}
