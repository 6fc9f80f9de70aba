internal import CKernels

/// The transpose of a convolution: every position of x adds a kernel to y.
///
/// Parameters `weight` (in, out, kernel, kernel) and `bias` (out), uniform on ±1/√(out·kernel²) at
/// first, as PyTorch has it; the numbers lie as (in, kernel, kernel, out).
package struct ConvTranspose2d: Layer {
  let input: Int
  let output: Int
  let geometry: KernelGeometry
  let weight: Slot
  let bias: Slot

  /// A transposed convolution from `input` to `output` channels, its tensors called `name`.weight
  /// and `name`.bias.
  ///
  /// - Precondition: kernel² ≤ 25.
  package init(
    _ input: Int, _ output: Int, kernel: Int = 2, stride: Int = 2, padding: Int = 0,
    _ name: String, _ table: inout ParameterTable
  ) {
    self.input = input
    self.output = output
    geometry = KernelGeometry(kernel, stride: stride, padding: padding)
    precondition(
      IndirectConvolution.serves(geometry),
      "a transposed convolution takes at most 25 taps, got \(geometry.taps)")
    let bound = 1 / Float(output * geometry.taps).squareRoot()
    weight = table.add(
      name + ".weight", [input, output, kernel, kernel], permutation: [0, 2, 3, 1],
      .uniform(bound: bound))
    bias = table.add(name + ".bias", [output], .uniform(bound: bound))
  }

  package func forward(_ x: Tensor, _ pass: Pass) -> Tensor {
    precondition(
      x.shape.channels == input, "ConvTranspose2d expects \(input) channels, got \(x.shape)")
    pass.save(x)
    let shape = Shape(x.shape.batch, side(x.shape.height), side(x.shape.width), output)
    let result = pass.make(shape)
    let turned = turnedWeight(pass)
    defer { extendLifetime(turned) }
    // This is the input gradient of a convolution of this geometry.
    Convolution(x.shape, shape, geometry.transposed).run(
      x, Convolution.Kernel(weight: turned.pointer, bias: pass.weight(bias)), into: result, pass)
    return result
  }

  /// The weights as a (kernel, kernel, in, out) matrix with the taps in reverse.
  private func turnedWeight(_ pass: Pass) -> Tensor {
    let (taps, w) = (geometry.taps, pass.weight(weight))
    return pass.transformedWeight(weight, .turned, count: taps * input * output) { turned in
      parallelTasks(taps) { tap in
        for row in 0..<input {
          (turned + ((taps - 1 - tap) * input + row) * output)
            .update(from: w + (row * taps + tap) * output, count: output)
        }
      }
    }
  }

  package func backward(_ dy: Tensor, _ pass: Pass) -> Tensor {
    let saved = pass.restore()
    let result = pass.make(saved.shape)
    let patches = PatchMatrix(dy.shape, saved.shape, geometry)
    let (dx, w) = (result.pointer, pass.weight(weight))
    patches.forEachTile(of: dy.pointer, pass) { lines, rows in
      let first = lines.lowerBound * patches.positionsPerLine
      BLAS.multiply(
        Matrix(rows, stride: patches.length), Matrix(w, stride: patches.length).transposed,
        into: dx + first * input, stride: input,
        m: lines.count * patches.positionsPerLine, n: input, k: patches.length)
    }
    if let db = pass.gradient(bias) { pass.addColumnSums(of: dy, to: db) }
    if let dw = pass.gradient(weight) { addWeightGradient(patches, of: dy, saved, to: dw, pass) }
    return result
  }

  /// dW += xᵀ·patches, cut over the columns of W.
  private func addWeightGradient(
    _ patches: PatchMatrix, of dy: Tensor, _ x: Tensor, to dw: UnsafeMutablePointer<Float>,
    _ pass: Pass
  ) {
    let x = x.pointer
    patches.forEachColumnTile(of: dy.pointer, pass) { lines, columns, rows in
      let first = lines.lowerBound * patches.positionsPerLine
      BLAS.multiply(
        Matrix(x + first * input, stride: input).transposed, Matrix(rows, stride: columns.count),
        into: dw + columns.lowerBound, stride: patches.length, m: input, n: columns.count,
        k: lines.count * patches.positionsPerLine, beta: 1)
    }
  }

  private func side(_ length: Int) -> Int {
    (length - 1) * geometry.stride - 2 * geometry.top + geometry.height
  }
}
