internal import CKernels
internal import COpenBLAS

/// Matrix products, one thread each: the workers are ours.
public enum BLAS {
  /// Told once: products run on the calling thread.
  private static let singleThreaded: Void = openblas_set_num_threads(1)

  /// C ← alpha·op(A)·op(B) + beta·C, row-major, op(A) of (m, k), op(B) of (k, n).
  ///
  /// `lda`, `ldb` and `ldc` are the strides between stored rows.
  static func multiply(
    _ a: UnsafePointer<Float>, lda: Int, transposed ta: Bool = false,
    _ b: UnsafePointer<Float>, ldb: Int, transposed tb: Bool = false,
    into c: UnsafeMutablePointer<Float>, ldc: Int,
    m: Int, n: Int, k: Int, alpha: Float = 1, beta: Float = 0
  ) {
    _ = singleThreaded
    cblas_sgemm(
      CblasRowMajor, ta ? CblasTrans : CblasNoTrans, tb ? CblasTrans : CblasNoTrans,
      Int32(m), Int32(n), Int32(k), alpha, a, Int32(lda), b, Int32(ldb), beta, c, Int32(ldc))
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
