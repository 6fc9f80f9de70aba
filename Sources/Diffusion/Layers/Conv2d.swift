internal import CKernels

/// A two-dimensional convolution with zero padding.
///
/// Parameters `weight` (out, in, height, width) and `bias` (out), initially uniform on ±1/√(in·taps).
/// The weights are stored as (height, width, in, out), a matrix that patches are multiplied by.
public struct Conv2d: AddingLayer {
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

  public func forward(_ x: Tensor, _ pass: Pass) -> Tensor { forward(x, other: nil, pass) }

  func forward(_ x: Tensor, addedTo other: Tensor, _ pass: Pass) -> Tensor {
    forward(x, other: other, pass)
  }

  private func forward(_ x: Tensor, other: Tensor?, _ pass: Pass) -> Tensor {
    precondition(x.shape.channels == input, "Conv2d expects \(input) channels, got \(x.shape)")
    pass.save(x)
    let result = pass.make(geometry.output(of: x.shape, channels: output))
    let kernel = Convolution.Kernel(
      weight: pass.weight(weight), bias: bias.map(pass.weight), slot: weight, other: other)
    Convolution(x.shape, result.shape, geometry).run(x, kernel, into: result, pass)
    return result
  }

  public func backward(_ dy: Tensor, _ pass: Pass) -> Tensor {
    let x = pass.restore()
    if let db = bias.flatMap(pass.gradient) {
      pass.addColumnSums(of: dy, to: db)
    }
    addWeightGradient(dy, x, pass)
    return inputGradient(dy, x.shape, pass)
  }

  /// Adds the gradient of the weights to the pass's, where it computes them.
  package func addWeightGradient(_ dy: Tensor, _ x: Tensor, _ pass: Pass) {
    guard let dw = pass.gradient(weight) else { return }
    Convolution(x.shape, dy.shape, geometry).addWeightGradient(dy, x, to: dw, pass)
  }

  /// The gradient of an input of this shape.
  package func inputGradient(_ dy: Tensor, _ shape: Shape, _ pass: Pass) -> Tensor {
    // dx is dy convolved with the kernel turned round.
    let convolution = Convolution(dy.shape, shape, geometry.transposed)
    guard convolution.isPossible else { return scattered(dy, shape, pass) }
    let result = pass.make(shape)
    let turned = turnedWeight(pass)
    defer { extendLifetime(turned) }
    convolution.run(dy, Convolution.Kernel(weight: turned.pointer), into: result, pass)
    return result
  }

  /// The algorithms of its three parts on an input of this shape, in training.
  package func algorithms(for shape: Shape) -> [ConvolutionAlgorithm] {
    let y = geometry.output(of: shape, channels: output)
    let forward = Convolution(shape, y, geometry)
    let back = Convolution(y, shape, geometry.transposed)
    return [
      forward.algorithm(training: true), back.algorithm(training: true), forward.gradientAlgorithm,
    ]
  }

  /// Whether an algorithm can compute the part of this number in ``algorithms(for:)``.
  package func canUse(_ algorithm: ConvolutionAlgorithm, part: Int, for shape: Shape) -> Bool {
    let y = geometry.output(of: shape, channels: output)
    return switch part {
    case 0: Convolution(shape, y, geometry).canUse(algorithm)
    case 1: Convolution(y, shape, geometry.transposed).canUse(algorithm)
    default: algorithm != .indirect && Convolution(shape, y, geometry).canUse(algorithm)
    }
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

  /// The input gradient by scattering patches (col2im), where no algorithm takes the transposed geometry.
  ///
  /// That is, for kernels of more than 25 taps with a stride above 1 or padding beyond their reach.
  private func scattered(_ dy: Tensor, _ shape: Shape, _ pass: Pass) -> Tensor {
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
