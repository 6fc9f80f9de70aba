internal import CKernels
internal import COpenBLAS

/// Matrix products, one thread each: the workers are ours.
public enum BLAS {
  /// Told once: products run on the calling thread.
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

  /// The kernel set OpenBLAS chose for this processor, such as "SkylakeX" or "Haswell".
  public static var kernelName: String { String(cString: openblas_get_corename()) }

  /// The value `OPENBLAS_CORETYPE` should have had when the library was loaded, if another.
  ///
  /// OpenBLAS before 0.3.24 does not know newer AVX-512 processors and falls back to kernels half
  /// as fast. The choice is made when the library is loaded, so only a new process can mend it.
  public static var missedKernelName: String? {
    let fallbacks = ["Haswell", "Zen"]
    return ck_has_avx512() != 0 && fallbacks.contains(kernelName) ? "SKYLAKEX" : nil
  }
}

/// A matrix in somebody's memory, row by row.
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
