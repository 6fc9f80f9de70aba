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
        let dx = body.runBackward(dy, pass)
        return sum(dx, shortcut?.runBackward(dy, pass) ?? dy, pass)
      })
  }

  private func joined(_ x: Tensor, _ pass: Pass) -> Tensor {
    let straight = shortcut?.run(x, pass) ?? x
    return sum(straight, body.run(x, pass), pass)
  }
}

/// x + y in a tensor of the pass.
func sum(_ x: Tensor, _ y: Tensor, _ pass: Pass) -> Tensor {
  let out = pass.make(x.shape)
  out.assign(x, plus: y)
  return out
}
