/// The same values in another shape: a sample of (height, width, channels).
public struct Reshape: Layer {
  let height: Int
  let width: Int
  let channels: Int

  /// Reshapes samples to (height, width, channels), which must have as many values.
  public init(_ height: Int, _ width: Int, _ channels: Int) {
    self.height = height
    self.width = width
    self.channels = channels
  }

  public func forward(_ x: Tensor, _ pass: Pass) -> Tensor {
    pass.save(x.shape)
    return x.reshaped(Shape(x.shape.batch, height, width, channels))
  }

  public func backward(_ dy: Tensor, _ pass: Pass) -> Tensor { dy.reshaped(pass.restoreShape()) }
}
