import Diffusion
import TUI

/// Two trajectories at the same noise level: the present one, the one that was kept, and what is between them.
extension DenoiseScreen {
  /// The frames that are compared, while there is one of each.
  struct ComparedPair {
    let now: Frame
    let pinned: Frame
    let kept: KeptTrajectory
    var frames: FramePair { FramePair(first: now, second: pinned) }
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
      info = pair.now.measures.text(pair.now.level)
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
        // Trails are those of the present trajectory; both share its axes.
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
    func values(_ frame: Frame) -> [Float] { isNoisy ? frame.x : frame.x0 }
    let difference = pair.frames.difference(values)
    let measures = pair.frames.measures
    let distance = measures.text(distance: measures.distance(difference))
    let isImage = context.session.format?.kind == .image
    let sign = isImage ? "|now − pinned|, " : measures.isText ? "" : "now − pinned, "
    caption("\(name): \(sign)\(distance)", in: rows[0], context, &surface)
    var view = DifferenceView(
      context: context, shape: pair.frames.shape, difference: difference,
      first: values(pair.now), second: values(pair.pinned))
    view.selected = isImage || context.session.format?.kind == .signal ? selected : nil
    view.showsAll = focus.isZoomed
    view.reach = isNoisy ? max(reach, pair.kept.reach) : nil
    view.draw(in: rows[1], &surface)
  }
}
