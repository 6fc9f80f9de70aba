/// A method that takes noise out of a single picture, without having learned from others.
public protocol PictureDenoiser: Sendable {
  /// The picture without its noise; both in (height, width, channels) order.
  ///
  /// - Precondition: `picture` is of `shape`, whose batch is 1.
  func denoise(_ picture: [Float], _ shape: Shape) -> [Float]
}

extension PictureDenoiser {
  /// Many pictures one after another, each by itself, in parallel.
  ///
  /// - Precondition: a whole number of pictures of `shape`.
  package func denoise(all pictures: [Float], _ shape: Shape) -> [Float] {
    let size = shape.sampleCount
    let count = rowCount(pictures.count, size)
    return [Float](unsafeUninitializedCapacity: pictures.count) { buffer, initialized in
      // Each task writes the numbers of its own picture only.
      nonisolated(unsafe) let base = buffer.baseAddress
      parallelTasks(count) { index in
        let places = index * size..<(index + 1) * size
        let result = denoise(Array(pictures[places]), shape)
        result.withUnsafeBufferPointer { numbers in
          if let base, let first = numbers.baseAddress {
            (base + places.lowerBound).initialize(from: first, count: size)
          }
        }
      }
      initialized = pictures.count
    }
  }
}
