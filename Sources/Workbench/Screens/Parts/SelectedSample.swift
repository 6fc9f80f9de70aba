import Diffusion
import TUI

/// One sample of a frame as large as it goes, with what the network predicts from it, and what of the
/// data it resembles, beside it.
struct SelectedSample {
  let context: DrawingContext
  private let index: Int
  private let x: [Float]
  private let x0: [Float]
  private let shape: Shape
  private let confidence: [Float]
  /// Where on the noise ramp the frame is, from 0 (noise) to 1 (data).
  private let place: Double
  /// The nearest training sample.
  var neighbor: [Float]?
  /// What a sample that is a spectrogram sounds like.
  var waveform: [Float]?
  /// Where the point was in the frames so far, of data that is points.
  var trail: [ScatterPlot.Point] = []
  /// What the sample is: that of the session.
  var format: SampleFormat?

  init(_ index: Int, of frame: Frame, _ context: DrawingContext) {
    self.context = context
    self.index = min(index, frame.shape.batch - 1)
    x = frame.shape.sample(self.index, of: frame.x)
    x0 = frame.shape.sample(self.index, of: frame.x0)
    shape = frame.shape.with(batch: 1)
    confidence =
      frame.confidence.isEmpty ? [] : frame.shape.sample(self.index, of: frame.confidence)
    place = Double(frame.index) / Double(max(frame.frameCount - 1, 1))
    format = context.session.format
  }

  func draw(in area: Rect, _ surface: inout Surface) {
    switch format?.kind ?? .image {
    case .image where format?.sound != nil: drawSpectrogram(in: area, &surface)
    case .image: drawImages(in: area, &surface)
    case .points: drawPoint(in: area, &surface)
    case .signal where format?.sound != nil: drawSound(in: area, &surface)
    case .signal: drawSignal(in: area, &surface)
    case .text: drawText(in: area, &surface)
    }
  }

  // MARK: Sound

  private var soundView: SoundView? {
    guard let sound = format?.sound else { return nil }
    var view = SoundView(sound, span: SampleView.span(of: format), context)
    view.showsAxes = true
    return view
  }

  /// x_t, what is predicted, and the nearest training sample, each as a waveform beside its spectrogram.
  private func drawSound(in area: Rect, _ surface: inout Surface) {
    guard var view = soundView else { return }
    var sounds = [("x_t", x, place), ("predicted x_0", x0, 1)]
    if let neighbor { sounds.append(("data", neighbor, 1)) }
    let shown = sounds.prefix(max(1, min(sounds.count, area.height / 5)))
    let rows = area.rows(Array(repeating: .fraction(1), count: shown.count))
    for ((name, values, place), row) in zip(shown, rows) {
      view.place = place
      view.draw(waveform: values, in: row, &surface)
      surface.put(name, in: row.row(0), alignment: .left, style: Ink.dim.style(in: context.theme))
    }
  }

  /// x_t where there is room, and what is predicted beside what it sounds like.
  private func drawSpectrogram(in area: Rect, _ surface: inout Surface) {
    guard let view = soundView else { return }
    let pictures: [(String, [Float], [Float]?)] = [
      ("x_t", x, nil), ("predicted x_0", x0, waveform),
    ]
    let shown = area.height >= 10 ? pictures : [pictures[1]]
    let rows = area.rows(Array(repeating: .fraction(1), count: shown.count))
    for ((name, values, wave), row) in zip(shown, rows) {
      view.draw(waveform: wave, spectrogram: values, in: row, &surface)
      surface.put(name, in: row.row(0), alignment: .left, style: Ink.dim.style(in: context.theme))
    }
  }

  // MARK: Images

  /// Where the large image and the smaller ones are.
  private struct Places {
    var large: Rect
    var small: Rect
    /// Whether the smaller ones are in a column beside it rather than in a row below.
    var isBeside: Bool
    var scale: ImageScale
    var smallStyle: ImageStyle
  }

  private func drawImages(in area: Rect, _ surface: inout Surface) {
    let range = format?.range ?? -1...1
    func image(_ values: [Float]) -> PixelImage {
      PixelImage(values, sample: 0, shape: shape, range: range)
    }
    var others = [("predicted x_0", image(x0))]
    if let neighbor { others.append(("data", image(neighbor))) }
    let imageSize = Size(shape.width, shape.height)
    let places = places(of: imageSize, others: others.count, in: area)
    draw(
      image(x), "x_t", imageSize, places.scale, context.imageStyle, in: places.large, ink: .accent,
      &surface)
    guard !places.small.isEmpty else { return }
    let cell = ImageScale.actual.cells(imageSize, style: places.smallStyle)
    let isBeside = places.isBeside
    for (place, (name, image)) in others.enumerated() {
      var cells = Rect(
        x: places.small.x, y: places.small.y, width: max(cell.width, 6), height: cell.height + 1)
      if isBeside {
        cells.y += place * (cell.height + 1)
      } else {
        cells.x += place * (cells.width + 1)
      }
      draw(
        image, isBeside && cell.width < 13 && place == 0 ? "x_0" : name, imageSize, .actual,
        places.smallStyle, in: cells, ink: .dim, &surface)
    }
  }

  private func draw(
    _ image: PixelImage, _ name: String, _ imageSize: Size, _ scale: ImageScale,
    _ style: ImageStyle, in area: Rect, ink: Ink, _ surface: inout Surface
  ) {
    let cell = scale.cells(imageSize, style: style)
    let left = area.x + max(0, area.width - cell.width) / 2
    surface.clipped(to: area) { surface in
      ImagePainter(style: style, theme: context.theme).draw(
        image, scale: scale, x: left, y: area.y, on: &surface)
    }
    let row = Rect(x: area.x, y: area.y + cell.height, width: area.width, height: 1)
    guard row.y < area.maxY else { return }
    surface.put(name, in: row, alignment: .center, style: ink.style(in: context.theme))
  }

  /// The largest scale at which the smaller images, pixel for pixel, still fit beside or below.
  ///
  /// They are smaller than the large one, too: by quarters of a cell where it is not enlarged.
  private func places(of imageSize: Size, others: Int, in area: Rect) -> Places {
    let style = context.imageStyle
    var best: Places?
    for smallStyle in [style, style.finer] {
      let cell = ImageScale.actual.cells(imageSize, style: smallStyle)
      let width = max(cell.width, 6)
      let beside = area.columns(.fraction(1), .fixed(width), gap: 2)
      let below = area.rows(.fraction(1), .fixed(cell.height + 1))
      let row = others * (width + 1) - 1
      let centered = below[1].centered(Size(row, cell.height + 1))
      let choices = [
        (beside[0], beside[1], true, others * (cell.height + 1) <= area.height),
        (below[0], centered, false, row <= area.width),
      ]
      for (room, small, isBeside, fits) in choices where fits && room.height > 1 && room.width > 0 {
        let large = Size(room.width, room.height - 1)
        let scale = ImageScale.fitting(imageSize, in: large, style: style)
        let taken = scale.cells(imageSize, style: style)
        guard taken.width * taken.height > cell.width * cell.height || smallStyle != style,
          best.map({ $0.scale < scale }) ?? true
        else { continue }
        // The large image in the middle of what is left, its name below it.
        let height = min(room.height, taken.height + 1)
        let top = Rect(
          x: room.x, y: room.y + (room.height - height) / 2, width: room.width, height: height)
        best = Places(
          large: top, small: small, isBeside: isBeside, scale: scale, smallStyle: smallStyle)
      }
    }
    if let best, best.scale >= .actual { return best }
    let scale = ImageScale.fitting(
      imageSize, in: Size(area.width, max(1, area.height - 1)), style: style)
    return Places(
      large: area, small: .zero, isBeside: false, scale: scale, smallStyle: style)
  }

  // MARK: Points and signals

  private func drawPoint(in area: Rect, _ surface: inout Surface) {
    let rows = area.rows(.fraction(1), .fixed(area.height >= 7 ? 2 : 0))
    let (here, there) = (ScatterPlot.points(x), ScatterPlot.points(x0))
    // The whole way it came stays in view.
    let way = (trail + here + there).flatMap { [Float($0.x), Float($0.y)] }
    let limit = SampleView.reach(of: way, format)
    var plot = ScatterPlot(there + here, xRange: -limit...limit, yRange: -limit...limit)
    plot.background = context.session.dataPoints
    plot.trails = [trail]
    plot.showsAxes = true
    plot.selected = there.count
    let place = place
    plot.trailInk = { .noise($0 * place) }
    plot.ink = { $0 < there.count ? .series(1) : .noise(place) }
    plot.draw(in: rows[0], on: &surface, theme: context.theme)
    KeyValueList([.init("x_t", Self.list(x)), .init("predicted x_0", Self.list(x0))]).draw(
      in: rows[1], on: &surface, theme: context.theme)
  }

  /// The first coordinates of a point, in columns.
  private static func list(_ values: [Float]) -> StyledText {
    let numbers = values.prefix(4).map {
      Numbers.fixed(Double($0), 3).fitted(to: 8, alignment: .right)
    }
    return .init(numbers.joined() + (values.count > 4 ? " …" : ""))
  }

  /// What is there, and below it what the network expects.
  private func drawText(in area: Rect, _ surface: inout Surface) {
    guard let text = format?.text else { return }
    let halves = area.rows(.fraction(1), .fraction(1))
    for (rows, (name, values)) in zip(halves, [("x_t", x), ("predicted x_0", x0)]) {
      surface.put(name, in: rows.row(0), alignment: .left, style: Ink.dim.style(in: context.theme))
      var view = TextView(context: context, format: text, values: values, shape: shape)
      if !confidence.isEmpty { view.confidence = confidence }
      view.draw(in: rows.inset(top: 1), &surface)
    }
  }

  private func drawSignal(in area: Rect, _ surface: inout Surface) {
    let place = place
    var chart = LineChart([
      LineChart.Series(
        "x_0", values: x0.map(Double.init), ink: .series(1), dash: .dashed),
      LineChart.Series("x_t", values: x.map(Double.init), ink: .noise(place)),
    ])
    if let neighbor {
      chart.series.insert(
        LineChart.Series("data", values: neighbor.map(Double.init), ink: .faint), at: 0)
    }
    chart.yRange = SampleView.span(of: format)
    chart.namesCurves = true
    chart.draw(in: area, on: &surface, theme: context.theme)
  }
}
