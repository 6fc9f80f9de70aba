/// One differentiable stage: y = f(x), together with its backward pass.
///
/// A layer holds only configuration. `forward` takes its output from the pass and saves there what
/// `backward` will need; `backward` restores it, last in, first out. A tensor that was passed in is never
/// modified. Parameter gradients are added to the pass's gradient block, unless the pass only
/// differentiates with respect to x; the gradient of the input is returned.
public protocol Layer: Sendable {
  /// The output f(x), a tensor from the pass.
  func forward(_ x: Tensor, _ pass: Pass) -> Tensor

  /// ∂loss/∂x from ∂loss/∂y, which has the shape of the output that `forward` returned.
  func backward(_ dy: Tensor, _ pass: Pass) -> Tensor
}

extension Layer {
  /// Runs ``forward(_:_:)`` of a layer inside another, and records it in the pass's trace.
  public func run(_ x: Tensor, _ pass: Pass) -> Tensor {
    guard let trace = pass.trace else { return forward(x, pass) }
    return trace.run(self, x) { forward(x, pass) }
  }

  /// Runs ``backward(_:_:)`` of a layer inside another, and times it where the pass's trace does.
  public func runBackward(_ dy: Tensor, _ pass: Pass) -> Tensor {
    guard let trace = pass.trace else { return backward(dy, pass) }
    return trace.runBackward(self) { backward(dy, pass) }
  }
}
