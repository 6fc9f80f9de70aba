/// A method that removes noise from a single image, without having learned from others.
public protocol ImageDenoiser: Sendable {
  /// The image without its noise; both are in (height, width, channels) order.
  ///
  /// - Precondition: `image` is of `shape`, whose batch is 1.
  func denoise(_ image: [Float], _ shape: Shape) -> [Float]
}

extension ImageDenoiser {
  /// Many images one after another, each by itself, in parallel.
  ///
  /// - Precondition: a whole number of images of `shape`.
  package func denoise(all images: [Float], _ shape: Shape) -> [Float] {
    let size = shape.sampleCount
    let count = rowCount(images.count, size)
    return [Float](unsafeUninitializedCapacity: images.count) { buffer, initialized in
      // Each task writes the numbers of its own image only.
      nonisolated(unsafe) let base = buffer.baseAddress
      parallelTasks(count) { index in
        let places = index * size..<(index + 1) * size
        let result = denoise(Array(images[places]), shape)
        result.withUnsafeBufferPointer { numbers in
          if let base, let first = numbers.baseAddress {
            (base + places.lowerBound).initialize(from: first, count: size)
          }
        }
      }
      initialized = images.count
    }
  }
}
