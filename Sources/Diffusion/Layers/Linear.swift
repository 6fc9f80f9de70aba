internal import CKernels

/// y = x·Wᵀ + b at every position.
///
/// Parameters `weight` (out, in) and `bias` (out), initially uniform on ±1/√in.
public struct Linear: AddingLayer {
  let input: Int
  let output: Int
  let weight: Slot
  let bias: Slot?

  /// A map from `input` to `output` channels, with tensors `name`.weight and `name`.bias.
  public init(
    _ input: Int, _ output: Int, bias: Bool = true, _ name: String, _ table: inout ParameterTable
  ) {
    self.input = input
    self.output = output
    let bound = 1 / Float(input).squareRoot()
    weight = table.add(name + ".weight", [output, input], .uniform(bound: bound))
    self.bias = bias ? table.add(name + ".bias", [output], .uniform(bound: bound)) : nil
  }

  public func forward(_ x: Tensor, _ pass: Pass) -> Tensor { forward(x, other: nil, pass) }

  func forward(_ x: Tensor, addedTo other: Tensor, _ pass: Pass) -> Tensor {
    forward(x, other: other, pass)
  }

  private func forward(_ x: Tensor, other: Tensor?, _ pass: Pass) -> Tensor {
    precondition(
      x.shape.channels == input, "Linear expects \(input) channels, got \(x.shape)")
    pass.save(x)
    let result = pass.make(x.shape.with(channels: output))
    let (y, b, plus) = (result.pointer, bias.map(pass.weight), other?.pointer)
    pass.multiplyRows(
      Matrix(x.pointer, stride: input), Matrix(pass.weight(weight), stride: input).transposed,
      slot: weight, into: y, rows: result.shape.positions, columns: output, depth: input
    ) { rows in
      let start = rows.lowerBound * output
      return ck_start_rows(y + start, b, plus.map { $0 + start }, rows.count, output) != 0
    }
    return result
  }

  public func backward(_ dy: Tensor, _ pass: Pass) -> Tensor {
    let saved = pass.restore()
    defer { extendLifetime(saved) }
    let result = pass.make(saved.shape)
    let rows = dy.shape.positions
    if let db = bias.flatMap(pass.gradient) { pass.addColumnSums(of: dy, to: db) }
    // dx = dy·W
    pass.multiplyRows(
      Matrix(dy.pointer, stride: output), Matrix(pass.weight(weight), stride: input),
      into: result.pointer, rows: rows, columns: input, depth: output)
    // dW += dyᵀ·x
    if let dw = pass.gradient(weight) {
      pass.addProductOfTranspose(
        dy.pointer, saved.pointer, to: dw, rows: output, columns: input, depth: rows)
    }
    return result
  }
}
