internal import CKernels

/// A two-dimensional convolution with zero padding.
///
/// Parameters `weight` (out, in, height, width) and `bias` (out), initially uniform on ±1/√(in·taps).
/// The weights are stored as (height, width, in, out), a matrix that patches are multiplied by.
public struct Conv2d: Layer {
  let input: Int
  let output: Int
  let geometry: KernelGeometry
  let weight: Slot
  let bias: Slot?

  /// A square kernel; by default, the padding keeps the image size at stride 1.
  public init(
    _ input: Int, _ output: Int, kernel: Int = 3, stride: Int = 1, padding: Int? = nil,
    bias: Bool = true, _ name: String, _ table: inout ParameterTable
  ) {
    self.init(
      input, output, KernelGeometry(kernel, stride: stride, padding: padding), bias: bias, name,
      &table)
  }

  /// A convolution from `input` to `output` channels, its tensors called `name`.weight and
  /// `name`.bias.
  package init(
    _ input: Int, _ output: Int, _ geometry: KernelGeometry, bias: Bool = true, _ name: String,
    _ table: inout ParameterTable
  ) {
    let dimensions = [geometry.height, geometry.width]
    self.init(input, output, geometry, dimensions: dimensions, bias: bias, name, &table)
  }

  /// `dimensions` are the kernel's in the tensor's shape: two, or one for signals.
  init(
    _ input: Int, _ output: Int, _ geometry: KernelGeometry, dimensions: [Int], bias: Bool,
    _ name: String,
    _ table: inout ParameterTable
  ) {
    self.input = input
    self.output = output
    self.geometry = geometry
    let bound = 1 / Float(input * geometry.taps).squareRoot()
    weight = table.add(
      name + ".weight", [output, input] + dimensions,
      permutation: Array(2..<2 + dimensions.count) + [1, 0],
      .uniform(bound: bound))
    self.bias = bias ? table.add(name + ".bias", [output], .uniform(bound: bound)) : nil
  }

  public func forward(_ x: Tensor, _ pass: Pass) -> Tensor {
    precondition(x.shape.channels == input, "Conv2d expects \(input) channels, got \(x.shape)")
    pass.save(x)
    let result = pass.make(geometry.output(of: x.shape, channels: output))
    if DirectConvolution.serves(output, geometry) {
      let direct = DirectConvolution(x.shape, result.shape, geometry)
      direct.forward(
        direct.padded(x, pass), weight: pass.weight(weight), bias: bias.map(pass.weight),
        into: result)
    } else {
      multiplyPatches(x, into: result, pass)
    }
    return result
  }

  public func backward(_ dy: Tensor, _ pass: Pass) -> Tensor {
    let x = pass.restore()
    if let db = bias.flatMap(pass.gradient) {
      ck_column_sums(db, dy.pointer, dy.shape.positions, output)
    }
    if let dw = pass.gradient(weight) { addWeightGradient(dy, x, to: dw, pass) }
    return geometry.isReversible
      ? inputGradientByConvolution(dy, x.shape, pass)
      : inputGradientByScattering(dy, x.shape, pass)
  }

  private func addWeightGradient(
    _ dy: Tensor, _ x: Tensor, to dw: UnsafeMutablePointer<Float>, _ pass: Pass
  ) {
    if DirectConvolution.serves(output, geometry) {
      let direct = DirectConvolution(x.shape, dy.shape, geometry)
      direct.addWeightGradient(direct.padded(x, pass), dy, to: dw)
    } else {
      multiplyPatchGradients(dy, x, to: dw, pass)
    }
  }

  private var patchLength: Int { geometry.taps * input }

  private func multiplyPatches(_ x: Tensor, into result: Tensor, _ pass: Pass) {
    let patches = PatchMatrix(x.shape, result.shape, geometry)
    let (w, b) = (pass.weight(weight), bias.map(pass.weight))
    let y = result.pointer
    patches.forEachTile(of: x.pointer, pass) { lines, rows in
      let y = y + lines.lowerBound * patches.positionsPerLine * output
      let count = lines.count * patches.positionsPerLine
      if let b { ck_set_rows(y, b, count, output) }
      BLAS.multiply(
        Matrix(rows, stride: patchLength), Matrix(w, stride: output),
        into: y, stride: output, m: count, n: output, k: patchLength, beta: b == nil ? 0 : 1)
    }
  }

  /// dW += patchesᵀ·dy, cut over the rows of W: each task gathers its own part of the patches.
  private func multiplyPatchGradients(
    _ dy: Tensor, _ x: Tensor, to dw: UnsafeMutablePointer<Float>, _ pass: Pass
  ) {
    let patches = PatchMatrix(x.shape, dy.shape, geometry)
    let dy = dy.pointer
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
    defer { extendLifetime(turned) }
    let geometry = geometry.transposed
    if DirectConvolution.serves(input, geometry) {
      let direct = DirectConvolution(dy.shape, shape, geometry)
      direct.forward(direct.padded(dy, pass), weight: turned.pointer, bias: nil, into: result)
      return result
    }
    let patches = PatchMatrix(dy.shape, shape, geometry)
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
    let (taps, size) = (geometry.taps, input * output)
    let result = pass.make(Shape(1, 1, taps * output, input))
    let (turned, w) = (result.pointer, pass.weight(weight))
    parallelTasks(taps) { tap in
      ck_transpose(turned + (taps - 1 - tap) * size, w + tap * size, input, output)
    }
    return result
  }

  /// dx sums, at every position, the gradients of the patches that cover it.
  private func inputGradientByScattering(
    _ dy: Tensor, _ shape: Shape, _ pass: Pass
  ) -> Tensor {
    let patches = PatchMatrix(shape, dy.shape, geometry)
    let result = pass.zeros(shape)
    let rowsPerSample = dy.shape.height * dy.shape.width
    let (dx, dy, w) = (result.pointer, dy.pointer, pass.weight(weight))
    pass.parallelTasks(shape.batch, scratch: rowsPerSample * patches.length) { sample, rows in
      BLAS.multiply(
        Matrix(dy + sample * rowsPerSample * output, stride: output),
        Matrix(w, stride: output).transposed, into: rows, stride: patches.length,
        m: rowsPerSample, n: patches.length, k: output)
      patches.scatter(rows, to: dx + sample * shape.sampleCount)
    }
    return result
  }
}
