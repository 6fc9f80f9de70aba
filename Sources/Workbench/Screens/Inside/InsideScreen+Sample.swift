import Diffusion
import TUI

/// The selected sample at the noise level in view, and the training samples nearest to it.
extension InsideScreen {
  func drawSample(in area: Rect, _ context: DrawingContext, _ surface: inout Surface) {
    let session = context.session
    guard let sample = sample(session) else {
      let inner = frame(.sample, "selected sample", in: area, context, on: &surface)
      return drawWaiting(in: inner, context, &surface)
    }
    let inner = frame(
      .sample, .init(title(of: sample)), info: .init(info(of: sample, session)),
      foot: nearestNote(session), in: area, context, on: &surface)
    switch session.format?.kind ?? .image {
    case .image: drawImages(sample, in: inner, context, &surface)
    case .points: drawPoint(sample, in: inner, context, &surface)
    case .signal: drawSignal(sample, in: inner, context, &surface)
    case .text: drawText(sample, in: inner, context, &surface)
    }
  }

  /// What the network sees, and below it what it expects.
  private func drawText(
    _ sample: NoisedSample, in area: Rect, _ context: DrawingContext, _ surface: inout Surface
  ) {
    guard let format = context.session.format, let text = format.text else { return }
    let halves = area.rows(.fraction(1), .fraction(1))
    let parts = [("x_t", sample.x), ("predicted x_0", estimate(of: sample) ?? [])]
    for (rows, (name, values)) in zip(halves, parts) where values.count == format.shape.sampleCount
    {
      surface.put(name, in: rows.row(0), alignment: .left, style: Ink.dim.style(in: context.theme))
      TextView(context: context, format: text, values: values, shape: format.shape).draw(
        in: rows.inset(top: 1), &surface)
    }
  }

  private func title(of sample: NoisedSample) -> String {
    switch sample.source {
    case .training: "training sample"
    case .generated(_, _, let index): "generated sample \(index + 1) of \(generated.count)"
    }
  }

  private func info(of sample: NoisedSample, _ session: Session) -> String {
    switch sample.source {
    case .training(let index, _):
      let name = session.dataset?.className(of: index).map { "class \(Wording.escaped($0)) · " }
      return (name ?? "") + "number \(Numbers.grouped(index + 1))"
    case .generated:
      return generated.slot == DenoiseScreen.slot ? "from Denoise" : "from the preview"
    }
  }

  /// The newest neighbours, while they are of this data and not of an older choice of another kind.
  private func shownNearest(_ session: Session) -> NearestSamples? {
    nearest.flatMap { $0.key.session == session.number ? $0 : nil }
  }

  private func nearestNote(_ session: Session) -> StyledText {
    // Tokens are numbers only by name: nothing lies between two of them.
    guard let dataset = session.dataset, dataset.kind != .text, let nearest = shownNearest(session),
      let first = nearest.items.first
    else { return "" }
    // The number first, which is not cut where there is little room.
    let distance = "RMS \(Numbers.fixed(first.distance, 3))"
    guard isGenerated(session) else {
      return .init("\(distance) from the nearest other training sample")
    }
    let own = nearest.ownDistance.map { "; RMS \(Numbers.fixed($0, 3)) from that to the next" }
    return .init("\(distance) from the nearest training sample" + (own ?? ""))
  }

  /// The network's estimate for the sample in view, while that is the one that was captured.
  private func estimate(of sample: NoisedSample) -> [Float]? {
    guard let capture, capture.key.source == sample.source, capture.key.step == sample.step else {
      return capture?.x0.count == sample.x.count ? capture?.x0 : nil
    }
    return capture.x0
  }

  // MARK: Images

  /// What the images of a sample's parts depend on.
  struct PartsKey: Equatable {
    var sample: SampleKey
    var capture: LayerCapture.Key?
  }

  /// x_0, x_t, the noise and what is predicted.
  func parts(
    of sample: NoisedSample, _ format: SampleFormat, _ session: Session
  ) -> (names: [String], images: [PixelImage]) {
    let isGenerated = isGenerated(session)
    let estimate = isGenerated ? sample.x0 : estimate(of: sample)
    let names =
      (isGenerated ? [] : ["x_0"]) + ["x_t", "noise"] + (estimate == nil ? [] : ["predicted x_0"])
    let key = PartsKey(
      sample: .init(session: session.number, source: sample.source, step: sample.step),
      capture: capture?.key)
    let images = partImages.value(for: key) {
      let middle = (format.range.lowerBound + format.range.upperBound) / 2
      let half = (format.range.upperBound - format.range.lowerBound) / 2
      // Noise of 2.5 reaches the ends of the range.
      let noise = sample.noise.map { middle + $0 / 2.5 * half }
      let values =
        (isGenerated ? [] : [sample.x0]) + [sample.shown, noise] + [estimate].compactMap(\.self)
      return values.map {
        PixelImage($0, sample: 0, shape: format.shape, range: format.range)
      }
    }
    return (names, images)
  }

  private func drawImages(
    _ sample: NoisedSample, in inner: Rect, _ context: DrawingContext, _ surface: inout Surface
  ) {
    guard let format = context.session.format else { return }
    let parts = parts(of: sample, format, context.session)
    let areas = sampleAreas(
      in: inner, of: Size(format.shape.width, format.shape.height), style: context.imageStyle)
    var grid = TUI.ImageGrid(parts.images, style: context.imageStyle)
    grid.labels = parts.names
    grid.atLeast = parts.images.count
    // Narrow images have short names.
    if (grid.layout(in: areas.parts)?.cell.width ?? 0) < 13 {
      grid.labels = grid.labels.map { $0 == "predicted x_0" ? "pred." : $0 }
    }
    grid.draw(in: areas.parts, on: &surface, theme: context.theme)
    guard !areas.nearest.isEmpty else { return }
    nearestGrid(in: areas.nearest, context)?.draw(
      in: areas.nearest, on: &surface, theme: context.theme)
  }

  /// The parts of the noised sample above, its neighbours below where there is room.
  func sampleAreas(
    in inner: Rect, of size: Size, style: ImageStyle
  ) -> (parts: Rect, nearest: Rect) {
    guard inner.height >= 10 else { return (inner, .zero) }
    let half = inner.rows(.fraction(1), .fraction(1))
    // Four rows and the names are enough for the neighbours where the parts need more than half.
    let whole = ImageScale.actual.cells(size, style: style).height + 1
    guard half[0].height < whole, inner.height - whole >= 5 else { return (half[0], half[1]) }
    let rows = inner.rows(.fixed(whole), .fraction(1))
    return (rows[0], rows[1])
  }

  /// The nearest training samples, with their classes where there is room; nil while there are none.
  func nearestGrid(in area: Rect, _ context: DrawingContext) -> TUI.ImageGrid? {
    guard let dataset = context.session.dataset, let nearest = shownNearest(context.session),
      dataset.kind == .image
    else { return nil }
    let images = nearestImages.value(for: nearest.key) {
      nearest.items.map { item in
        PixelImage(
          dataset.sample(at: item.index), sample: 0, shape: dataset.shape, range: dataset.range)
      }
    }
    var grid = TUI.ImageGrid(images, style: context.imageStyle)
    grid.atLeast = focus.isZoomed ? 8 : 4
    let distances = nearest.items.map { Numbers.fixed($0.distance, 3) }
    grid.labels = distances
    guard let layout = grid.layout(in: area), layout.cell.width >= 12 else { return grid }
    grid.labels = zip(nearest.items, distances).map { item, distance in
      (dataset.className(of: item.index).map { "\(Wording.escaped($0)) · " } ?? "") + distance
    }
    return grid
  }

  // MARK: Points and signals

  private func drawPoint(
    _ sample: NoisedSample, in inner: Rect, _ context: DrawingContext, _ surface: inout Surface
  ) {
    let rows = inner.rows(.fraction(1), .fixed(inner.height >= 9 && !showsField ? 3 : 0))
    let estimate = isGenerated(context.session) ? sample.x0 : estimate(of: sample) ?? sample.x0
    let nearest = shownNearest(context.session)?.items.prefix(5) ?? []
    let neighbors = nearest.compactMap { item in
      context.session.dataset.map { ScatterPlot.points($0.sample(at: item.index))[0] }
    }
    let ends = [sample.x0, estimate, sample.x].flatMap { ScatterPlot.points($0).prefix(1) }
    let reached = showsField ? sample.x : ends.flatMap { [Float($0.x), Float($0.y)] }
    let limit = SampleView.reach(of: reached, context.session.format)
    var plot = ScatterPlot(neighbors + ends, xRange: -limit...limit, yRange: -limit...limit)
    plot.background = context.session.dataPoints
    if showsField, let field, field.key.step == sample.step {
      plot.arrows = field.field.arrows
      plot.shade = { field.field.density(at: $0) }
    }
    // From the clean point to the noised one, and to where the network believes it came from.
    plot.trails = [[ends[2], ends[1]]]
    plot.showsAxes = true
    plot.selected = plot.points.count - 1
    let count = neighbors.count
    plot.ink = { $0 < count ? .series(1) : $0 == count ? .noise(1) : .accent }
    plot.draw(in: rows[0], on: &surface, theme: context.theme)
    func text(_ values: [Float]) -> StyledText {
      .init(
        values.prefix(2).map { Numbers.fixed(Double($0), 3).fitted(to: 8, alignment: .right) }
          .joined())
    }
    let clean: [KeyValueList.Item] =
      isGenerated(context.session) ? [] : [.init("x_0", text(sample.x0))]
    KeyValueList(clean + [.init("x_t", text(sample.x)), .init("predicted x_0", text(estimate))])
      .draw(in: rows[1].inset(columns: 1), on: &surface, theme: context.theme)
  }

  private func drawSignal(
    _ sample: NoisedSample, in inner: Rect, _ context: DrawingContext, _ surface: inout Surface
  ) {
    func curve(
      _ name: String, _ values: [Float], _ ink: Ink, _ dash: Dash = .solid
    ) -> LineChart.Series {
      LineChart.Series(name, values: values.map(Double.init), ink: ink, dash: dash)
    }
    let steps = steps(context.session)
    let share = Double(levelPlace(context.session)) / Double(max(steps.count - 1, 1))
    var series = [curve("x_t", sample.shown, .noise(share))]
    if isGenerated(context.session) {
      series.insert(curve("predicted x_0", sample.x0, .series(1), .dashed), at: 0)
    } else {
      series.insert(curve("x_0", sample.x0, .dim), at: 0)
      if let estimate = estimate(of: sample) {
        series.append(curve("predicted x_0", estimate, .series(1), .dashed))
      }
    }
    if let first = shownNearest(context.session)?.items.first,
      let dataset = context.session.dataset
    {
      series.insert(curve("nearest", dataset.sample(at: first.index), .faint), at: 0)
    }
    var chart = LineChart(series)
    chart.yRange = SampleView.span(of: context.session.format)
    chart.namesCurves = true
    chart.draw(in: inner, on: &surface, theme: context.theme)
  }

  // MARK: The noise level

  func drawLevel(in area: Rect, _ context: DrawingContext, _ surface: inout Surface) {
    let session = context.session
    let (steps, place) = (steps(session), levelPlace(session))
    let symbol = isPlaying ? "▶" : "‖"
    let source = isGenerated(session) ? "frames of the trajectory" : "levels of the schedule"
    let step = steps.indices.contains(place) ? steps[place] : nil
    let inner = frame(
      .level, .init(session.measures.levelName),
      info: .init(step.map { levelText($0, session.measures, area.width) } ?? ""),
      foot: .init("\(symbol) \(source)"), in: area, context, on: &surface)
    timeline(session).draw(
      in: inner.row(inner.height - 1), on: &surface, theme: context.theme)
    guard inner.height >= 3, let level = step?.level else { return }
    var text =
      session.format?.maskedText != nil
      ? "\(Numbers.fixed(100 * level.sigma, 1)) % of the positions are masked"
      : "x_t = \(Numbers.fixed(level.alpha, 3)) · x_0 + \(Numbers.short(level.sigma, significant: 3)) · ε"
    if level.sigma == 0 {
      let what = session.measures.isText ? "nothing is masked" : "no noise is left"
      text += "   \(what): the network is not evaluated"
    }
    surface.put(
      text, in: inner.row(0).inset(left: 1), alignment: .left,
      style: Ink.dim.style(in: context.theme))
  }

  func timeline(_ session: Session) -> Timeline {
    let last = Double(max(steps(session).count - 1, 1))
    return Timeline(Double(levelPlace(session)) / last)
  }

  private func levelText(_ step: NoiseStep, _ measures: SampleMeasures, _ width: Int) -> String {
    let parts = measures.parts(step)
    let texts = (1...parts.count).reversed().map { parts.prefix($0).joined(separator: " · ") }
    return texts.first { $0.columnCount + 18 <= width } ?? parts[0]
  }

  func drawSelection(in area: Rect, _ context: DrawingContext, _ surface: inout Surface) {
    let inner = frame(
      .selection, "selection", foot: advice(on: .selection, context), in: area, context,
      on: &surface)
    drawForm(of: .selection, labelWidth: 8, valueWidth: 12, in: inner, context, on: &surface)
  }
}
