/// What samples are conditioned on.
public struct Condition: Sendable, Hashable {
  /// The class of each sample, repeated if there are fewer than samples; empty for any class.
  public var labels: [Int]
  /// The small image that each sample enlarges, for networks that do; nil for none.
  public var images: SmallImages?

  /// Samples of these classes, by default of any, that enlarge these images, if any.
  public init(labels: [Int] = [], images: SmallImages? = nil) {
    (self.labels, self.images) = (labels, images)
  }

  /// The label of each of `count` samples; empty for any class.
  func labels(for count: Int) -> [Int] {
    labels.isEmpty ? [] : (0..<count).map { labels[$0 % labels.count] }
  }
}

/// Images that samples enlarge.
public struct SmallImages: Sendable, Hashable {
  /// The shape of all of them.
  public let shape: Shape
  /// Their values, in (batch, height, width, channels) order.
  public let values: [Float]

  /// The images of a tensor, (B, h, w, C); they are repeated if there are fewer than samples.
  ///
  /// - Precondition: there is at least one.
  public init(_ images: Tensor) {
    precondition(images.shape.batch > 0, "samples enlarge at least one image")
    (shape, values) = (images.shape, images.values)
  }

  /// One image for each of `count` samples, and the same again for as many more.
  func doubled(_ count: Int) -> SmallImages {
    let once = tensor(for: count) { Tensor($0) }
    return SmallImages(Tensor(joining: once, once))
  }

  /// One image for each of `count` samples, in a tensor that `make` makes.
  func tensor(for count: Int, _ make: (Shape) -> Tensor) -> Tensor {
    let result = make(shape.with(batch: count))
    let size = shape.sampleCount
    result.withMutableValues { numbers in
      for sample in 0..<count {
        let start = sample % shape.batch * size
        for i in 0..<size { numbers[sample * size + i] = values[start + i] }
      }
    }
    return result
  }
}
