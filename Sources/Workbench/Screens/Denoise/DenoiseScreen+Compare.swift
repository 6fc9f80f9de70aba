import Diffusion
import TUI

/// Two paths at the same noise level: the present one, the one that was kept, and what is between them.
extension DenoiseScreen {
  /// The frames that are compared, while there is one of each.
  struct ComparedPair {
    let now: Frame
    let pinned: Frame
    let kept: KeptTrajectory
    /// How many samples both have.
    var count: Int { min(now.shape.batch, pinned.shape.batch) }

    /// The difference of what both paths have at this noise level, and its root mean square.
    func difference(_ values: KeyPath<Frame, [Float]>) -> (values: [Float], rms: Double) {
      let length = count * now.shape.with(batch: 1).count
      let (a, b) = (now[keyPath: values].prefix(length), pinned[keyPath: values].prefix(length))
      let difference = zip(a, b).map { $0 - $1 }
      let sum = difference.reduce(0.0) { $0 + Double($1) * Double($1) }
      return (difference, (sum / Double(max(difference.count, 1))).squareRoot())
    }
  }

  var comparedPair: ComparedPair? {
    guard let now = frame, let kept = comparison, let pinned = kept.frame else { return nil }
    return ComparedPair(now: now, pinned: pinned, kept: kept)
  }

  /// One of the three columns: x_t above, the predicted x_0 below.
  func drawCompared(
    _ panel: Panel, _ pair: ComparedPair, in area: Rect, _ context: DrawingContext,
    _ surface: inout Surface
  ) {
    let session = context.session
    let title: StyledText
    let info: String
    switch panel {
    case .predictions:
      title = "○ pinned"
      info = Self.label(pair.kept.sampling, pair.kept.schedule, pair.pinned)
    case .selected:
      title = "difference"
      info = "σ/α \(Numbers.short(pair.now.level.sigmaOverAlpha))"
    default:
      title = "● now"
      info = Self.label(session.sampling, session.samplingSchedule, pair.now)
    }
    let inner = frame(panel, title, info: .init(info), in: area, context, on: &surface)
    for (rows, isNoisy) in zip(comparedAreas(in: inner), [true, false]) where !rows[1].isEmpty {
      let name = isNoisy ? "x_t" : "predicted x_0"
      if panel == .selected {
        drawDifference(pair, isNoisy, name, in: rows, context, &surface)
      } else {
        caption(name, in: rows[0], context, &surface)
        var view = view(of: panel == .samples ? pair.now : pair.pinned, isNoisy: isNoisy, context)
        view.selected = selected
        // Trails are those of the present path; both share its axes.
        if panel == .predictions { view.trails = [] }
        if isNoisy, !fitsPoints { view.reach = max(reach, pair.kept.reach) }
        view.draw(in: rows[1], &surface)
      }
    }
  }

  /// The caption and the cells of x_t, and below them those of the predicted x_0.
  func comparedAreas(in inner: Rect) -> [[Rect]] {
    inner.rows(.fraction(1), .fraction(1)).map { $0.rows(.fixed(1), .fraction(1)) }
  }

  private static func label(
    _ sampling: SamplingConfiguration, _ schedule: ScheduleConfiguration, _ frame: Frame
  ) -> String {
    "\(sampling.sampler.name) \(sampling.steps) · \(schedule.name) · "
      + "\(frame.index) / \(frame.frameCount - 1)"
  }

  private func caption(
    _ text: String, in row: Rect, _ context: DrawingContext, _ surface: inout Surface
  ) {
    surface.put(
      text, in: row.inset(left: 1), alignment: .left, style: Ink.dim.style(in: context.theme))
  }

  private func drawDifference(
    _ pair: ComparedPair, _ isNoisy: Bool, _ name: String, in rows: [Rect],
    _ context: DrawingContext, _ surface: inout Surface
  ) {
    let (values, rms) = pair.difference(isNoisy ? \.x : \.x0)
    let kind = context.session.format?.kind ?? .image
    let sign = kind == .image ? "|now − pinned|" : "now − pinned"
    caption("\(name): \(sign), RMS \(Numbers.fixed(rms, 3))", in: rows[0], context, &surface)
    let shape = pair.now.shape.with(batch: pair.count)
    switch kind {
    case .image:
      // No difference is the darkest value, half of the range the brightest.
      let range = context.session.format?.range ?? -1...1
      let middle = (range.lowerBound + range.upperBound) / 2
      let half = range.upperBound - middle
      let shown = values.map { min(abs($0), half) * 2 + range.lowerBound }
      var view = SampleView(shown, shape: shape, context)
      view.selected = selected
      view.showsAll = focus.isZoomed
      view.draw(in: rows[1], &surface)
    case .points:
      // From where each point is now to where it was pinned.
      let (now, pinned) = (pair.now, pair.pinned)
      var view = SampleView(isNoisy ? now.x : now.x0, shape: now.shape, context)
      view.trails = zip(
        ScatterPlot.points(isNoisy ? pinned.x : pinned.x0),
        ScatterPlot.points(isNoisy ? now.x : now.x0)
      ).map { [$0, $1] }
      if isNoisy { view.reach = max(reach, pair.kept.reach) }
      view.draw(in: rows[1], &surface)
    case .signal:
      var view = SampleView(values, shape: shape, context)
      view.dataset = nil
      view.selected = selected
      view.draw(in: rows[1], &surface)
    }
  }
}
