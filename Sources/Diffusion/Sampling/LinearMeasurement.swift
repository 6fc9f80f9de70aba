/// What is known of images as a linear function of them, y = A·x.
public protocol LinearMeasurement: Sendable {
  /// A·x of each sample.
  func apply(_ x: Tensor) -> Tensor
  /// Aᵀ·y of each sample.
  func adjoint(_ y: Tensor) -> Tensor
}

/// Means of square blocks: images that are `factor` times smaller.
public struct BlockMeans: LinearMeasurement {
  /// The side of a block.
  public let factor: Int

  /// - Precondition: `factor` is at least 1.
  public init(factor: Int) {
    precondition(factor >= 1, "a block has a side from 1, got \(factor)")
    self.factor = factor
  }

  public func apply(_ x: Tensor) -> Tensor {
    let large = x.shape
    precondition(
      large.height % factor == 0 && large.width % factor == 0, "\(large) has no blocks of \(factor)"
    )
    let y = Tensor(
      Shape(large.batch, large.height / factor, large.width / factor, large.channels))
    forEachValue(of: large) { i, j in
      y.pointer[j] += x.pointer[i] / Float(factor * factor)
    }
    return y
  }

  public func adjoint(_ y: Tensor) -> Tensor {
    let small = y.shape
    let x = Tensor(
      Shape(small.batch, small.height * factor, small.width * factor, small.channels))
    forEachValue(of: x.shape) { i, j in
      x.pointer[i] = y.pointer[j] / Float(factor * factor)
    }
    return x
  }

  /// Calls `body` with the place of each value of large images and that of its block.
  private func forEachValue(of large: Shape, _ body: (_ value: Int, _ block: Int) -> Void) {
    let (height, width) = (large.height / factor, large.width / factor)
    for row in 0..<large.batch * large.height {
      let block = (row / large.height * height + row % large.height / factor) * width
      for column in 0..<large.width {
        for channel in 0..<large.channels {
          body(
            (row * large.width + column) * large.channels + channel,
            (block + column / factor) * large.channels + channel)
        }
      }
    }
  }
}

/// The brightness of colours: grey images.
public struct Brightness: LinearMeasurement {
  /// How much red, green and blue count.
  ///
  /// Source: ITU-R BT.601.
  static let weights: [Float] = [0.299, 0.587, 0.114]

  /// Grey images of images with three channels.
  public init() {}

  public func apply(_ x: Tensor) -> Tensor {
    precondition(x.shape.channels == 3, "brightness is of three channels, got \(x.shape)")
    let y = Tensor(x.shape.with(channels: 1))
    for i in 0..<x.count { y.pointer[i / 3] += Self.weights[i % 3] * x.pointer[i] }
    return y
  }

  public func adjoint(_ y: Tensor) -> Tensor {
    let x = Tensor(y.shape.with(channels: 3))
    for i in 0..<x.count { x.pointer[i] = Self.weights[i % 3] * y.pointer[i / 3] }
    return x
  }
}
