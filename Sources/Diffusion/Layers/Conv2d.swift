internal import CKernels

/// A two-dimensional convolution with zero padding.
///
/// Parameters `weight` (out, in, kernel, kernel) and `bias` (out), uniform on ±1/√(in·kernel²) at
/// first; the numbers lie as (kernel, kernel, in, out), a matrix that patches are multiplied with.
public struct Conv2d: Layer {
  let input: Int
  let output: Int
  let kernel: Int
  let stride: Int
  let padding: Int
  let weight: Slot
  let bias: Slot

  public init(
    _ input: Int, _ output: Int, kernel: Int = 3, stride: Int = 1, padding: Int? = nil,
    _ name: String, _ table: inout ParameterTable
  ) {
    self.input = input
    self.output = output
    self.kernel = kernel
    self.stride = stride
    self.padding = padding ?? (kernel - 1) / 2
    let bound = 1 / Float(input * kernel * kernel).squareRoot()
    weight = table.add(
      name + ".weight", [output, input, kernel, kernel], layout: .convolution,
      .uniform(bound: bound))
    bias = table.add(name + ".bias", [output], .uniform(bound: bound))
  }

  public func forward(_ x: Tensor, _ pass: Pass) -> Tensor {
    precondition(x.shape.channels == input, "Conv2d expects \(input) channels, got \(x.shape)")
    pass.save(x)
    let result = pass.make(
      Shape(x.shape.batch, side(x.shape.height), side(x.shape.width), output))
    if DirectConvolution.serves(output, kernel: kernel, stride: stride) {
      let direct = DirectConvolution(x.shape, result.shape, kernel: kernel, padding: padding)
      direct.forward(
        direct.padded(x, pass), weight: pass.weight(weight), bias: pass.weight(bias), into: result)
    } else {
      multiplyPatches(x, into: result, pass)
    }
    return result
  }

  public func backward(_ dy: Tensor, _ pass: Pass) -> Tensor {
    let x = pass.restore()
    ck_column_sums(pass.gradient(bias), dy.pointer, dy.shape.positions, output)
    if DirectConvolution.serves(output, kernel: kernel, stride: stride) {
      let direct = DirectConvolution(x.shape, dy.shape, kernel: kernel, padding: padding)
      direct.addWeightGradient(direct.padded(x, pass), dy, to: pass.gradient(weight))
    } else {
      multiplyPatchGradients(dy, x, pass)
    }
    return stride == 1
      ? inputGradientByConvolution(dy, x.shape, pass)
      : inputGradientByScattering(dy, x.shape, pass)
  }

  private var patchLength: Int { kernel * kernel * input }

  private func patches(_ x: Shape, _ y: Shape) -> Patches {
    Patches(x, y, kernel: kernel, stride: stride, padding: padding)
  }

  private func multiplyPatches(_ x: Tensor, into result: Tensor, _ pass: Pass) {
    let patches = patches(x.shape, result.shape)
    let (w, b) = (pass.weight(weight), pass.weight(bias))
    let y = result.pointer
    patches.forEachTile(of: x.pointer, pass) { lines, rows in
      let y = y + lines.lowerBound * patches.positionsPerLine * output
      let count = lines.count * patches.positionsPerLine
      ck_set_rows(y, b, count, output)
      BLAS.multiply(
        Matrix(rows, stride: patchLength), Matrix(w, stride: output),
        into: y, stride: output, m: count, n: output, k: patchLength, beta: 1)
    }
  }

  private func side(_ length: Int) -> Int { (length + 2 * padding - kernel) / stride + 1 }

  /// dW += patchesᵀ·dy, cut over the rows of W: each task gathers its own part of the patches.
  private func multiplyPatchGradients(_ dy: Tensor, _ x: Tensor, _ pass: Pass) {
    let patches = patches(x.shape, dy.shape)
    let (dw, dy) = (pass.gradient(weight), dy.pointer)
    patches.forEachColumnTile(of: x.pointer, pass) { lines, columns, rows in
      let dy = dy + lines.lowerBound * patches.positionsPerLine * output
      BLAS.multiply(
        Matrix(rows, stride: columns.count).transposed, Matrix(dy, stride: output),
        into: dw + columns.lowerBound * output, stride: output,
        m: columns.count, n: output, k: lines.count * patches.positionsPerLine, beta: 1)
    }
  }

  /// dx is dy convolved with the kernel turned round.
  private func inputGradientByConvolution(_ dy: Tensor, _ shape: Shape, _ pass: Pass) -> Tensor {
    let result = pass.make(shape)
    let turned = turnedWeight(pass)
    let padding = kernel - 1 - padding
    if DirectConvolution.serves(input, kernel: kernel, stride: 1) {
      let direct = DirectConvolution(dy.shape, shape, kernel: kernel, padding: padding)
      direct.forward(direct.padded(dy, pass), weight: turned.pointer, bias: nil, into: result)
      return result
    }
    let patches = Patches(dy.shape, shape, kernel: kernel, stride: 1, padding: padding)
    let (dx, w) = (result.pointer, turned.pointer)
    patches.forEachTile(of: dy.pointer, pass) { lines, rows in
      BLAS.multiply(
        Matrix(rows, stride: patches.length), Matrix(w, stride: input),
        into: dx + lines.lowerBound * patches.positionsPerLine * input, stride: input,
        m: lines.count * patches.positionsPerLine, n: input, k: patches.length)
    }
    return result
  }

  /// The weights as a (kernel, kernel, out, in) matrix with the taps in reverse.
  private func turnedWeight(_ pass: Pass) -> Tensor {
    let (taps, size) = (kernel * kernel, input * output)
    let result = pass.make(Shape(1, 1, taps * output, input))
    let (turned, w) = (result.pointer, pass.weight(weight))
    parallelTasks(taps) { tap, _ in
      ck_transpose(turned + (taps - 1 - tap) * size, w + tap * size, input, output)
    }
    return result
  }

  /// dx gathers what each patch's gradient says about its positions.
  private func inputGradientByScattering(
    _ dy: Tensor, _ shape: Shape, _ pass: Pass
  ) -> Tensor {
    let patches = patches(shape, dy.shape)
    let result = pass.zeros(shape)
    let rowsPerSample = dy.shape.height * dy.shape.width
    let scratch = pass.make(Shape(Parallel.threads, 1, rowsPerSample, patches.length))
    let (dx, dy, w, rows) = (result.pointer, dy.pointer, pass.weight(weight), scratch.pointer)
    parallelTasks(shape.batch) { sample, worker in
      let rows = rows + worker * scratch.shape.sampleCount
      BLAS.multiply(
        Matrix(dy + sample * rowsPerSample * output, stride: output),
        Matrix(w, stride: output).transposed, into: rows, stride: patches.length,
        m: rowsPerSample, n: patches.length, k: output)
      patches.scatter(rows, to: dx + sample * shape.sampleCount)
    }
    return result
  }
}
