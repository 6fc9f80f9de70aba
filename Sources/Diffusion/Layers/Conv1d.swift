/// A convolution along signals, (batch, 1, length, channels), with zero padding.
///
/// Parameters `weight` (out, in, kernel) and `bias` (out), initially uniform on ±1/√(in·kernel).
public struct Conv1d: AddingLayer {
  private let line: Conv2d

  /// By default, the padding keeps the length at stride 1.
  public init(
    _ input: Int, _ output: Int, kernel: Int = 3, stride: Int = 1, padding: Int? = nil,
    bias: Bool = true, _ name: String, _ table: inout ParameterTable
  ) {
    line = Conv2d(
      input, output, .line(kernel, stride: stride, padding: padding), dimensions: [kernel],
      bias: bias,
      name, &table)
  }

  public func forward(_ x: Tensor, _ pass: Pass) -> Tensor {
    precondition(x.shape.height == 1, "Conv1d expects signals of height 1, got \(x.shape)")
    return line.run(x, pass)
  }

  func forward(_ x: Tensor, addedTo other: Tensor, _ pass: Pass) -> Tensor {
    line.run(x, addedTo: other, pass)
  }

  public func backward(_ dy: Tensor, _ pass: Pass) -> Tensor { line.backward(dy, pass) }
}
