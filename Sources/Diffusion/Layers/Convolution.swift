internal import CKernels

/// How a convolution is computed; the numbers differ by rounding only.
package enum ConvolutionAlgorithm: String, CaseIterable, Sendable {
  /// Patches are gathered for matrix products: any geometry without spacing or negative padding.
  case patches
  /// A block of positions stays in the registers of AVX-512.
  case direct
  /// Positions of the whole batch read their taps through pointers; the weights are read once.
  case indirect
  /// Winograd's F(4×4, 3×3): tiles of 4×4 outputs with a quarter of the multiplications.
  case winograd
  /// Winograd's F(2×2, 3×3): tiles of 2×2 outputs, which small images fill better, with four ninths
  /// of the multiplications.
  case winograd2

  /// What tests and benchmarks force instead of the choice by shape, wherever it can be used.
  @TaskLocal package static var forced: ConvolutionAlgorithm?
  /// The vectors that tests and benchmarks allow, as for `ck_level`: 4, 3 or 1; 0 for all.
  @TaskLocal package static var level = 0
}

/// One convolution as it is computed: from which shape to which, how, and by which algorithm.
///
/// The choice depends on shapes, on the processor, and on whether transformed weights are kept, but not on the number
/// of threads, so a seed gives the same bits with any number.
struct Convolution {
  let input: Shape
  let output: Shape
  let geometry: KernelGeometry

  /// The weights of `weight`, a matrix of (kernel, kernel, in) rows and (out) columns; `slot` tells whose
  /// they are, where they are the network's own.
  struct Kernel {
    let weight: UnsafePointer<Float>
    var bias: UnsafePointer<Float>?
    var slot: Slot?
    /// What is added to y, in its shape.
    var other: Tensor?
  }

  init(_ input: Shape, _ output: Shape, _ geometry: KernelGeometry) {
    self.input = input
    self.output = output
    self.geometry = geometry
  }

  /// y = x ∗ kernel + bias, and what else is to be added.
  func run(_ x: Tensor, _ kernel: Kernel, into y: Tensor, _ pass: Pass) {
    let keeps = { (winograd: WinogradConvolution) in winograd.isKept(kernel.slot, pass) }
    switch algorithm(training: pass.mode == .train, keeps: keeps) {
    case .patches: multiplyPatches(x, kernel, into: y, pass)
    case .direct:
      let direct = DirectConvolution(input, output, geometry)
      direct.forward(direct.padded(x, pass), kernel, into: y)
    case .indirect: IndirectConvolution(input, output, geometry).forward(x, kernel, into: y, pass)
    case .winograd: winograd(side: 4).forward(x, kernel, into: y, pass)
    case .winograd2: winograd(side: 2).forward(x, kernel, into: y, pass)
    }
  }

  /// Adds the gradient of the weights to `dw`, a matrix like them.
  func addWeightGradient(
    _ dy: Tensor, _ x: Tensor, to dw: UnsafeMutablePointer<Float>, _ pass: Pass
  ) {
    switch gradientAlgorithm {
    case .patches, .indirect: multiplyPatchGradients(dy, x, to: dw, pass)
    case .direct:
      let direct = DirectConvolution(input, output, geometry)
      direct.addWeightGradient(direct.padded(x, pass), dy, to: dw)
    case .winograd: winograd(side: 4).addWeightGradient(dy, x, to: dw, pass)
    case .winograd2: winograd(side: 2).addWeightGradient(dy, x, to: dw, pass)
    }
  }

  private func winograd(side: Int) -> WinogradConvolution {
    WinogradConvolution(input, output, geometry, side: side)
  }
}

// MARK: - The choice

extension Convolution {
  func canUse(_ algorithm: ConvolutionAlgorithm) -> Bool {
    switch algorithm {
    case .patches: geometry.isPlain
    case .direct: geometry.isPlain && DirectConvolution.serves(output.channels, geometry)
    case .indirect: IndirectConvolution.serves(geometry)
    case .winograd, .winograd2:
      geometry.isPlain && WinogradConvolution.serves(input, output, geometry)
    }
  }

  /// Whether any algorithm can compute it.
  var isPossible: Bool { ConvolutionAlgorithm.allCases.contains(where: canUse) }

  /// The algorithm for y.
  ///
  /// In training, the transform of the weights counts, and the batch shares it. Otherwise the batch does
  /// not count, so that a sample is the same bits whatever is drawn beside it, and `keeps` tells whether
  /// transformed weights are kept for the next pass.
  func algorithm(
    training: Bool, keeps: (WinogradConvolution) -> Bool = { _ in false }
  ) -> ConvolutionAlgorithm {
    if let forced = ConvolutionAlgorithm.forced, canUse(forced) { return forced }
    let winograd = cheapestWinograd(training: training) {
      training ? $0.trainingCost : $0.cost(keepsWeights: keeps($0))
    }
    if let winograd { return winograd }
    if canUse(.direct) && !isSmall { return .direct }
    let isIndirect = canUse(.indirect) && IndirectConvolution.isFast(input, output, geometry)
    return isIndirect || !canUse(.patches) ? .indirect : .patches
  }

  /// The algorithm for the gradient of the weights.
  var gradientAlgorithm: ConvolutionAlgorithm {
    if let forced = ConvolutionAlgorithm.forced, forced != .indirect, canUse(forced) {
      return forced
    }
    if let winograd = cheapestWinograd(training: true, \.gradientCost) { return winograd }
    return canUse(.direct) && !isSmall ? .direct : .patches
  }

  /// Whether images have too few positions to fill the direct kernels' register blocks.
  private var isSmall: Bool { output.height * output.width <= 16 }

  /// The cheaper of the two Winograd algorithms, or nil where neither beats the cost without transforms.
  private func cheapestWinograd(
    training: Bool, _ cost: (WinogradConvolution) -> Double
  ) -> ConvolutionAlgorithm? {
    guard canUse(.winograd) else { return nil }
    let (four, two) = (cost(winograd(side: 4)), cost(winograd(side: 2)))
    guard min(four, two) < plainCost(training: training) else { return nil }
    return two < four ? .winograd2 : .winograd
  }

  /// Multiplications without Winograd's transforms.
  private func plainCost(training: Bool) -> Double {
    Double(output.height * output.width * geometry.taps * (training ? output.batch : 1))
      * Double(input.channels * output.channels)
  }
}

// MARK: - Patches

extension Convolution {
  private func multiplyPatches(_ x: Tensor, _ kernel: Kernel, into result: Tensor, _ pass: Pass) {
    let patches = PatchMatrix(input, output, geometry)
    let (y, channels) = (result.pointer, output.channels)
    patches.forEachTile(of: x.pointer, pass) { lines, rows in
      let y = y + lines.lowerBound * patches.positionsPerLine * channels
      let count = lines.count * patches.positionsPerLine
      let plus = kernel.other.map {
        $0.pointer + lines.lowerBound * patches.positionsPerLine * channels
      }
      let hasStart = ck_start_rows(y, kernel.bias, plus, count, channels)
      BLAS.multiply(
        Matrix(rows, stride: patches.length), Matrix(kernel.weight, stride: channels),
        into: y, stride: channels, m: count, n: channels, k: patches.length,
        beta: hasStart == 0 ? 0 : 1)
    }
  }

  /// dW += patchesᵀ·dy, cut over the rows of W: each task gathers its own part of the patches.
  private func multiplyPatchGradients(
    _ dy: Tensor, _ x: Tensor, to dw: UnsafeMutablePointer<Float>, _ pass: Pass
  ) {
    let patches = PatchMatrix(input, output, geometry)
    let (dy, channels) = (dy.pointer, output.channels)
    patches.forEachColumnTile(of: x.pointer, pass) { lines, columns, rows in
      let dy = dy + lines.lowerBound * patches.positionsPerLine * channels
      BLAS.multiply(
        Matrix(rows, stride: columns.count).transposed, Matrix(dy, stride: channels),
        into: dw + columns.lowerBound * channels, stride: channels,
        m: columns.count, n: channels, k: lines.count * patches.positionsPerLine, beta: 1)
    }
  }
}
