import Diffusion
import TUI

/// Two frames, sample by sample as far as both have them.
struct FramePair {
  let first: Frame
  let second: Frame

  /// How many samples both have.
  var count: Int { min(first.shape.batch, second.shape.batch) }
  /// The shape of what is between them.
  var shape: Shape { first.shape.with(batch: count) }
  /// How what is between them is measured.
  var measures: SampleMeasures { first.measures }

  /// Numbers of the first frame less those of the second.
  func difference(_ values: (Frame) -> [Float]) -> [Float] {
    let length = shape.count
    return zip(values(first).prefix(length), values(second).prefix(length)).map { $0 - $1 }
  }
}

/// The root of the mean square.
func rootMeanSquare(_ values: [Float]) -> Double {
  let sum = values.reduce(0.0) { $0 + Double($1) * Double($1) }
  return (sum / Double(max(values.count, 1))).squareRoot()
}

extension Frame {
  /// x_t at the size of the data, as networks see it: x/√(α² + σ²), which changes nothing where variance
  /// is preserved; tokens have no size.
  var scaledX: [Float] {
    guard !isOfText else { return x }
    let level = level
    let size = (level.alpha * level.alpha + level.sigma * level.sigma).squareRoot()
    guard abs(size - 1) > 1e-6, size.isFinite, size > 0 else { return x }
    return x.map { $0 / Float(size) }
  }
}

/// What is between two sets of samples, drawn as their data is: images of the distance, points joined by
/// lines, curves of the difference.
struct DifferenceView {
  let context: DrawingContext
  let shape: Shape
  /// The first less the second.
  let difference: [Float]
  /// The two sets themselves.
  let first: [Float]
  let second: [Float]
  var selected: Int?
  var showsAll = false
  /// Half the side of the square in which points are drawn; nil is that of the data.
  var reach: Double?

  /// More lines would hide one another.
  private static let mostLines = 64

  func draw(in area: Rect, _ surface: inout Surface) {
    var view: SampleView
    switch context.session.format?.kind ?? .image {
    case .image:
      view = SampleView(distances, shape: shape, context)
    case .points:
      // From where each point is to where it is in the other.
      view = SampleView(first, shape: shape, context)
      let pairs = zip(ScatterPlot.points(second), ScatterPlot.points(first))
      view.trails = pairs.prefix(Self.mostLines).map { [$0, $1] }
      view.reach = reach
    case .signal:
      view = SampleView(difference, shape: shape, context)
      view.dataset = nil
    case .text:
      // The first, with what is not the same in the second highlighted.
      view = SampleView(first, shape: shape, context)
      guard let text = context.session.format?.text else { break }
      view.before = zip(text.tokens(of: first), text.tokens(of: second)).map {
        $0 == $1 ? $0 : Float(text.mask)
      }
    }
    view.selected = selected
    view.showsAll = showsAll
    view.draw(in: area, &surface)
  }

  /// No difference is the darkest value, half of the range the brightest.
  private var distances: [Float] {
    let range = context.session.format?.range ?? -1...1
    let half = (range.upperBound - range.lowerBound) / 2
    return difference.map { min(abs($0), half) * 2 + range.lowerBound }
  }
}
