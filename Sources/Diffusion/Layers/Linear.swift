internal import CKernels

/// y = x·Wᵀ + b at every position.
///
/// Parameters `weight` (out, in) and `bias` (out), initially uniform on ±1/√in.
public struct Linear: AddingLayer {
  let input: Int
  let output: Int
  let weight: Slot
  let bias: Slot?

  /// Rows a worker multiplies at a time: products of fewer are slower, and more keep fewer workers busy.
  private static let rowsPerTask = 256

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
    let (y, x, w, b) = (result.pointer, x.pointer, pass.weight(weight), bias.map(pass.weight))
    let plus = other?.pointer
    forEachBlock(of: result.shape.positions) { rows in
      let (x, y) = (x + rows.lowerBound * input, y + rows.lowerBound * output)
      let hasStart = ck_start_rows(
        y, b, plus.map { $0 + rows.lowerBound * output }, rows.count, output)
      BLAS.multiply(
        Matrix(x, stride: input), Matrix(w, stride: input).transposed, into: y, stride: output,
        m: rows.count, n: output, k: input, beta: hasStart == 0 ? 0 : 1)
    }
    return result
  }

  public func backward(_ dy: Tensor, _ pass: Pass) -> Tensor {
    let saved = pass.restore()
    defer { extendLifetime(saved) }
    let result = pass.make(saved.shape)
    let rows = dy.shape.positions
    if let db = bias.flatMap(pass.gradient) { pass.addColumnSums(of: dy, to: db) }
    let (dx, x, dy, w) = (result.pointer, saved.pointer, dy.pointer, pass.weight(weight))
    // dx = dy·W
    forEachBlock(of: rows) { rows in
      BLAS.multiply(
        Matrix(dy + rows.lowerBound * output, stride: output), Matrix(w, stride: input),
        into: dx + rows.lowerBound * input, stride: input, m: rows.count, n: input, k: output)
    }
    // dW += dyᵀ·x, cut over the outputs
    if let dw = pass.gradient(weight) {
      forEachPart(ofOutputsFor: rows) { outputs in
        BLAS.multiply(
          Matrix(dy + outputs.lowerBound, stride: output).transposed, Matrix(x, stride: input),
          into: dw + outputs.lowerBound * input, stride: input,
          m: outputs.count, n: input, k: rows, beta: 1)
      }
    }
    return result
  }

  /// Blocks of rows of a fixed size, few enough products that each keeps its weights in the cache; small
  /// batches are shared by workers where there is enough to multiply.
  private func forEachBlock(of rows: Int, _ body: (Range<Int>) -> Void) {
    let isFew = rows <= Self.rowsPerTask && input * output >= 8192
    let size = input * output < 4096 ? 8 * Self.rowsPerTask : isFew ? 64 : Self.rowsPerTask
    let blocks = (rows + size - 1) / size
    parallelTasks(blocks) { index in body(index * size..<min(rows, (index + 1) * size)) }
  }

  /// Parts of the outputs, an even number of multiples of 16 that are as wide as can be: narrow products, and
  /// odd widths, are slower.
  private func forEachPart(ofOutputsFor rows: Int, _ body: (Range<Int>) -> Void) {
    let most = output >= 1024 ? 16 : output >= 512 ? 8 : 4
    let worthwhile = min(most, rows * input * output / 1_000_000)
    let size = worthwhile < 2 ? output : ((output + worthwhile - 1) / worthwhile + 15) / 16 * 16
    parallelTasks((output + size - 1) / size) { index in
      body(index * size..<min(output, (index + 1) * size))
    }
  }
}
