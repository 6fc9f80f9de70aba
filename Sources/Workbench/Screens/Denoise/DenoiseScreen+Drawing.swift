import Diffusion
import TUI

extension DenoiseScreen {
  func layout(in body: Rect) -> [PlacedPanel<Panel>] {
    guard !Self.isSmall(body) else { return smallLayout(in: body) }
    // The samples come first: three rows of 14 pixels at 120×40.
    let isTall = body.height >= 48
    let rows = body.rows(.fraction(1), .fixed(isTall ? 7 : 5), .fixed(isTall ? 13 : 7))
    let pictures = rows[0].columns(.fraction(0.5), .fraction(0.5))
    let low = rows[2].columns(.fraction(0.32), .fraction(0.38), .fraction(0.3))
    return [
      (.samples, pictures[0]), (.predictions, pictures[1]), (.timeline, rows[1]),
      (.sampler, low[0]), (.selected, low[1]), (.noise, low[2]),
    ]
  }

  private func smallLayout(in body: Rect) -> [PlacedPanel<Panel>] {
    let rows = body.rows(.fraction(1), .fixed(body.height >= 18 ? 5 : 3))
    let pictures = rows[0].columns(.fraction(0.5), .fraction(0.5))
    let shown: [Panel] = [.sampler, .selected, .noise]
    let right: Panel = shown.contains(focus.panel) ? focus.panel : .predictions
    return [(.samples, pictures[0]), (right, pictures[1]), (.timeline, rows[1])]
  }

  func narrowLayout(in body: Rect) -> [PlacedPanel<Panel>] {
    // The way from noise to data stays in sight under the samples.
    guard [.samples, .timeline].contains(focus.panel), body.height >= 8 else {
      return [(focus.panel, body)]
    }
    let rows = body.rows(.fraction(1), .fixed(3))
    return [(.samples, rows[0]), (.timeline, rows[1])]
  }

  func draw(
    _ panel: Panel, in area: Rect, _ context: DrawingContext, on surface: inout Surface
  ) {
    switch panel {
    case .samples: drawNoisySamples(in: area, context, &surface)
    case .predictions: drawPredictions(in: area, context, &surface)
    case .timeline: drawTimeline(in: area, context, &surface)
    case .sampler: drawSampler(in: area, context, &surface)
    case .selected: drawSelected(in: area, context, &surface)
    case .noise: drawNoise(in: area, context, &surface)
    }
  }

  private func drawNoisySamples(
    in area: Rect, _ context: DrawingContext, _ surface: inout Surface
  ) {
    let inner = frame(
      .samples, "x_t", info: .init(weightsText(context.session)), in: area, context,
      on: &surface)
    guard let frame else { return drawNothingYet(in: inner, context, &surface) }
    var view = SampleView(frame.x, shape: frame.shape, isNoisy: true, context)
    view.usePictures(of: noisyPictures, requestNumber, frame)
    view.selected = selected
    view.trails = shownTrails
    view.draw(in: inner, &surface)
  }

  private func drawPredictions(
    in area: Rect, _ context: DrawingContext, _ surface: inout Surface
  ) {
    if let kept = comparison, let compared = kept.frame {
      let setting =
        "\(kept.sampling.sampler.name) \(kept.sampling.steps) · \(kept.schedule.name)"
      let inner = frame(
        .predictions, "x_t for comparison", info: .init(setting), in: area, context,
        on: &surface)
      SampleView(compared.x, shape: compared.shape, isNoisy: true, context).draw(
        in: inner, &surface)
      return
    }
    let outside =
      frame.map { "\(Numbers.fixed($0.outOfRangeFraction * 100, 0)) % out of range" } ?? ""
    let inner = frame(
      .predictions, "predicted x_0", info: .init(outside), in: area, context, on: &surface)
    guard let frame else { return drawNothingYet(in: inner, context, &surface) }
    var view = SampleView(frame.x0, shape: frame.shape, isNoisy: false, context)
    view.usePictures(of: predictedPictures, requestNumber, frame)
    view.selected = selected
    view.draw(in: inner, &surface)
  }

  private func drawNothingYet(
    in area: Rect, _ context: DrawingContext, _ surface: inout Surface
  ) {
    let waits = context.session.wantsSamples || requestNumber > 0
    let text = problem ?? (waits ? "drawing the first samples" : "no samples yet – press s")
    Text.placeholder(StyledText(text, problem == nil ? nil : .error)).draw(
      in: area, on: &surface, theme: context.theme)
  }

  /// The trajectories of some points from noise to the frame in view.
  private var shownTrails: [[ScatterPlot.Point]] {
    guard let frame, !trails.isEmpty else { return [] }
    // A few show how points move; all of them would hide the points.
    let stride = max(1, frame.shape.batch / 12)
    return (0..<frame.shape.batch).filter { $0 % stride == 0 }.map { sample in
      trails.prefix(frame.index + 1).map { $0[sample] }
    }
  }

  private func drawTimeline(in area: Rect, _ context: DrawingContext, _ surface: inout Surface) {
    var info: StyledText = ""
    if let frame {
      info = .init(place(of: frame))
    }
    let symbol = isPlaying ? "▶" : "‖"
    let change = frame.map { "  RMS change \(Numbers.short($0.rmsChange))" } ?? ""
    let asked = context.session.sampling.sampler.value.evaluations(steps: max(frameCount - 1, 1))
    let isKnown = frame != nil && area.width >= 60
    let cost = isKnown ? "  " + Wording.count(asked, "network evaluation") : ""
    let foot = StyledText("\(symbol) \(Numbers.fixed(speed, 0)) frames/s" + change + cost)
    let inner = frame(
      .timeline, "timeline", info: info, foot: foot, in: area, context, on: &surface)
    timeline.draw(in: inner, on: &surface, theme: context.theme)
  }

  var timeline: Timeline {
    let last = Double(max(frameCount - 1, 1))
    var timeline = Timeline(
      Double(frameIndex) / last,
      available: Double(max(recording.count - 1, 0)) / last,
      curve: recording.changes.dropFirst() + [])
    if let comparison, let frame = comparison.frame {
      timeline.other = Double(frame.index) / Double(max(comparison.recording.count - 1, 1))
    }
    return timeline
  }

  /// Frame, timestep, noise and signal of a frame, at fixed widths.
  private func place(of frame: Frame) -> String {
    let number = Numbers.grouped(frame.index).fitted(
      to: Numbers.grouped(frame.frameCount - 1).count, alignment: .right)
    let t = frame.timestep < 0 ? "–" : Numbers.fixed(frame.timestep, 0)
    return
      "frame \(number) / \(Numbers.grouped(frame.frameCount - 1)) · t \(t.fitted(to: 4, alignment: .right))"
      + " · σ/α \(Numbers.short(frame.level.sigmaOverAlpha).fitted(to: 7, alignment: .right))"
      + " · SNR \(Numbers.fixed(frame.level.snrDecibels, 1).fitted(to: 6, alignment: .right)) dB"
  }

  private func drawSampler(in area: Rect, _ context: DrawingContext, _ surface: inout Surface) {
    let session = context.session
    let fields = self.fields(of: .sampler, session).count
    let advice = self.advice(on: .sampler, context)
    let room = TUI.Panel.inner(area)
    let lines = Text([advice]).wrapped(to: max(room.width - 2, 1))
    // Where it fits beneath the fields it is not cut.
    let isBeneath = room.height > fields + lines.count
    let inner = frame(
      .sampler, "sampler", info: .init(session.samplingSchedule.name),
      foot: isBeneath ? "" : advice, in: area, context, on: &surface)
    drawForm(
      of: .sampler, labelWidth: 8, valueWidth: 11, in: inner, context, on: &surface)
    if isBeneath {
      Text(lines, ink: .dim).draw(
        in: inner.inset(columns: 1).inset(top: fields + 1), on: &surface, theme: context.theme)
    }
  }

  private func drawSelected(in area: Rect, _ context: DrawingContext, _ surface: inout Surface) {
    guard let frame else {
      _ = self.frame(.selected, "selected sample", in: area, context, on: &surface)
      return
    }
    let index = min(selected, frame.shape.batch - 1)
    let inner = self.frame(
      .selected, "selected sample", info: "\(index + 1) of \(frame.shape.batch)", in: area,
      context, on: &surface)
    let x = frame.shape.sample(index, of: frame.x)
    let x0 = frame.shape.sample(index, of: frame.x0)
    guard let format = context.session.format, format.kind == .image else {
      return drawCoordinates(x, x0, in: inner, context, &surface)
    }
    let key = NeighborKey(request: requestNumber, frame: frame.index, sample: index)
    let neighbor = self.neighbor.value(for: key) { context.session.nearest(to: x0) }
    var pictures = [x, x0]
    var labels = ["x_t", "x_0"]
    if let neighbor, let dataset = context.session.dataset {
      pictures.append(dataset.sample(at: neighbor.index))
      labels.append("data")
    }
    let shape = frame.shape.with(batch: 1)
    var grid = TUI.ImageGrid(
      pictures.map { PixelImage($0, sample: 0, shape: shape, range: format.range) },
      style: context.pictures)
    grid.labels = labels
    grid.atLeast = pictures.count
    let rows = inner.rows(.fraction(1), .fixed(neighbor == nil ? 0 : 1))
    grid.draw(in: rows[0], on: &surface, theme: context.theme)
    if let neighbor, let dataset = context.session.dataset {
      let label = dataset.labels.map { dataset.classNames[$0[neighbor.index]] } ?? "–"
      let distance = neighbor.distance / Double(x0.count).squareRoot()
      Text(
        ["nearest training image: \(label), RMS \(Numbers.fixed(distance, 3))"], ink: .dim,
        alignment: .center
      ).draw(in: rows[1], on: &surface, theme: context.theme)
    }
  }

  private func drawCoordinates(
    _ x: [Float], _ x0: [Float], in area: Rect, _ context: DrawingContext,
    _ surface: inout Surface
  ) {
    func list(_ values: [Float]) -> String {
      values.prefix(4).map { Numbers.fixed(Double($0), 3).fitted(to: 8, alignment: .right) }
        .joined()
        + (values.count > 4 ? " …" : "")
    }
    KeyValueList([
      .init("x_t", .init(list(x))), .init("x_0", .init(list(x0))),
    ]).draw(in: area, on: &surface, theme: context.theme)
  }

  private func drawNoise(in area: Rect, _ context: DrawingContext, _ surface: inout Surface) {
    let inner = frame(.noise, "noise", info: "σ/α over frames", in: area, context, on: &surface)
    noiseChart.draw(in: inner, on: &surface, theme: context.theme)
  }

  var noiseChart: LineChart {
    let levels = recording.levels.map { $0.sigmaOverAlpha > 0 ? $0.sigmaOverAlpha : .nan }
    let top = levels.first { $0.isFinite } ?? 1
    var chart = LineChart([
      LineChart.Series(
        "σ/α", values: levels, ink: .series(0),
        inkAt: { .noise($0 / Double(max(levels.count - 1, 1))) })
    ])
    chart.yScale = .log
    chart.yRange = min(0.01, top / 2)...max(top, 0.02)
    chart.xRange = 0...Double(max(frameCount - 1, 1))
    chart.xName = "frame"
    chart.cursor = Double(frameIndex)
    return chart
  }
}
