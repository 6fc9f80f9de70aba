internal import CKernels
internal import COpenBLAS
internal import Platform

/// Matrix products, one thread each: the library divides the work among its own workers.
package enum BLAS {
  /// Set once: products run on the calling thread.
  private static let singleThreaded: Void = openblas_set_num_threads(1)

  /// C ← A·B + beta·C, where A is (m, k), B is (k, n) and C is (m, n), row by row.
  static func multiply(
    _ a: Matrix, _ b: Matrix, into c: UnsafeMutablePointer<Float>, stride: Int,
    m: Int, n: Int, k: Int, beta: Float = 0
  ) {
    _ = singleThreaded
    cblas_sgemm(
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
    _ = singleThreaded
    cblas_dgemm(
      CblasRowMajor, transposingA ? CblasTrans : CblasNoTrans,
      transposingB ? CblasTrans : CblasNoTrans, Int32(m), Int32(n), Int32(k), 1, a,
      Int32(transposingA ? m : k), b, Int32(transposingB ? k : n), 0, c, Int32(n))
  }

  /// Calls a routine of LAPACK, whose matrix products then run on the calling thread.
  static func onOneThread(_ body: () -> Void) {
    _ = singleThreaded
    body()
  }

  /// The kernel set OpenBLAS chose for this processor, such as "SkylakeX" or "Haswell".
  package static var kernelName: String { String(cString: openblas_get_corename()) }

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
}
