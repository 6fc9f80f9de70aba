/// Runs a body with one projected condition, which several of its leaves read; their gradients are
/// summed and go back through the projection once.
public struct Conditioned: Layer {
  let projection: any Layer
  let body: Sequential

  /// Layers whose condition is the projection of the outer one.
  public init(_ projection: any Layer, @LayerBuilder _ layers: () -> [any Layer]) {
    self.projection = projection
    body = Sequential(layers)
  }

  public func forward(_ x: Tensor, _ pass: Pass) -> Tensor {
    let outer = pass.requiredCondition
    let inner = projection.run(outer, pass)
    pass.condition = inner
    defer {
      pass.condition = outer
      pass.save(inner.shape)
    }
    return body.run(x, pass)
  }

  public func backward(_ dy: Tensor, _ pass: Pass) -> Tensor {
    let outer = pass.requiredConditionGradient
    let inner = pass.zeros(pass.restoreShape())
    pass.conditionGradient = inner
    let dx = body.runBackward(dy, pass)
    pass.conditionGradient = outer
    outer.assign(outer, plus: projection.runBackward(inner, pass))
    return dx
  }
}
