internal import CKernels

/// A 3×3 convolution of stride 1 by Winograd's F(side×side, 3×3), where the side is 4 or 2.
struct WinogradConvolution {
  private let shape: ck_winograd
  /// The matrix products that a convolution becomes.
  private let frequencies: Int
  /// Tiles of all samples together, and of one.
  private let tiles: Int
  private let tilesPerSample: Int

  /// Whether the geometry is the right one, and vectors of channels are full.
  static func serves(_ input: Shape, _ output: Shape, _ geometry: KernelGeometry) -> Bool {
    geometry.height == 3 && geometry.width == 3 && geometry.stride == 1 && geometry.dilation == 1
      && input.channels % 16 == 0 && output.channels % 16 == 0 && output.positions > 0
  }

  init(_ input: Shape, _ output: Shape, _ geometry: KernelGeometry, side: Int) {
    shape = ck_winograd(
      height: input.height, width: input.width, input: input.channels,
      out_height: output.height, out_width: output.width, output: output.channels,
      pad_top: geometry.top, pad_left: geometry.left, side: Int32(side),
      level: Int32(ConvolutionAlgorithm.level))
    frequencies = (side + 2) * (side + 2)
    tilesPerSample = (output.height + side - 1) / side * ((output.width + side - 1) / side)
    tiles = output.batch * tilesPerSample
  }

  private var form: TransformedWeights.Form { .tiles(side: Int(shape.side)) }
  private var weightCount: Int { frequencies * distance(shape.input * shape.output) }
}

// MARK: - What it costs

extension WinogradConvolution {
  /// What a transform of one number costs in multiplications, as measured (Benchmarks/README.md).
  private static let transformCost = ck_has_avx512() != 0 ? 18.0 : 12.0

  /// The cost of y in a training step, in multiplications; the weights are transformed once.
  var trainingCost: Double { tileCost * Double(tiles) + weightCost(25, 60) }

  /// The cost of y for one sample outside training, in multiplications.
  ///
  /// Transformed weights that exceed the cache cost more than their multiplications, so with few tiles Winograd is
  /// ruled out.
  func cost(keepsWeights: Bool) -> Double {
    guard shape.input * shape.output <= 32_768 * tilesPerSample else { return .infinity }
    return tileCost * Double(tilesPerSample) + (keepsWeights ? 0 : weightCost(25, 60))
  }

  /// Whether the transformed weights of this slot are kept.
  func isKept(_ slot: Slot?, _ pass: Pass) -> Bool { pass.keeps(slot, form, count: weightCount) }

  /// The cost of the gradient of the weights.
  var gradientCost: Double { tileCost * Double(tiles) + weightCost(20, 35) }

  private var tileCost: Double {
    let transforms = Self.transformCost * Double(shape.input + shape.output)
    return Double(frequencies) * (Double(shape.input * shape.output) + transforms)
  }

  /// The cost of transforming all weights, given the cost of each within the cache and beyond it.
  private func weightCost(_ cached: Double, _ beyond: Double) -> Double {
    Double(frequencies * shape.input * shape.output)
      * (weightCount <= 4_194_304 ? cached : beyond)
  }
}

// MARK: - Forward

extension WinogradConvolution {
  /// y = x ∗ kernel + bias.
  func forward(_ x: Tensor, _ kernel: Convolution.Kernel, into y: Tensor, _ pass: Pass) {
    let transformed = pass.transformedWeight(
      kernel.slot, form, count: weightCount
    ) { u in
      parallelFor(shape.output / 16, grain: max(1, 512 / shape.input)) { panels in
        withUnsafePointer(to: shape) {
          ck_winograd_weights(u, kernel.weight, panels.lowerBound, panels.upperBound, $0)
        }
      }
    }
    let (block, panels) = (tilesPerTask, shape.output / 16)
    let blocks = (tiles + block - 1) / block
    // Few tiles are shared by workers that take some of the channels each.
    let parts = blocks >= 4 ? 1 : min(panels, 4 / blocks)
    let (y, x, u, plus) = (y.pointer, x.pointer, transformed.pointer, kernel.other?.pointer)
    let size = shape.input + frequencies * (distance(block * shape.input) + distance(block * 16))
    pass.parallelTasks(blocks * parts, scratch: size) { task, scratch in
      let (first, part) = (task / parts * block, task % parts)
      withUnsafePointer(to: shape) { shape in
        ck_winograd_convolve(
          y, x, u, kernel.bias, plus, first, min(tiles, first + block), panels * part / parts,
          panels * (part + 1) / parts, scratch, shape)
      }
    }
    extendLifetime(transformed)
  }

  /// Tiles whose transforms stay in the second-level cache: whole blocks of the products.
  private var tilesPerTask: Int {
    let transforms = shape.input <= 256 ? 864 : 432
    let rows = Int(ck_block_rows(shape.level))
    let most = transforms / frequencies / rows * rows
    let share = (tiles + 7) / 8
    return max(rows, min(most, (share + rows - 1) / rows * rows))
  }

  private func distance(_ count: Int) -> Int { count + 16 }
}

// MARK: - The gradient of the weights

extension WinogradConvolution {
  /// Adds the gradient of the weights to `dw`, a matrix like them.
  ///
  /// The tiles are transformed chunk by chunk; between chunks, the sums of each frequency belong to one
  /// task, so that they do not depend on the number of workers.
  func addWeightGradient(
    _ dy: Tensor, _ x: Tensor, to dw: UnsafeMutablePointer<Float>, _ pass: Pass
  ) {
    let (input, output) = (shape.input, shape.output)
    let chunk = min(tiles, max(32, min(512, 1_048_576 / (frequencies * (input + output)))))
    let panel = chunk * 16
    let (vDistance, dDistance) = (distance(chunk * input), distance(output / 16 * panel))
    let zeroCount = max(input, output)
    let sums = pass.workspace(weightCount)
    let buffer = pass.workspace(zeroCount + frequencies * (vDistance + dDistance))
    let (x, dy, du, zeros) = (x.pointer, dy.pointer, sums.pointer, buffer.pointer)
    let (v, d) = (zeros + zeroCount, zeros + zeroCount + frequencies * vDistance)
    zeros.update(repeating: 0, count: zeroCount)
    withUnsafePointer(to: shape) { shape in
      for start in stride(from: 0, to: tiles, by: chunk) {
        let count = min(chunk, tiles - start)
        parallelFor(count, grain: 8) { range in
          let (first, last) = (start + range.lowerBound, start + range.upperBound)
          ck_winograd_input(
            v + range.lowerBound * input, vDistance, x, zeros, first, last, shape)
          ck_winograd_gradient(
            d + range.lowerBound * 16, dDistance, panel, dy, zeros, first, last, shape)
        }
        parallelTasks(frequencies) { frequency in
          ck_winograd_multiply(
            du + frequency * distance(input * output), v + frequency * vDistance,
            d + frequency * dDistance,
            panel, count, start == 0 ? 1 : 0, shape)
        }
      }
      parallelFor(input, grain: max(1, 8192 / output)) { rows in
        ck_winograd_collect(dw, du, rows.lowerBound, rows.upperBound, shape)
      }
    }
    extendLifetime((sums, buffer))
  }
}
