/// An image with 8 bits per channel: rows from the top, grey or RGB.
public struct Image: Sendable, Hashable {
  /// Pixels across.
  public let width: Int
  /// Pixels down.
  public let height: Int
  /// 1 (grey) or 3 (red, green, blue).
  public let channels: Int
  /// height × width × channels bytes.
  public var bytes: [UInt8]

  /// - Precondition: width and height are at least 1, channels are 1 or 3, and the bytes match.
  public init(width: Int, height: Int, channels: Int, bytes: [UInt8]) {
    precondition(
      width > 0 && height > 0 && (channels == 1 || channels == 3),
      "an image expects sides from 1 and 1 or 3 channels, got \(width)×\(height)×\(channels)")
    precondition(
      bytes.count == width * height * channels,
      "\(bytes.count) bytes for an image of \(width)×\(height)×\(channels)")
    self.width = width
    self.height = height
    self.channels = channels
    self.bytes = bytes
  }
}

extension Image {
  /// One sample in (height, width, channels) order; the ends of `range` become 0 and 255.
  ///
  /// With two channels, the first is shown; with four or more, the first three.
  ///
  /// Values outside the range are clipped, and NaN becomes 0.
  public init(sample: [Float], shape: Shape, range: ClosedRange<Float>) {
    let scale = 255 / max(range.upperBound - range.lowerBound, .leastNormalMagnitude)
    let shown = shape.channels < 3 ? 1 : 3
    self.init(
      width: shape.width, height: shape.height, channels: shown,
      bytes: sample.indices.filter { $0 % shape.channels < shown }.map { index in
        let value = sample[index]
        let level = ((value - range.lowerBound) * scale).rounded()
        return level >= 0 ? UInt8(min(level, 255)) : 0
      })
  }
}

/// Arranges images of one size in rows from the top left.
package struct ImageTiling: Sendable, Hashable {
  /// Images a row; by default as near to a square as it goes.
  package var columns: Int?
  /// Points between images, and around them.
  package var gap: Int
  /// Each point of an image becomes a square of this side.
  package var enlargement: Int
  /// The byte between images and in empty places.
  package var background: UInt8

  package init(columns: Int? = nil, gap: Int = 2, enlargement: Int = 1, background: UInt8 = 64) {
    precondition(
      (columns ?? 1) >= 1 && gap >= 0 && enlargement >= 1,
      "a grid expects columns and enlargement from 1 and a gap from 0")
    self.columns = columns
    self.gap = gap
    self.enlargement = enlargement
    self.background = background
  }

  /// One image of all.
  ///
  /// - Precondition: at least one image, and all of the same size.
  package func image(of images: [Image]) -> Image {
    guard let first = images.first else { preconditionFailure("a grid of no images") }
    let channels = first.channels
    let columns = columns ?? Int(Double(images.count).squareRoot().rounded(.up))
    let rows = (images.count + columns - 1) / columns
    let (across, down) = (first.width * enlargement + gap, first.height * enlargement + gap)
    let width = gap + columns * across
    let height = gap + rows * down
    var bytes = [UInt8](repeating: background, count: width * height * channels)
    for (index, image) in images.enumerated() {
      precondition(
        image.width == first.width && image.height == first.height
          && image.channels == channels,
        "image \(index) is \(image.width)×\(image.height), the first is "
          + "\(first.width)×\(first.height)")
      let left = gap + index % columns * across
      let top = gap + index / columns * down
      for y in 0..<image.height * enlargement {
        for x in 0..<image.width * enlargement {
          let source = (y / enlargement * image.width + x / enlargement) * channels
          let target = ((top + y) * width + left + x) * channels
          for c in 0..<channels { bytes[target + c] = image.bytes[source + c] }
        }
      }
    }
    return Image(width: width, height: height, channels: channels, bytes: bytes)
  }
}
