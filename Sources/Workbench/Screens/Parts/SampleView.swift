import Diffusion
import TUI

/// Samples as their data is drawn: points as a scatter plot, signals as curves, images as
/// images, sounds as curves with their spectrograms, text as text.
struct SampleView {
  private let context: DrawingContext
  private let values: [Float]
  private let shape: Shape
  /// What the samples are, and the data they are compared with: those of the session.
  var format: SampleFormat?
  var dataset: Dataset?
  private var images: [PixelImage]?
  /// One mark under each image.
  var labels: [String] = []
  var selected: Int?
  /// Earlier places of each point, oldest first.
  var trails: [[ScatterPlot.Point]] = []
  /// Half the side of the square in which points are drawn; nil is that of the data.
  var reach: Double?
  /// Where on the noise ramp the samples are, from 0 (noise) to 1 (data).
  var place = 1.0
  /// Arrows over the plane of points, and how dark each place of it is, from 0 to 1.
  var arrows: [ScatterPlot.Arrow] = []
  var shade: ((ScatterPlot.Point) -> Double)?
  /// Whether numbers stand beside points.
  var showsAxes = true
  /// Of text, how sure the network was of each token, and the tokens in the frame before.
  var confidence: [Float] = []
  var before: [Float] = []
  /// Whether signals are drawn over one another.
  var isOverlaid = false
  /// Whether all samples are to be seen, however small.
  var showsAll = false

  /// `context` says what the samples are and how they are drawn.
  init(_ values: [Float], shape: Shape, _ context: DrawingContext) {
    self.context = context
    self.values = values
    self.shape = shape
    (format, dataset) = (context.session.format, context.session.dataset)
  }

  /// Of text: brighter the more confident the network was, highlighted where the frame before was still
  /// masked.
  mutating func colour(by frame: Frame, after previous: Frame? = nil) {
    guard format?.text != nil else { return }
    confidence = frame.confidence
    before = previous?.x ?? []
  }

  private var kind: Dataset.Kind { format?.kind ?? .image }
  private var range: ClosedRange<Float> { format?.range ?? -1...1 }

  func draw(in area: Rect, _ surface: inout Surface) {
    switch kind {
    case .image: grid(in: area).draw(in: area, on: &surface, theme: context.theme)
    case .points: drawPoints(in: area, &surface)
    case .signal where isOverlaid: drawOverlaid(in: area, &surface)
    case .signal:
      if let sound = format?.sound {
        drawSounds(sound, in: area, &surface)
      } else {
        drawSignals(in: area, &surface)
      }
    case .text: text?.draw(in: area, &surface)
    }
  }

  /// What a frame's images depend on.
  struct ImageKey: Equatable {
    var request: Int
    var frame: Int
    /// What of the frame they are of.
    var variant: String
  }

  typealias Images = Memo<ImageKey, [PixelImage]>

  /// Takes the images of a frame from `memo`, which makes them once.
  mutating func useImages(
    of memo: Images, _ request: Int, _ frame: Frame, variant: String = ""
  ) {
    guard kind == .image else { return }
    let key = ImageKey(request: request, frame: frame.index, variant: variant)
    images = memo.value(for: key) { makeImages() }
  }

  private func makeImages() -> [PixelImage] {
    // What lies outside the data's range is cut off.
    (0..<shape.batch).map { PixelImage(values, sample: $0, shape: shape, range: range) }
  }

  /// The samples as images, for drawing and for the mouse.
  func grid(in area: Rect) -> TUI.ImageGrid {
    var grid = TUI.ImageGrid(images ?? makeImages(), style: context.imageStyle)
    grid.selected = selected
    grid.labels = labels
    // Where there is little room, few whole images say more than many small ones.
    grid.atLeast = showsAll ? shape.batch : area.width * area.height < 1000 ? 3 : 8
    return grid
  }

  /// The samples as text; nil where they are none.
  var text: TextView? {
    format?.text.map {
      var view = TextView(context: context, format: $0, values: values, shape: shape)
      if !confidence.isEmpty { view.confidence = confidence }
      (view.before, view.selected) = (before, selected)
      return view
    }
  }

  /// How many of the samples there is room for, where not for all.
  func note(in area: Rect) -> StyledText {
    if let text { return text.note(in: area) }
    guard kind == .image, shape.batch > 0, let layout = grid(in: area).layout(in: area),
      layout.shown < shape.batch
    else { return "" }
    return "\(layout.first + 1)–\(layout.first + layout.shown) of \(shape.batch)"
  }

  /// Half the side of the square that holds the data.
  static func reach(of format: SampleFormat?) -> Double {
    let range = format?.range ?? -1...1
    return Double(max(abs(range.lowerBound), abs(range.upperBound))) * 1.15
  }

  /// Half the side of the square that holds the data and these points, however far they are.
  static func reach(of values: [Float], _ format: SampleFormat?) -> Double {
    let data = reach(of: format)
    let farthest = values.lazy.filter(\.isFinite).map { Double(abs($0)) }.max() ?? 0
    return min(max(data, farthest * 1.05), data * 1000)
  }

  private func drawPoints(in area: Rect, _ surface: inout Surface) {
    let limit = reach ?? Self.reach(of: format)
    var plot = ScatterPlot(
      ScatterPlot.points(values), xRange: -limit...limit, yRange: -limit...limit)
    plot.background = dataset == nil ? [] : context.session.dataPoints
    plot.trails = trails
    plot.arrows = arrows
    plot.shade = shade
    plot.showsAxes = showsAxes
    plot.selected = selected
    let place = place
    plot.ink = { _ in .noise(place) }
    plot.trailInk = { .noise($0 * place) }
    plot.draw(in: area, on: &surface, theme: context.theme)
  }

  /// The values between which signals are drawn.
  static func span(of format: SampleFormat?) -> ClosedRange<Double> {
    let range = format?.range ?? -1...1
    let span = Double(range.upperBound - range.lowerBound)
    // Sound that is louder than full scale is cut off when it is heard.
    let margin = (format?.sound == nil ? 0.4 : 0.02) * span
    return Double(range.lowerBound) - margin...Double(range.upperBound) + margin
  }

  private func drawSignals(in area: Rect, _ surface: inout Surface) {
    let clean = dataset.map { $0.sample(at: 0).map(Double.init) } ?? []
    drawCells(
      across: max(1, min(4, area.width / 30)), down: max(1, area.height / (showsAll ? 3 : 5)),
      in: area, &surface
    ) { index, cells, surface in
      let signal = shape.sample(index, of: values).map(Double.init)
      SignalPlot(signal, over: clean, range: Self.span(of: format), ink: .noise(place)).draw(
        in: cells, on: &surface, theme: context.theme)
    }
  }

  private func drawSounds(_ sound: SoundFormat, in area: Rect, _ surface: inout Surface) {
    var view = SoundView(sound, span: Self.span(of: format), context)
    view.place = place
    drawCells(
      across: max(1, min(3, area.width / 60)), down: max(1, area.height / (showsAll ? 4 : 6)),
      in: area, &surface
    ) { index, cells, surface in
      view.draw(waveform: shape.sample(index, of: values), in: cells, &surface)
    }
  }

  /// As many samples as there is room for, the selected one among them, with their numbers.
  private func drawCells(
    across: Int, down: Int, in area: Rect, _ surface: inout Surface,
    _ draw: (Int, Rect, inout Surface) -> Void
  ) {
    let count = min(shape.batch, across * down)
    let columns = min(across, count)
    let lines = (count + columns - 1) / columns
    let rows = area.rows(Array(repeating: .fraction(1), count: lines))
    // The selected one is always on the page.
    let first = min((selected ?? 0) / count * count, shape.batch - count)
    for place in 0..<count {
      let index = first + place
      let row = rows[place / columns].columns(
        Array(repeating: .fraction(1), count: columns), gap: 1)
      var cells = row[place % columns]
      if let selected {
        drawNumber(of: index, isSelected: index == selected, in: cells, &surface)
        cells = cells.inset(left: 4)
      }
      draw(index, cells, &surface)
    }
  }

  /// All signals in one chart, the selected one on top.
  private func drawOverlaid(in area: Rect, _ surface: inout Surface) {
    let shown = min(shape.batch, 64)
    let order = (0..<shown).filter { $0 != selected } + (selected.map { [$0] } ?? [])
    var chart = LineChart(
      order.map { index in
        let signal = shape.sample(index, of: values).map(Double.init)
        let ink: Ink = index == selected ? .accent : .noise(place)
        return LineChart.Series("", values: signal, ink: ink)
      })
    chart.yRange = Self.span(of: format)
    chart.xName = "position"
    chart.draw(in: area, on: &surface, theme: context.theme)
  }

  private func drawNumber(
    of index: Int, isSelected: Bool, in area: Rect, _ surface: inout Surface
  ) {
    let number = "\(index + 1)".fitted(to: 3, alignment: .right)
    let ink: Ink = isSelected ? .accent : .dim
    surface.put(
      number, in: area.row(0), alignment: .left, style: ink.style(in: context.theme))
    guard isSelected else { return }
    for y in area.y..<area.maxY {
      surface.put("▌", x: area.x + 3, y: y, style: ink.style(in: context.theme))
    }
  }
}

extension PixelImage {
  /// A sample of (height, width, channels) numbers; what lies outside `range` is cut off.
  init(_ values: [Float], sample: Int, shape: Shape, range: ClosedRange<Float>) {
    self.init(Image(sample: shape.sample(sample, of: values), shape: shape, range: range))
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
