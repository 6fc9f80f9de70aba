import Diffusion
import TUI

/// The whole trajectory of the selected sample at a glance, below the timeline.
extension DenoiseScreen {
  /// What a filmstrip depends on.
  struct FilmKey: Equatable {
    var request: Int
    var frames: Int
    var columns: Int
  }

  /// From so many rows on x̂_0 is below x_t.
  private static let rowsForBoth = 11

  /// The timeline's cells in the inside of its panel, and those of the filmstrip, if there is room for one.
  func timelineAreas(in inner: Rect) -> (timeline: Rect, film: Rect) {
    guard inner.height >= 7 else { return (inner, .zero) }
    let rows = inner.rows(.fixed(inner.height >= 12 ? 4 : 3), .fraction(1))
    return (rows[0], rows[1])
  }

  /// Evenly spaced frames from x_T on, each with its cells.
  func film(in area: Rect, _ context: DrawingContext) -> [(frame: Frame, cells: Rect)] {
    guard !area.isEmpty, let shape = frame?.shape, recording.count > 0 else { return [] }
    let kind = context.session.format?.kind ?? .image
    let columns = min(recording.count, filmColumns(of: shape, kind, in: area, context.imageStyle))
    let key = FilmKey(request: requestNumber, frames: recording.count, columns: columns)
    let frames = film.value(for: key) {
      evenPlaces(columns, through: recording.count - 1).compactMap {
        try? recording.frame(at: $0)
      }
    }
    let cells = area.columns(Array(repeating: .fraction(1), count: frames.count))
    return Array(zip(frames, cells)).map { ($0, $1) }
  }

  /// x_t above, and the predicted x_0 below where there is room, each with its noise.
  func drawFilmstrip(in area: Rect, _ context: DrawingContext, _ surface: inout Surface) {
    let film = film(in: area, context)
    let near = film.last { $0.frame.index <= frameIndex }?.frame.index
    let showsBoth = area.height >= Self.rowsForBoth
    for (frame, cells) in film {
      let rows = cells.rows(.fraction(1), .fraction(showsBoth ? 1 : 0), .fixed(1))
      draw(frame, isNoisy: true, in: rows[0].inset(right: 1), context, &surface)
      if showsBoth { draw(frame, isNoisy: false, in: rows[1].inset(right: 1), context, &surface) }
      let measures = frame.measures
      let level = measures.value(sigmaOverAlpha: frame.level.sigmaOverAlpha, significant: 2)
      surface.put(
        cells.width >= 12 ? "\(measures.levelSymbol) \(level)" : level, in: rows[2],
        alignment: .center,
        style: (frame.index == near ? Ink.accent : .dim).style(in: context.theme))
    }
  }

  /// As many frames as there are images at a scale at which six fit, at least, with their gaps.
  private func filmColumns(
    of shape: Shape, _ kind: Dataset.Kind, in area: Rect, _ style: ImageStyle
  ) -> Int {
    guard kind == .image else { return max(2, min(12, area.width / 13)) }
    let imageSize = Size(shape.width, shape.height)
    let rows = area.height - 1
    let room = Size(
      area.width / 6 - 2, max(1, area.height >= Self.rowsForBoth ? rows / 2 : rows))
    let scales = [style, style.finer].map { style in
      (style: style, scale: ImageScale.fitting(imageSize, in: room, style: style))
    }
    let best = scales.first { $0.scale >= .actual } ?? scales[1]
    let cell = best.scale.cells(imageSize, style: best.style)
    return max(2, min(24, area.width / (cell.width + 3)))
  }

  private func draw(
    _ frame: Frame, isNoisy: Bool, in area: Rect, _ context: DrawingContext,
    _ surface: inout Surface
  ) {
    guard context.session.format?.kind != .points else {
      var view = view(of: frame, isNoisy: isNoisy, context)
      view.trails = []
      view.selected = selected
      view.showsAxes = false
      // Each frame at its own scale: at that of x_T the last would be dots.
      view.reach = SampleView.reach(of: isNoisy ? frame.x : frame.x0, context.session.format)
      return view.draw(in: area, &surface)
    }
    let index = min(selected, frame.shape.batch - 1)
    let values = frame.shape.sample(index, of: isNoisy ? frame.x : frame.x0)
    var view = SampleView(values, shape: frame.shape.with(batch: 1), context)
    view.place = isNoisy ? Self.place(of: frame) : 1
    if frame.isOfText { view.confidence = frame.shape.sample(index, of: frame.confidence) }
    view.draw(in: area, &surface)
  }
}
