import Diffusion
import TUI

extension DenoiseScreen {
  func draw(
    _ panel: Panel, in area: Rect, _ context: DrawingContext, on surface: inout Surface
  ) {
    switch panel {
    case .samples, .predictions, .selected:
      if let pair = comparedPair {
        drawCompared(panel, pair, in: area, context, &surface)
      } else if panel == .selected {
        drawSelected(in: area, context, &surface)
      } else {
        drawSamples(panel, in: area, context, &surface)
      }
    case .timeline: drawTimeline(in: area, context, &surface)
    case .sampler: drawSampler(in: area, context, &surface)
    case .noise: drawNoise(in: area, context, &surface)
    case .edit: drawEditing(in: area, context, &surface)
    case .canvas: drawCanvas(in: area, context, &surface)
    }
  }

  /// All samples, as the panel's view has them.
  private func drawSamples(
    _ panel: Panel, in area: Rect, _ context: DrawingContext, _ surface: inout Surface
  ) {
    if view(in: panel) == .edited, let edited {
      return drawEdited(panel, edited.edit, in: area, context, &surface)
    }
    let shown = frame.map { self.shown($0, in: panel, context) }
    let note = shown?.view.note(in: TUI.Panel.inner(area)) ?? ""
    let info = shown?.info ?? (panel == .samples ? weightsText(context.session) : "")
    let inner = self.frame(
      panel, .init(view(in: panel).rawValue), info: .init(info), foot: note, in: area, context,
      on: &surface)
    guard let shown else { return drawNothingYet(in: inner, context, &surface) }
    shown.view.draw(in: inner, &surface)
  }

  /// The samples of a frame, points on the scale of the whole trajectory.
  func view(of frame: Frame, isNoisy: Bool, _ context: DrawingContext) -> SampleView {
    var view = SampleView(isNoisy ? frame.x : frame.x0, shape: frame.shape, context)
    view.place = isNoisy ? Self.place(of: frame) : 1
    view.showsAll = focus.isZoomed
    view.colour(by: frame)
    if isNoisy {
      view.trails = shownTrails
      view.reach = shownReach(frame, context.session)
    }
    return view
  }

  /// Where on the way from noise (0) to data (1) a frame is.
  static func place(of frame: Frame) -> Double {
    Double(frame.index) / Double(max(frame.frameCount - 1, 1))
  }

  func drawNothingYet(
    in area: Rect, _ context: DrawingContext, _ surface: inout Surface
  ) {
    let waits = context.session.wantsSamples || requestNumber > 0
    let text = problem ?? (waits ? "drawing the first samples" : context.session.noSamplesYet)
    Text.placeholder(StyledText(text, problem == nil ? nil : .error)).draw(
      in: area, on: &surface, theme: context.theme)
  }

  /// The trajectories of some points from noise to the frame in view.
  var shownTrails: [[ScatterPlot.Point]] {
    guard let frame, !trails.isEmpty else { return [] }
    // A few show how points move; all of them would hide the points.
    let stride = max(1, frame.shape.batch / 12)
    return (0..<frame.shape.batch).filter { $0 % stride == 0 || $0 == selected }.map { sample in
      trail(of: sample, through: frame)
    }
  }

  private func trail(of sample: Int, through frame: Frame) -> [ScatterPlot.Point] {
    trails.prefix(frame.index + 1).compactMap { $0.indices.contains(sample) ? $0[sample] : nil }
  }

  private func drawTimeline(in area: Rect, _ context: DrawingContext, _ surface: inout Surface) {
    var info: StyledText = ""
    if let frame { info = .init(level(of: frame, width: area.width)) }
    let symbol = isPlaying ? "▶" : "‖"
    var foot = StyledText("\(symbol) \(speed.text)")
    if let frame, let text = context.session.format?.maskedText {
      foot += StyledText("  \(SampleMeasures.percent(frame.maskedShare(text))) of x_t masked")
    } else if let frame {
      foot += StyledText("  RMS change of x_t \(Numbers.short(frame.rmsChange))")
    }
    if let loop {
      foot += "  loop \(loop.start)–\(loop.end.map { "\($0)" } ?? "…")"
    }
    if let mark { foot += StyledText("  from frame \(Numbers.grouped(mark.frame.index))") }
    if comparison != nil { foot += "  ● now  ○ pinned" }
    if trails.count > 0 { foot += fitsPoints ? "  0 fix the axes" : "  0 fit the axes" }
    let inner = self.frame(
      .timeline, "timeline", info: info, foot: foot, in: area, context, on: &surface)
    let areas = timelineAreas(in: inner)
    timeline.draw(in: areas.timeline, on: &surface, theme: context.theme)
    drawFilmstrip(in: areas.film, context, &surface)
  }

  var timeline: Timeline {
    let last = Double(max(frameCount - 1, 1))
    var timeline = Timeline(
      Double(frameIndex) / last,
      available: Double(max(recording.count - 1, 0)) / last,
      curve: isOfText ? recording.levels.map(\.sigma) : recording.changes.dropFirst() + [])
    if let loop {
      let end = loop.end ?? max(loop.start, frameIndex)
      timeline.span = Double(loop.start) / last...Double(end) / last
    }
    if let comparison, let frame = comparison.frame {
      timeline.other = Double(frame.index) / Double(max(comparison.recording.count - 1, 1))
    }
    return timeline
  }

  /// Frame, timestep, noise and signal of a frame, at fixed widths; as much as there is room for.
  private func level(of frame: Frame, width: Int) -> String {
    let last = Numbers.grouped(frame.frameCount - 1)
    let number = Numbers.grouped(frame.index).fitted(to: last.count, alignment: .right)
    let parts = ["frame \(number) / \(last)"] + frame.measures.parts(frame.step)
    let counts = (1...parts.count).reversed()
    let texts = counts.map { parts.prefix($0).joined(separator: " · ") }
    return texts.first { $0.columnCount + 18 <= width } ?? parts[0]
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
      let inner = self.frame(.selected, "selected sample", in: area, context, on: &surface)
      return drawNothingYet(in: inner, context, &surface)
    }
    let index = min(selected, frame.shape.batch - 1)
    let neighbor = nearest(to: index, of: frame, context.session)
    let inner = self.frame(
      .selected, "selected sample", info: "\(index + 1) of \(frame.shape.batch)",
      foot: .init(neighbor?.note ?? ""), in: area, context, on: &surface)
    var view = SelectedSample(index, of: frame, context)
    view.neighbor = neighbor?.values
    view.waveform = heard(index, of: frame, context.session)
    if !trails.isEmpty { view.trail = trail(of: index, through: frame) }
    view.draw(in: inner, &surface)
  }

  /// What the prediction of a spectrogram sounds like; the first few iterations show its shape.
  private func heard(_ index: Int, of frame: Frame, _ session: Session) -> [Float]? {
    guard let sound = session.format?.sound, session.format?.kind == .image else { return nil }
    let key = NeighborKey(request: requestNumber, frame: frame.index, sample: index)
    return waveform.value(for: key) {
      sound.waveform(of: frame.shape.sample(index, of: frame.x0), iterations: 4)
    }
  }

  /// The training sample nearest to what is predicted, and a line about it.
  private func nearest(
    to index: Int, of frame: Frame, _ session: Session
  ) -> (values: [Float], note: String)? {
    guard session.format?.kind != .points, session.format?.kind != .text,
      let dataset = session.dataset
    else { return nil }
    let x0 = frame.shape.sample(index, of: frame.x0)
    let key = NeighborKey(request: requestNumber, frame: frame.index, sample: index)
    guard let neighbor = neighbor.value(for: key, { session.nearest(to: x0) }) else { return nil }
    let label = dataset.labels.map { " (class \(dataset.classNames[$0[neighbor.index]]))" } ?? ""
    let distance = neighbor.distance / Double(x0.count).squareRoot()
    let noun = dataset.kind == .image ? "image" : "signal"
    return (
      dataset.sample(at: neighbor.index),
      "nearest training \(noun)\(label), RMS \(Numbers.fixed(distance, 3))"
    )
  }

  private func drawNoise(in area: Rect, _ context: DrawingContext, _ surface: inout Surface) {
    let measures = context.session.measures
    let inner = frame(
      .noise, measures.isText ? .init(measures.levelName) : "noise",
      info: measures.isText ? "over frames" : "σ/α over frames", in: area, context, on: &surface)
    noiseChart.draw(in: inner, on: &surface, theme: context.theme)
  }

  /// Whether samples are masked text, as the sampler that drew them says.
  private var isOfText: Bool { frame?.isOfText == true }

  /// The masked share in each frame.
  private var maskedChart: LineChart {
    var chart = LineChart([
      LineChart.Series("masked", values: recording.levels.map(\.sigma), ink: .series(0))
    ])
    chart.yRange = 0...1
    chart.xRange = 0...Double(max(frameCount - 1, 1))
    chart.xName = "frame"
    chart.cursor = Double(frameIndex)
    return chart
  }

  var noiseChart: LineChart {
    if isOfText { return maskedChart }
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
