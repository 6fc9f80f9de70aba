/// y = scale·x + shift, with numbers that are not trained.
package struct Affine: Layer {
  let scale: Float
  let shift: Float

  /// y = scale·x + shift.
  package init(scale: Float, shift: Float) {
    self.scale = scale
    self.shift = shift
  }

  package func forward(_ x: Tensor, _ pass: Pass) -> Tensor {
    let result = pass.make(x.shape)
    let (y, x) = (result.pointer, x.pointer)
    parallelFor(result.count, grain: elementwiseGrain) { range in
      for i in range { y[i] = scale * x[i] + shift }
    }
    return result
  }

  package func backward(_ dy: Tensor, _ pass: Pass) -> Tensor {
    let result = pass.make(dy.shape)
    result.assign(scale, dy, plus: 0, dy)
    return result
  }
}
