/// Draws samples of any kind into one image: images side by side, points as a scatter plot,
/// signals as curves, text as a row of shades.
public struct SampleRenderer {
  /// The format of the samples.
  public let format: SampleFormat
  /// The number of samples per row, for samples drawn side by side; nil for a grid that is about square.
  public var columns: Int?
  /// Each point of an image becomes a square of this side.
  public var enlargement: Int
  /// The side of a scatter plot, and the width of a curve, in points; curves are half as high.
  package var plotSide = 512
  /// Points between samples.
  package var gap = 2
  /// The byte between samples.
  package var background: UInt8 = 64

  /// A renderer for samples of this format.
  public init(_ format: SampleFormat, enlargement: Int = 1) {
    self.format = format
    self.enlargement = enlargement
  }

  private var range: ClosedRange<Float> { format.range }

  /// Draws samples, each in (height, width, channels) order, into one image.
  ///
  /// - Precondition: there is at least one sample, and each has the format's shape.
  public func render(_ samples: [[Float]]) -> Image {
    switch format.kind {
    case .image, .text:
      grid(samples.map { Image(sample: $0, shape: format.shape, range: range) }, enlargement)
    case .points: scatter(samples)
    case .signal: grid(samples.map { curve($0) }, 1)
    }
  }

  private func grid(_ images: [Image], _ enlargement: Int) -> Image {
    ImageTiling(columns: columns, gap: gap, enlargement: enlargement, background: background)
      .image(of: images)
  }

  /// All points in one square, with some room beyond the data's range.
  private func scatter(_ samples: [[Float]]) -> Image {
    var plot = Canvas(width: plotSide, height: plotSide)
    let middle = (range.lowerBound + range.upperBound) / 2
    let half = max((range.upperBound - range.lowerBound) / 2 * 1.2, .leastNormalMagnitude)
    for sample in samples where sample.count >= 2 {
      plot.dot(
        x: Double((sample[0] - middle) / half + 1) / 2,
        y: Double((sample[1] - middle) / half + 1) / 2, radius: plotSide / 200)
    }
    return plot.image
  }

  private func curve(_ sample: [Float]) -> Image {
    var plot = Canvas(width: plotSide, height: plotSide / 2)
    let span = max(range.upperBound - range.lowerBound, .leastNormalMagnitude)
    var previous: (x: Double, y: Double)?
    for (index, value) in sample.enumerated() {
      let point = (
        x: Double(index) / Double(max(sample.count - 1, 1)),
        // The range takes 80 % of the height, so that noise beyond it still shows.
        y: Double((value - range.lowerBound) / span) * 0.8 + 0.1
      )
      if let previous { plot.line(from: previous, to: point) }
      previous = point
    }
    return plot.image
  }
}

/// A grey image to draw in, black to begin with; places lie in 0…1, y upwards.
private struct Canvas {
  private(set) var image: Image

  init(width: Int, height: Int) {
    image = Image(
      width: width, height: height, channels: 1,
      bytes: [UInt8](repeating: 0, count: width * height))
  }

  private mutating func set(_ column: Int, _ row: Int) {
    guard (0..<image.width).contains(column), (0..<image.height).contains(row) else { return }
    image.bytes[row * image.width + column] = 255
  }

  /// A filled square around a place; nothing where it is outside.
  mutating func dot(x: Double, y: Double, radius: Int) {
    guard x.isFinite, y.isFinite, abs(x) < 2, abs(y) < 2 else { return }
    let column = Int((x * Double(image.width)).rounded(.down))
    let row = Int(((1 - y) * Double(image.height)).rounded(.down))
    for across in -radius...radius {
      for down in -radius...radius { set(column + across, row + down) }
    }
  }

  mutating func line(from start: (x: Double, y: Double), to end: (x: Double, y: Double)) {
    guard start.y.isFinite, end.y.isFinite, abs(start.y) < 10, abs(end.y) < 10 else { return }
    let steps = max(
      abs(end.x - start.x) * Double(image.width), abs(end.y - start.y) * Double(image.height),
      1)
    for step in 0...Int(steps) {
      let share = Double(step) / steps
      dot(
        x: start.x + (end.x - start.x) * share, y: start.y + (end.y - start.y) * share,
        radius: image.width / 500)
    }
  }
}
