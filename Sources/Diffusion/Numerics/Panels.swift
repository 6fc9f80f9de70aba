internal import CKernels

/// A (depth, columns) matrix packed in panels of 16 columns, as the right operand of our kernels.
struct Panels {
  let columns: Int
  let depth: Int
  private let level: Int32

  init(columns: Int, depth: Int, level: Int32 = Int32(ConvolutionAlgorithm.level)) {
    self.columns = columns
    self.depth = depth
    self.level = level
  }

  /// Whether products with them are faster than OpenBLAS's here: measured with AVX2 and AVX-512.
  static var areFast: Bool { ck_level(Int32(ConvolutionAlgorithm.level)) >= 3 }

  /// The number of floats they take.
  var count: Int { panelCount * 16 * depth }

  private var panelCount: Int { (columns + 15) / 16 }

  /// Packs a matrix (depth, columns), in parallel.
  func pack(_ b: Matrix, into panels: UnsafeMutablePointer<Float>) {
    parallelFor(panelCount, grain: max(1, 2048 / max(depth, 1))) { range in
      ck_pack_panels(
        panels, b.base, b.rowStep, b.columnStep, depth, columns, range.lowerBound, range.upperBound)
    }
  }

  /// Packs a matrix (depth, columns) on this thread.
  func packHere(_ b: Matrix, into panels: UnsafeMutablePointer<Float>) {
    ck_pack_panels(panels, b.base, b.rowStep, b.columnStep, depth, columns, 0, panelCount)
  }

  /// C ← A·B, or C += A·B, on this thread.
  ///
  /// Where A is transposed, `scratch` holds `rows` · min(`depth`, CK_PRODUCT_DEPTH) floats.
  func multiply(
    _ a: Matrix, _ panels: UnsafePointer<Float>, into c: UnsafeMutablePointer<Float>, stride: Int,
    rows: Int, adds: Bool = false, scratch: UnsafeMutablePointer<Float>? = nil
  ) {
    ck_multiply_panels(
      c, stride, a.base, a.rowStep, a.columnStep, panels, rows, columns, depth, adds ? 0 : 1,
      scratch, level)
  }
}

/// Matrix products small enough for one thread; each packs its own right operand.
struct SmallProducts {
  private let level = Int32(ConvolutionAlgorithm.level)
  private let areFast = Panels.areFast

  /// C ← A·B, or C += A·B, where A is (m, k), B is (k, n) and C is (m, n).
  ///
  /// `scratch` holds ``scratchCount(_:_:_:)`` floats.
  func multiply(
    _ a: Matrix, _ b: Matrix, into c: UnsafeMutablePointer<Float>, stride: Int, m: Int, n: Int,
    k: Int, adds: Bool = false, scratch: UnsafeMutablePointer<Float>
  ) {
    guard areFast else {
      return BLAS.multiply(a, b, into: c, stride: stride, m: m, n: n, k: k, beta: adds ? 1 : 0)
    }
    let panels = Panels(columns: n, depth: k, level: level)
    panels.packHere(b, into: scratch)
    panels.multiply(
      a, scratch, into: c, stride: stride, rows: m, adds: adds, scratch: scratch + panels.count)
  }

  /// Floats for products of at most these sizes.
  static func scratchCount(_ m: Int, _ n: Int, _ k: Int) -> Int { (n + 15) / 16 * 16 * k + m * k }
}
