import Diffusion
import TUI

/// What was given, what became of it, and the difference.
extension DenoiseScreen {
  /// An image with its name below.
  private struct Exhibit {
    var name: String
    var image: PixelImage
  }

  func drawEdited(
    _ panel: Panel, _ edit: ImageEdit, in area: Rect, _ context: DrawingContext,
    _ surface: inout Surface
  ) {
    let isStrip = edit.task == nil
    let number = frame.map { "\(min(selected, $0.shape.batch - 1) + 1) of \($0.shape.batch)" }
    let inner = frame(
      panel, isStrip ? "interpolation" : "before and after", info: .init(number ?? ""),
      foot: .init(edited?.note ?? ""), in: area, context, on: &surface)
    guard let frame, let format = context.session.format else {
      return drawNothingYet(in: inner, context, &surface)
    }
    let lines = scoreLines(of: frame, edit, format)
    // Below seven rows the images are worth more than numbers.
    let rows = inner.rows(.fraction(1), .fixed(inner.height >= 7 ? lines.count : 0))
    if isStrip {
      drawStrip(of: frame, edit, format, in: rows[0], context, &surface)
    } else {
      draw(exhibits(of: frame, edit, format), in: rows[0], context, &surface)
    }
    Text(lines.map { StyledText($0, .dim) }).draw(
      in: rows[1].inset(left: 1), on: &surface, theme: context.theme)
  }

  // MARK: Scores

  /// How similar the selected sample, all of them in the end, and what was given are to the truth.
  private func scores(
    of frame: Frame, _ edit: ImageEdit, _ format: SampleFormat
  ) -> [(name: String, score: ImageScore)] {
    let key = NeighborKey(request: requestNumber, frame: frame.index, sample: selected)
    return scores.value(for: key) {
      func result(_ index: Int) -> [Float] { clipped(frame, index, format) }
      let index = min(selected, frame.shape.batch - 1)
      if edit.task == nil {
        let last = frame.shape.batch - 1
        return [(0, edit.shown[0], "first"), (last, edit.shown[1], "last")].map {
          ($0.2, ImageScore([(result($0.0), $0.1)], format))
        }
      }
      guard let truth = edit.truth else { return [] }
      var found = [
        ("given", ImageScore([(edit.shown[0], truth)], format)),
        ("result", ImageScore([(result(index), truth)], format)),
      ]
      if frame.isLast, frame.shape.batch > 1 {
        let all = (0..<frame.shape.batch).map { (result($0), truth) }
        found.append(("mean \(all.count)", ImageScore(all, format)))
      }
      return found
    }
  }

  private func scoreLines(
    of frame: Frame, _ edit: ImageEdit, _ format: SampleFormat
  ) -> [String] {
    let scores = scores(of: frame, edit, format)
    guard !scores.isEmpty else { return ["the truth is not known"] }
    return scores.map { "\($0.name.fitted(to: 7)) \($0.score.text)" }
  }

  /// A predicted sample, within the data's range.
  private func clipped(_ frame: Frame, _ index: Int, _ format: SampleFormat) -> [Float] {
    let range = format.range
    return frame.shape.sample(index, of: frame.x0).map {
      min(max($0, range.lowerBound), range.upperBound)
    }
  }

  // MARK: Images

  private func exhibits(
    of frame: Frame, _ edit: ImageEdit, _ format: SampleFormat
  ) -> [Exhibit] {
    let result = clipped(frame, min(selected, frame.shape.batch - 1), format)
    let given = edit.shown[0]
    let difference = zip(result, edit.truth ?? given).map { pair in
      min(2 * abs(pair.0 - pair.1), Float(2 * format.unit)) + format.range.lowerBound
    }
    let named: [(String, [Float])] =
      [("given", given), (frame.isLast ? "result" : "predicted x_0", result)]
      + (edit.truth.map { [("truth", $0)] } ?? []) + [("difference", difference)]
    return named.map { Exhibit(name: $0.0, image: image($0.1, format)) }
  }

  private func image(_ values: [Float], _ format: SampleFormat) -> PixelImage {
    PixelImage(values, sample: 0, shape: format.shape.with(batch: 1), range: format.range)
  }

  /// How images of one size are laid out.
  private struct Hanging {
    let style: ImageStyle
    let columns: Int
    let scale: ImageScale

    /// So many images in columns of an area; nil where there is no room for any.
    init?(_ count: Int, _ size: Size, _ style: ImageStyle, columns: Int, in area: Rect) {
      let rows = (count + columns - 1) / columns
      let room = Size((area.width + 1) / columns - 1, area.height / rows - 1)
      guard room.width > 0, room.height > 0 else { return nil }
      (self.style, self.columns) = (style, columns)
      scale = ImageScale.fitting(size, in: room, style: style)
    }

    /// The largest in one style, whatever the columns.
    static func best(
      _ count: Int, _ size: Size, _ style: ImageStyle, in area: Rect
    ) -> Hanging? {
      [count, (count + 1) / 2, 1].compactMap {
        Hanging(count, size, style, columns: $0, in: area)
      }.max { $0.scale < $1.scale }
    }
  }

  /// All of them at the largest scale at which they fit, in one row or more.
  private func draw(
    _ exhibits: [Exhibit], in area: Rect, _ context: DrawingContext, _ surface: inout Surface
  ) {
    guard let size = exhibits.first?.image.size else { return }
    let style = context.imageStyle
    var best = Hanging.best(exhibits.count, size, style, in: area)
    if let scale = best?.scale, scale < ImageScale.actual {
      best = Hanging.best(exhibits.count, size, style.finer, in: area)
    }
    guard let best else { return }
    let cell = best.scale.cells(size, style: best.style)
    let width = best.columns * (cell.width + 1) - 1
    let left = area.x + max(0, area.width - width) / 2
    let painter = ImagePainter(style: best.style, theme: context.theme)
    surface.clipped(to: area) { surface in
      for (index, exhibit) in exhibits.enumerated() {
        let x = left + index % best.columns * (cell.width + 1)
        let y = area.y + index / best.columns * (cell.height + 1)
        painter.draw(exhibit.image, scale: best.scale, x: x, y: y, on: &surface)
        surface.put(
          exhibit.name, in: Rect(x: x, y: y + cell.height, width: cell.width, height: 1),
          alignment: .center, style: Ink.dim.style(in: context.theme))
      }
    }
  }

  // MARK: Interpolation

  /// The selected image, and below it the way from one image to the other.
  private func drawStrip(
    of frame: Frame, _ edit: ImageEdit, _ format: SampleFormat, in area: Rect,
    _ context: DrawingContext, _ surface: inout Surface
  ) {
    let count = frame.shape.batch
    let results = (0..<count).map { image(clipped(frame, $0, format), format) }
    let ends = edit.shown.map { image($0, format) }
    let rows = area.rows(.fraction(2), .fraction(1))
    let index = min(selected, count - 1)
    let share = Double(index) / Double(max(count - 1, 1))
    draw(
      [Exhibit(name: "\(Numbers.fixed(100 * share, 0)) %", image: results[index])], in: rows[0],
      context, &surface)
    var grid = TUI.ImageGrid([ends[0]] + results + [ends[1]], style: context.imageStyle)
    grid.labels = ["from"] + (1...count).map { "\($0)" } + ["to"]
    grid.selected = index + 1
    grid.atLeast = count + 2
    grid.draw(in: rows[1].inset(bottom: 1), on: &surface, theme: context.theme)
  }
}
