import Diffusion
import TUI

/// The whole path of the selected sample at a glance.
extension DenoiseScreen {
  /// What a filmstrip depends on.
  struct FilmKey: Equatable {
    var request: Int
    var frames: Int
    var columns: Int
  }

  /// Evenly spaced frames from x_T on, x_t above and the predicted x_0 below.
  func drawFilmstrip(in area: Rect, _ context: DrawingContext, _ surface: inout Surface) {
    guard let shape = frame?.shape, recording.count > 0 else { return }
    let kind = context.session.format?.kind ?? .image
    let columns = min(recording.count, filmColumns(of: shape, kind, in: area, context.imageStyle))
    let key = FilmKey(request: requestNumber, frames: recording.count, columns: columns)
    let frames = film.value(for: key) {
      evenPlaces(columns, through: recording.count - 1).compactMap {
        try? recording.frame(at: $0)
      }
    }
    let cells = area.columns(Array(repeating: .fraction(1), count: frames.count), gap: 1)
    for (frame, column) in zip(frames, cells) {
      let rows = column.rows(.fraction(1), .fraction(1), .fixed(1))
      draw(frame, isNoisy: true, kind, in: rows[0], context, &surface)
      draw(frame, isNoisy: false, kind, in: rows[1], context, &surface)
      let isNear = frame.index == frames.last { $0.index <= frameIndex }?.index
      surface.put(
        "σ/α \(Numbers.short(frame.level.sigmaOverAlpha, significant: 2))", in: rows[2],
        alignment: .center, style: (isNear ? Ink.accent : .dim).style(in: context.theme))
    }
  }

  /// As many frames as there are images of the largest scale at which six fit, with their gaps.
  private func filmColumns(
    of shape: Shape, _ kind: Dataset.Kind, in area: Rect, _ style: ImageStyle
  ) -> Int {
    guard kind == .image else { return max(2, min(10, area.width / 22)) }
    let imageSize = Size(shape.width, shape.height)
    let height = (area.height - 1) / 2
    let most = ImageScale.fitting(
      imageSize, in: Size(area.width / 6 - 3, max(1, height - 1)), style: style)
    let cell = most.cells(imageSize, style: style)
    return max(2, min(24, (area.width + 1) / (cell.width + 3)))
  }

  private func draw(
    _ frame: Frame, isNoisy: Bool, _ kind: Dataset.Kind, in area: Rect, _ context: DrawingContext,
    _ surface: inout Surface
  ) {
    guard kind != .points else {
      var view = view(of: frame, isNoisy: isNoisy, context)
      view.trails = []
      view.selected = selected
      return view.draw(in: area, &surface)
    }
    let index = min(selected, frame.shape.batch - 1)
    let values = frame.shape.sample(index, of: isNoisy ? frame.x : frame.x0)
    var view = SampleView(values, shape: frame.shape.with(batch: 1), context)
    view.place = isNoisy ? Self.place(of: frame) : 1
    view.draw(in: area, &surface)
  }
}
