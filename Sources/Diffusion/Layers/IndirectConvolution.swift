internal import CKernels

/// A convolution of any geometry with few taps, without gathering patches.
struct IndirectConvolution {
  private let shape: ck_indirect
  private let panels: Int
  private let panelSize: Int
  private let positions: Int

  /// Whether pointers to so many taps find room.
  static func serves(_ geometry: KernelGeometry) -> Bool { geometry.taps <= Int(CK_INDIRECT_TAPS) }

  /// Whether this beats gathering patches: where there is more than a number or two at each end.
  static func isFast(_ input: Shape, _ output: Shape, _ geometry: KernelGeometry) -> Bool {
    input.channels >= 3 && output.channels >= 3 && !geometry.isPointwise
  }

  init(_ input: Shape, _ output: Shape, _ geometry: KernelGeometry) {
    precondition(Self.serves(geometry), "\(geometry.taps) taps, more than \(CK_INDIRECT_TAPS)")
    shape = ck_indirect(
      geometry: geometry.cGeometry(input, output), batch: output.batch, output: output.channels,
      across_batch: output.height * output.width <= 64 ? 1 : 0,
      level: Int32(ConvolutionAlgorithm.level))
    panels = (output.channels + 15) / 16
    panelSize = 16 * input.channels * geometry.taps
    positions = output.positions
  }

  /// Panels of 16 output channels per task.
  ///
  /// Two adjacent panels are 128 bytes of each row of the weights, a pair of cache lines; four pay off where spacing
  /// leaves few taps to multiply. Few positions are not split: then only panels are shared among workers.
  private var panelsPerTask: Int {
    if positions <= Int(CK_INDIRECT_FEW) { return (panels + 3) / 4 }
    return min(panels, max(1, min(shape.geometry.spacing > 1 ? 4 : 2, panels / 4)))
  }

  /// y = x ∗ kernel + bias.
  func forward(_ x: Tensor, _ kernel: Convolution.Kernel, into y: Tensor, _ pass: Pass) {
    let width = panelsPerTask
    let columns = (panels + width - 1) / width
    let rows = max(1, min(32 / columns, (positions + 191) / 192, positions))
    let (y, x, plus) = (y.pointer, x.pointer, kernel.other?.pointer)
    let channels = shape.geometry.channels
    let packed = positions > Int(CK_INDIRECT_FEW) ? width * panelSize : 0
    pass.parallelTasks(columns * rows, scratch: channels + packed) { task, scratch in
      let (row, column) = (task / columns, task % columns)
      withUnsafePointer(to: shape) { shape in
        ck_convolve_indirect(
          y, x, kernel.weight, kernel.bias, plus, positions * row / rows,
          positions * (row + 1) / rows, column * width, min(panels, (column + 1) * width), scratch,
          shape)
      }
    }
  }
}
