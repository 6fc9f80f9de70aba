import Diffusion
import TUI

/// Samples as their data is drawn: points as a scatter plot, signals as curves, pictures as
/// pictures.
struct SampleView {
  private let context: DrawingContext
  private let values: [Float]
  private let shape: Shape
  /// Whether the samples may lie far outside the data's range.
  private let isNoisy: Bool
  /// What the samples are, and the data they are compared with: those of the session.
  var format: SampleFormat?
  var dataset: Dataset?
  private var pictures: [PixelImage]?
  /// One mark under each picture.
  var labels: [String] = []
  var selected: Int?
  /// Earlier places of each point, oldest first.
  var trails: [[ScatterPlot.Point]] = []

  /// `context` says what the samples are and how they are drawn.
  init(_ values: [Float], shape: Shape, isNoisy: Bool, _ context: DrawingContext) {
    self.context = context
    self.values = values
    self.shape = shape
    self.isNoisy = isNoisy
    (format, dataset) = (context.session.format, context.session.dataset)
  }

  private var kind: Dataset.Kind { format?.kind ?? .image }
  private var range: ClosedRange<Float> { format?.range ?? -1...1 }

  func draw(in area: Rect, _ surface: inout Surface) {
    switch kind {
    case .image: grid(in: area).draw(in: area, on: &surface, theme: context.theme)
    case .points: drawPoints(in: area, &surface)
    case .signal: drawSignals(in: area, &surface)
    }
  }

  /// What a frame's pictures depend on.
  struct PictureKey: Equatable {
    var request: Int
    var frame: Int
  }

  typealias Pictures = Memo<PictureKey, [PixelImage]>

  /// Takes the pictures of a frame from `memo`, which makes them once.
  mutating func usePictures(of memo: Pictures, _ request: Int, _ frame: Frame) {
    guard kind == .image else { return }
    pictures = memo.value(for: PictureKey(request: request, frame: frame.index)) { makePictures() }
  }

  private func makePictures() -> [PixelImage] {
    // What lies outside the data's range is cut off.
    (0..<shape.batch).map { PixelImage(values, sample: $0, shape: shape, range: range) }
  }

  /// The samples as pictures, for drawing and for the mouse.
  func grid(in area: Rect) -> TUI.ImageGrid {
    var grid = TUI.ImageGrid(pictures ?? makePictures(), style: context.pictures)
    grid.selected = selected
    grid.labels = labels
    // Where there is little room, few whole pictures say more than many small ones.
    grid.atLeast = area.width < 56 ? 4 : 8
    return grid
  }

  private func drawPoints(in area: Rect, _ surface: inout Surface) {
    let points = ScatterPlot.points(values)
    let half = Double(max(abs(range.lowerBound), abs(range.upperBound))) * 1.15
    let reach = isNoisy ? points.map { max(abs($0.x), abs($0.y)) }.filter(\.isFinite).max() ?? 0 : 0
    let limit = max(half, min(reach * 1.05, half * 1000))
    var plot = ScatterPlot(points, xRange: -limit...limit, yRange: -limit...limit)
    plot.background = dataset == nil ? [] : context.session.dataPoints
    plot.trails = trails
    plot.selected = selected
    plot.ink = { _ in .noise(1) }
    plot.draw(in: area, on: &surface, theme: context.theme)
  }

  private func drawSignals(in area: Rect, _ surface: inout Surface) {
    let clean = dataset.map { $0.sample(at: 0).map(Double.init) } ?? []
    let span = Double(range.upperBound - range.lowerBound)
    let limits = Double(range.lowerBound) - 0.4 * span...Double(range.upperBound) + 0.4 * span
    let count = min(shape.batch, max(1, area.height / 5) * (area.width >= 60 ? 2 : 1))
    let columns = count > 1 && area.width >= 60 ? 2 : 1
    let lines = (count + columns - 1) / columns
    let rows = area.rows(Array(repeating: .fraction(1), count: lines))
    for index in 0..<count {
      let row = rows[index / columns].columns(
        Array(repeating: .fraction(1), count: columns), gap: 1)
      let signal = shape.sample(index, of: values).map(Double.init)
      SignalPlot(signal, over: clean, range: limits, ink: .noise(1)).draw(
        in: row[index % columns], on: &surface, theme: context.theme)
    }
  }
}

extension PixelImage {
  /// A sample of (height, width, channels) numbers; what lies outside `range` is cut off.
  init(_ values: [Float], sample: Int, shape: Shape, range: ClosedRange<Float>) {
    self.init(Picture(sample: shape.sample(sample, of: values), shape: shape, range: range))
  }
}

extension ScatterPlot {
  /// The points whose coordinates follow one another.
  static func points(_ values: [Float]) -> [Point] {
    stride(from: 0, to: values.count - 1, by: 2).map {
      Point(Double(values[$0]), Double(values[$0 + 1]))
    }
  }
}
