import Diffusion
import TUI

extension ABScreen {
  /// What decides the difference in view.
  struct PairKey: Equatable {
    var requests: [Int]
    var frames: [Int]
  }

  /// What is between the frames in view.
  struct PairDifference {
    let shape: Shape
    let x: [Float]
    let x0: [Float]
    /// How far they are apart.
    let distance: (x: Double, x0: Double)
  }

  func draw(
    _ panel: Panel, in area: Rect, _ context: DrawingContext, on surface: inout Surface
  ) {
    switch panel {
    case .first: drawSide(0, in: area, context, &surface)
    case .second: drawSide(1, in: area, context, &surface)
    case .difference: drawDifference(in: area, context, &surface)
    case .trajectory: drawTrajectory(in: area, context, &surface)
    case .firstSettings: drawSettings(0, in: area, context, &surface)
    case .secondSettings: drawSettings(1, in: area, context, &surface)
    }
  }

  /// A side's name in its own colour.
  private static func mark(_ index: Int) -> StyledText {
    StyledText(names[index], .series(index), bold: true)
  }

  // MARK: Sides

  private func drawSide(
    _ index: Int, in area: Rect, _ context: DrawingContext, _ surface: inout Surface
  ) {
    let side = sides[index]
    let panel: Panel = index == 0 ? .first : .second
    let room = area.width - 12
    let level = side.frame.map {
      "\($0.index) / \($0.frameCount - 1) · \($0.measures.text($0.level))"
    }
    let described = description(of: index, context.session)
    let texts = [described.joined(separator: " · "), described[0]]
    let title = texts.first { $0.columnCount + (level?.columnCount ?? 0) <= room } ?? texts[1]
    let isTight = title.columnCount + (level?.columnCount ?? 0) > room
    let short = side.frame.map { "\($0.index) / \($0.frameCount - 1)" }
    let inner = frame(
      panel, Self.mark(index) + " \(title)", info: .init((isTight ? short : level) ?? ""),
      in: area, context, on: &surface)
    guard side.problem == nil, let frame = side.frame else {
      return drawNothingYet(side, in: inner, context, &surface)
    }
    for (isNoisy, rows) in areas(in: inner) {
      caption(isNoisy ? "x_t" : "predicted x_0", in: rows[0], context, &surface)
      var view = sampleView(of: side, frame, isNoisy: isNoisy, context)
      view.useImages(
        of: isNoisy ? side.noisyImages : side.predictedImages, side.requestNumber, frame)
      view.draw(in: rows[1], &surface)
    }
  }

  /// The sampler and the schedule of a side, and in what it differs from the other.
  private func description(of index: Int, _ session: Session) -> [String] {
    let (side, other) = (sides[index], sides[1 - index])
    let (own, its) = (side.sampling, other.sampling)
    var parts = [
      "\(own.sampler.name) \(own.steps)", (side.usedSchedule ?? schedule(of: side, session)).name,
    ]
    let told = [
      "eta", "seed", "class", "guidance", "guidance_rescale", "guidance_min", "guidance_max",
    ]
    for key in told {
      guard let value = own.value(of: key), value != its.value(of: key),
        key != "eta" || own.sampler.name == its.sampler.name, let info = own.setting(key)
      else { continue }
      parts.append("\(info.label) \(info.text(of: value))")
    }
    if side.weights != .averaged { parts.append(Self.name(of: side.weights)) }
    return parts
  }

  private func drawNothingYet(
    _ side: ABSide, in area: Rect, _ context: DrawingContext, _ surface: inout Surface
  ) {
    let waits = wantsModel || side.requestNumber > 0
    let text = side.problem ?? (waits ? "drawing the first samples" : context.session.noSamplesYet)
    Text.placeholder(StyledText(text, side.problem == nil ? nil : .error)).draw(
      in: area, on: &surface, theme: context.theme)
  }

  /// The captions and the cells of what is shown of a side: x_t, what is predicted, or both.
  func areas(in inner: Rect) -> [(isNoisy: Bool, rows: [Rect])] {
    func captioned(_ area: Rect) -> [Rect] {
      area.rows(.fixed(inner.height >= 5 ? 1 : 0), .fraction(1))
    }
    switch view {
    case .both where inner.height >= 12 && inner.width >= 30:
      let halves = inner.rows(.fraction(1), .fraction(1))
      return [(true, captioned(halves[0])), (false, captioned(halves[1]))]
    case .both where inner.width >= 44 && inner.height >= 4:
      let halves = inner.columns(.fraction(1), .fraction(1), gap: 2)
      return [(true, captioned(halves[0])), (false, captioned(halves[1]))]
    case .both, .predictions: return [(false, captioned(inner))]
    case .samples: return [(true, captioned(inner))]
    }
  }

  func sampleView(
    of side: ABSide, _ frame: Frame, isNoisy: Bool, _ context: DrawingContext
  ) -> SampleView {
    var view = SampleView(isNoisy ? frame.scaledX : frame.x0, shape: frame.shape, context)
    view.selected = selected
    view.showsAll = focus.isZoomed
    view.colour(by: frame, after: isNoisy ? side.before(frame) : nil)
    guard isNoisy else { return view }
    view.place = lockstep.position(of: frame.level.sigmaOverAlpha)
    view.trails = side.shownTrails(selected)
    view.reach = reach
    return view
  }

  /// Half the side of the square that holds the points of both sides.
  private var reach: Double? { sides.map(\.reach).max().flatMap { $0 > 0 ? $0 : nil } }

  private func caption(
    _ text: String, in row: Rect, _ context: DrawingContext, _ surface: inout Surface
  ) {
    surface.put(
      text, in: row.inset(left: 1), alignment: .left, style: Ink.dim.style(in: context.theme))
  }

  // MARK: Difference

  /// The frames in view and what is between them.
  var shownPair: (frames: FramePair, difference: PairDifference)? {
    guard let first = sides[0].frame, let second = sides[1].frame,
      first.shape.sampleCount == second.shape.sampleCount
    else { return nil }
    let frames = FramePair(first: first, second: second)
    let key = PairKey(
      requests: sides.map(\.requestNumber), frames: [first.index, second.index])
    let found = pair.value(for: key) {
      let (x, x0) = (frames.difference(\.scaledX), frames.difference(\.x0))
      return PairDifference(
        shape: frames.shape, x: x, x0: x0,
        distance: (frames.measures.distance(x), frames.measures.distance(x0)))
    }
    return (frames, found)
  }

  private func drawDifference(
    in area: Rect, _ context: DrawingContext, _ surface: inout Surface
  ) {
    let isImage = context.session.format?.kind == .image
    let isText = context.session.measures.isText
    let pair = shownPair
    let inner = frame(
      .difference, isImage ? "|A − B|" : isText ? "letters that differ" : "A − B",
      info: pair.map { "x_0 \($0.frames.measures.text(distance: $0.difference.distance.x0))" }
        ?? "",
      in: area,
      context, on: &surface)
    guard let (frames, difference) = pair else {
      return Text.placeholder("waiting for a frame on each side").draw(
        in: inner, on: &surface, theme: context.theme)
    }
    for (isNoisy, rows) in areas(in: inner) {
      let distance = frames.measures.text(
        distance: isNoisy ? difference.distance.x : difference.distance.x0)
      caption("\(isNoisy ? "x_t" : "predicted x_0"), \(distance)", in: rows[0], context, &surface)
      func values(_ frame: Frame) -> [Float] { isNoisy ? frame.scaledX : frame.x0 }
      var view = DifferenceView(
        context: context, shape: difference.shape,
        difference: isNoisy ? difference.x : difference.x0, first: values(frames.first),
        second: values(frames.second))
      view.selected = selected
      view.showsAll = focus.isZoomed
      view.reach = isNoisy ? reach : nil
      view.draw(in: rows[1], &surface)
    }
  }

  // MARK: Trajectory

  private func drawTrajectory(in area: Rect, _ context: DrawingContext, _ surface: inout Surface) {
    let inner = frame(
      .trajectory, "trajectory",
      info: .init(trajectoryInfo(context.session.measures, width: area.width)),
      foot: trajectoryFoot, in: area,
      context, on: &surface)
    let rows = inner.rows(.fraction(1), .fixed(min(2, inner.height)))
    if rows[0].height >= 2 {
      differenceChart(context.session.measures).draw(
        in: rows[0], on: &surface, theme: context.theme)
    }
    for (index, timeline) in timelines.enumerated() {
      let row = rows[1].row(index)
      surface.put(
        Self.mark(index), x: row.x, y: row.y, theme: context.theme, maxWidth: row.width)
      timeline.draw(in: row.inset(left: 2), on: &surface, theme: context.theme)
    }
  }

  /// The cells of the timelines' bars in the inside of the panel.
  func timelineArea(in inner: Rect) -> Rect {
    inner.rows(.fraction(1), .fixed(min(2, inner.height)))[1].inset(left: 2)
  }

  private func trajectoryInfo(_ measures: SampleMeasures, width: Int) -> String {
    guard place < lockstep.count else { return "" }
    var parts = [measures.text(sigmaOverAlpha: lockstep.ratios[place], isAligned: true)]
    if let distance = shownPair?.difference.distance {
      parts += [
        "x_0 \(measures.text(distance: distance.x0))",
        "x_t \(measures.text(distance: distance.x))",
      ]
    }
    let texts = (1...parts.count).reversed().map { parts.prefix($0).joined(separator: " · ") }
    return texts.first { $0.columnCount + 18 <= width } ?? parts[0]
  }

  private var trajectoryFoot: StyledText {
    let seeds = sides.map { String($0.sampling.seed) }
    let noise =
      seeds[0] == seeds[1] ? "same noise, seed \(seeds[0])" : "seeds \(seeds[0]) and \(seeds[1])"
    return "\(isPlaying ? "▶" : "‖") \(speed.text) · \(noise)"
  }

  /// Both trajectories over the same axis of noise.
  private var timelines: [Timeline] {
    guard place < lockstep.count else { return [] }
    let position = lockstep.position(of: lockstep.ratios[place])
    return sides.map { side in
      var timeline = Timeline(position)
      let last = side.ratios.indices.last.map { min($0, side.recording.count - 1) } ?? -1
      timeline.available = last < 0 ? 0 : lockstep.position(of: side.ratios[last])
      timeline.ticks = side.ratios.map { lockstep.position(of: $0) }
      if let frame = side.frame {
        timeline.other = lockstep.position(of: frame.level.sigmaOverAlpha)
      }
      return timeline
    }
  }

  /// How far both are apart over the noise.
  private func differenceChart(_ measures: SampleMeasures) -> LineChart {
    let lockstep = self.lockstep
    let points = difference.points.map {
      (lockstep.position(of: lockstep.ratios[$0.place]), $0)
    }
    var chart = LineChart([
      LineChart.Series(
        "x_t", points: points.map { CurvePoint(x: $0, y: $1.x) }, ink: .dim, dash: .dashed),
      LineChart.Series(
        "x_0", points: points.map { CurvePoint(x: $0, y: $1.x0) }, ink: .accent),
    ])
    chart.xRange = 0...1
    // With room for the read-out above the curves.
    chart.yRange = 0...max(1.2 * (difference.points.map { max($0.x, $0.x0) }.max() ?? 0), 1e-3)
    chart.xText = { measures.value(sigmaOverAlpha: lockstep.ratio(at: $0), significant: 2) }
    chart.xName = measures.levelSymbol
    chart.namesCurves = true
    chart.placeholder = "the difference over the trajectory"
    if place < lockstep.count { chart.cursor = lockstep.position(of: lockstep.ratios[place]) }
    return chart
  }

  // MARK: Settings

  private func drawSettings(
    _ index: Int, in area: Rect, _ context: DrawingContext, _ surface: inout Surface
  ) {
    let panel: Panel = index == 0 ? .firstSettings : .secondSettings
    let inner = frame(
      panel, Self.mark(index) + " settings",
      info: .init(sides[index].weightsStep > 0 ? stepText(sides[index]) : ""),
      foot: advice(on: panel, context), in: area, context, on: &surface)
    drawForm(of: panel, labelWidth: 8, valueWidth: 11, in: inner, context, on: &surface)
  }

  private func stepText(_ side: ABSide) -> String { "step \(Numbers.grouped(side.weightsStep))" }
}
