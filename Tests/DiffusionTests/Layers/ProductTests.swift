import CKernels
import Testing

@testable import Diffusion

/// Products with packed matrices, at every level of processors that this machine has, against a plain loop in
/// `Double`.
@Suite("Products with packed matrices")
struct ProductTests {
  /// Rows, columns and depth: whole blocks; remainders in all three; several chunks of depth; single elements.
  static let sizes = [(48, 32, 64), (37, 50, 31), (13, 19, 600), (1, 1, 1), (5, 16, 257)]

  @Test(
    "products agree with a plain loop: either operand transposed, overwriting or adding",
    arguments: sizes, [1, 3, 4])
  func agreesWithPlainLoop(_ size: (Int, Int, Int), _ level: Int) {
    let (m, n, k) = size
    var random = Random(seed: 4)
    let (a, b, start) = (random.normals(m * k), random.normals(k * n), random.normals(m * n))
    for isATransposed in [false, true] {
      for isBTransposed in [false, true] {
        let left = isATransposed ? transposed(a, k) : a
        let right = isBTransposed ? transposed(b, n) : b
        for adds in [false, true] {
          let found = ConvolutionAlgorithm.$level.withValue(level) {
            product(left, isATransposed, right, isBTransposed, start, adds, size)
          }
          for i in 0..<m {
            for j in 0..<n {
              let exact = (0..<k).reduce(adds ? Double(start[i * n + j]) : 0) {
                $0 + Double(a[i * k + $1]) * Double(b[$1 * n + j])
              }
              #expect(abs(Double(found[i * n + j]) - exact) < 2e-6 * Double(k).squareRoot() + 1e-5)
            }
          }
        }
      }
    }
  }

  @Test(
    "a linear layer and its gradients agree with plain sums, for any number of rows",
    arguments: [3, 200, 300, 1_100, 2_500])
  func linear(_ rows: Int) {
    let (input, output) = (96, 80)
    var table = ParameterTable()
    let layer = Linear(input, output, "a", &table)
    var random = Random(seed: 7)
    let (weights, gradients) = (table.makeBlock(), table.makeTrainableBlock())
    let w = random.normals(table.count)
    weights.assign(w)
    let (x, dy) = (random.normals(rows * input), random.normals(rows * output))
    let pass = Pass(.train, table, weights: weights, gradients: gradients)
    let y = layer.forward(Tensor(Shape(1, 1, rows, input), x), pass).values
    let dx = layer.backward(Tensor(Shape(1, 1, rows, output), dy), pass).values
    let dw = gradients.values
    let (wide, tall) = (x.map(Double.init), dy.map(Double.init))
    let matrix = w.map(Double.init)
    var errors = (y: 0.0, dx: 0.0, dw: 0.0)
    for row in 0..<rows {
      for o in 0..<output {
        var exact = matrix[output * input + o]
        for i in 0..<input { exact += wide[row * input + i] * matrix[o * input + i] }
        errors.y = max(errors.y, abs(Double(y[row * output + o]) - exact))
      }
      for i in 0..<input {
        var exact = 0.0
        for o in 0..<output { exact += tall[row * output + o] * matrix[o * input + i] }
        errors.dx = max(errors.dx, abs(Double(dx[row * input + i]) - exact))
      }
    }
    for o in 0..<output {
      for i in 0..<input {
        var exact = 0.0
        for row in 0..<rows { exact += tall[row * output + o] * wide[row * input + i] }
        errors.dw = max(errors.dw, abs(Double(dw[o * input + i]) - exact))
      }
    }
    #expect(errors.y < 1e-4 && errors.dx < 1e-4 && errors.dw < 1e-3, "\(errors)")
  }

  @Test("outside training, a row's bits do not depend on the other rows")
  func bitsDoNotDependOnRows() {
    var table = ParameterTable()
    let layer = Linear(96, 80, "a", &table)
    var random = Random(seed: 8)
    let weights = Weights(random.normals(table.count))
    let x = random.normals(300 * 96)
    let many = layer.forward(
      Tensor(Shape(1, 1, 300, 96), x), Pass(.evaluate, fixed: weights, table))
    let few = layer.forward(
      Tensor(Shape(1, 1, 3, 96), Array(x.prefix(3 * 96))), Pass(.evaluate, fixed: weights, table))
    #expect(Array(many.values.prefix(3 * 80)) == few.values)
  }

  private func transposed(_ values: [Float], _ columns: Int) -> [Float] {
    let rows = values.count / columns
    return (0..<values.count).map { values[$0 % rows * columns + $0 / rows] }
  }

  private func product(
    _ a: [Float], _ isATransposed: Bool, _ b: [Float], _ isBTransposed: Bool, _ start: [Float],
    _ adds: Bool, _ size: (Int, Int, Int)
  ) -> [Float] {
    let (m, n, k) = size
    let shape = Panels(columns: n, depth: k)
    let (left, right) = (tensor(a), tensor(b))
    let (result, panels) = (tensor(start), Tensor(Shape(1, 1, 1, shape.count)))
    let scratch = Tensor(Shape(1, 1, 1, m * Int(CK_PRODUCT_DEPTH)))
    defer { extendLifetime((left, right, panels, scratch)) }
    panels.fill(.nan)
    let leftMatrix = Matrix(left.pointer, stride: isATransposed ? m : k)
    let rightMatrix = Matrix(right.pointer, stride: isBTransposed ? k : n)
    shape.pack(isBTransposed ? rightMatrix.transposed : rightMatrix, into: panels.pointer)
    shape.multiply(
      isATransposed ? leftMatrix.transposed : leftMatrix, panels.pointer, into: result.pointer,
      stride: n, rows: m, adds: adds, scratch: scratch.pointer)
    return result.values
  }

  private func tensor(_ values: [Float]) -> Tensor { Tensor(Shape(1, 1, 1, values.count), values) }
}
