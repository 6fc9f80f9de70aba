internal import CKernels

/// A convolution of stride 1 by the direct kernels, for processors that have them.
///
/// `weight` is a matrix of (kernel, kernel, in) rows and (out) columns.
struct DirectConvolution {
  private let input: Shape
  private let output: Shape
  private let kernel: Int
  private let border: Int
  private let shape: ck_convolution

  /// Whether the direct kernels run here and beat the matrix products: vectors of output channels
  /// must be full.
  static func serves(_ output: Int, _ geometry: KernelGeometry) -> Bool {
    isAvailable && output % 16 == 0 && geometry.height > 1
      && geometry == KernelGeometry(geometry.height, padding: geometry.top)
  }

  private static let isAvailable = ck_has_avx512() != 0

  init(_ input: Shape, _ output: Shape, _ geometry: KernelGeometry) {
    self.input = input
    self.output = output
    kernel = geometry.height
    border = geometry.top
    shape = ck_convolution(
      width: output.width, input: input.channels, output: output.channels, kernel: kernel,
      line: (input.width + 2 * border) * input.channels)
  }

  private var paddedCount: Int { (input.height + 2 * border) * shape.line }

  /// The whole batch with a border of zeros.
  func padded(_ x: Tensor, _ pass: Pass) -> Tensor {
    let result = pass.make(
      Shape(input.batch, input.height + 2 * border, input.width + 2 * border, input.channels))
    let (target, source) = (result.pointer, x.pointer)
    parallelTasks(input.batch) { sample in
      ck_pad(
        target + sample * paddedCount, source + sample * input.sampleCount, input.height,
        input.width, input.channels, border)
    }
    return result
  }

  /// y = x ∗ kernel + bias.
  func forward(_ padded: Tensor, _ kernel: Convolution.Kernel, into y: Tensor) {
    let (y, x, plus) = (y.pointer, padded.pointer, kernel.other?.pointer)
    // Whole samples where there are many, else parts of them.
    let parts = output.batch >= 8 ? 1 : min(4, output.height)
    parallelTasks(output.batch * parts) { task in
      let (sample, part) = (task / parts, task % parts)
      let lines = output.height * part / parts..<output.height * (part + 1) / parts
      let start = sample * output.sampleCount + lines.lowerBound * output.width * output.channels
      withUnsafePointer(to: shape) { shape in
        ck_convolve(
          y + start, x + sample * paddedCount + lines.lowerBound * shape.pointee.line,
          kernel.weight, kernel.bias, plus.map { $0 + start }, lines.count, shape)
      }
    }
  }

  /// Adds the gradient of the weight to `dw`, a matrix like it, cut over its rows.
  func addWeightGradient(_ padded: Tensor, _ dy: Tensor, to dw: UnsafeMutablePointer<Float>) {
    let (x, dy) = (padded.pointer, dy.pointer)
    parallelFor(kernel * kernel * input.channels, grain: 36) { range in
      withUnsafePointer(to: shape) { shape in
        for sample in 0..<output.batch {
          ck_convolve_gradient(
            dw, x + sample * paddedCount, dy + sample * output.sampleCount, output.height,
            range.lowerBound, range.upperBound, shape)
        }
      }
    }
  }
}
