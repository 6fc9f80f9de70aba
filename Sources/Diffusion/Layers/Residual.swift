/// y = shortcut(x) + body(x); without a shortcut, x itself is added.
public struct Residual: Layer {
  let shortcut: (any Layer)?
  let body: Sequential

  /// The sum of the layers' output and of x, or of the shortcut's output.
  public init(shortcut: (any Layer)? = nil, @LayerBuilder _ layers: () -> [any Layer]) {
    self.shortcut = shortcut
    body = Sequential(layers)
  }

  public func forward(_ x: Tensor, _ pass: Pass) -> Tensor {
    pass.runBlock(x) { joined($0, pass) }
  }

  public func backward(_ dy: Tensor, _ pass: Pass) -> Tensor {
    pass.runBlockBackward(
      dy, forward: { joined($0, pass) },
      backward: { dy in
        guard let shortcut else { return body.backward(dy, addedTo: dy, pass) }
        let dx = body.runBackward(dy, pass)
        return sum(dx, shortcut.runBackward(dy, pass), pass)
      })
  }

  private func joined(_ x: Tensor, _ pass: Pass) -> Tensor {
    body.forward(x, addedTo: shortcut?.run(x, pass) ?? x, pass)
  }
}

/// A layer that can add its output to another tensor while it writes it, which saves a pass over memory.
protocol AddingLayer: Layer {
  /// other + f(x); `other` has the shape of f(x).
  func forward(_ x: Tensor, addedTo other: Tensor, _ pass: Pass) -> Tensor
}

/// A layer that can add ∂loss/∂x to another tensor while it writes it.
protocol BackwardAddingLayer: Layer {
  /// other + ∂loss/∂x; `other` has the shape of x.
  func backward(_ dy: Tensor, addedTo other: Tensor, _ pass: Pass) -> Tensor
}

extension AddingLayer {
  /// Runs ``forward(_:addedTo:_:)`` of a layer inside another, and records it in the pass's trace.
  func run(_ x: Tensor, addedTo other: Tensor, _ pass: Pass) -> Tensor {
    guard let trace = pass.trace else { return forward(x, addedTo: other, pass) }
    // What the trace keeps is the output of the layer alone.
    return trace.run(
      self, x, alone: { forward(x, pass) }, forward: { forward(x, addedTo: other, pass) })
  }
}

extension Sequential {
  /// other + the output of the layers; the last one adds it where it can.
  func forward(_ x: Tensor, addedTo other: Tensor, _ pass: Pass) -> Tensor {
    guard let last = layers.last as? any AddingLayer else {
      return sum(other, run(x, pass), pass)
    }
    let inner = layers.dropLast().reduce(x) { $1.run($0, pass) }
    return last.run(inner, addedTo: other, pass)
  }

  /// other + ∂loss/∂x; the first layer adds it where it can.
  func backward(_ dy: Tensor, addedTo other: Tensor, _ pass: Pass) -> Tensor {
    guard let first = layers.first as? any BackwardAddingLayer else {
      return sum(runBackward(dy, pass), other, pass)
    }
    let inner = layers.dropFirst().reversed().reduce(dy) { $1.runBackward($0, pass) }
    guard let trace = pass.trace else { return first.backward(inner, addedTo: other, pass) }
    return trace.runBackward(first) { first.backward(inner, addedTo: other, pass) }
  }
}

/// x + y in a tensor of the pass.
func sum(_ x: Tensor, _ y: Tensor, _ pass: Pass) -> Tensor {
  let out = pass.make(x.shape)
  out.assign(x, plus: y)
  return out
}
