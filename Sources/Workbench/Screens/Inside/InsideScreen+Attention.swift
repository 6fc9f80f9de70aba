import Diffusion
import TUI

/// Where a query of an attention layer looks: its weights over the map, beside the sample with the same place
/// marked.
extension InsideScreen {
  /// What the weights in view are of.
  struct WeightsKey: Equatable {
    var capture: LayerCapture.Key
    var query: Int
    var head: Int?
  }

  /// The weights of the query in view, of the head in view or averaged; empty for other layers.
  var queryWeights: [Float] {
    guard let capture, let scores = capture.output.attention else { return [] }
    return weights.value(for: .init(capture: capture.key, query: query, head: head)) {
      scores.weights(query: query, head: head)
    }
  }

  /// The cells of the sample and of the weights, each above its name.
  func attentionAreas(in inner: Rect) -> (sample: Rect, weights: Rect) {
    guard inner.width >= 40, capture?.output.shape.height ?? 1 > 1 else { return (.zero, inner) }
    let columns = inner.columns(.fraction(1), .fraction(1), gap: 2)
    return (columns[0], columns[1])
  }

  func drawAttention(in inner: Rect, _ context: DrawingContext, _ surface: inout Surface) {
    guard let scores = capture?.output.attention else { return }
    let weights = queryWeights
    guard scores.height > 1 else {
      return drawWeights(weights, in: inner, context, &surface)
    }
    let areas = attentionAreas(in: inner)
    let map = FeatureMap(weights, width: scores.width)
    draw(map.image, "weights \(map.rangeText)", in: areas.weights, scores, context, &surface)
    guard !areas.sample.isEmpty, let sample = sample(context.session),
      let format = context.session.format, format.kind == .image
    else { return }
    let parts = parts(of: sample, format, context.session)
    guard let place = parts.names.firstIndex(of: "x_t") else { return }
    draw(parts.images[place], "x_t", in: areas.sample, scores, context, &surface)
  }

  /// Where an image is within its cells, and how large.
  func attentionImage(_ size: Size, in area: Rect, _ style: ImageStyle) -> (Rect, ImageScale) {
    let scale = ImageScale.fitting(
      size, in: Size(area.width, max(area.height - 1, 1)), style: style)
    let cells = area.inset(bottom: 1).centered(scale.cells(size, style: style))
    return (cells, scale)
  }

  /// An image with the query marked on it, and its name below.
  private func draw(
    _ image: PixelImage, _ name: String, in area: Rect, _ scores: AttentionScores,
    _ context: DrawingContext, _ surface: inout Surface
  ) {
    let (cells, scale) = attentionImage(image.size, in: area, context.imageStyle)
    surface.clipped(to: area) { surface in
      ImagePainter(style: context.imageStyle, theme: context.theme).draw(
        image, scale: scale, x: cells.x, y: cells.y, on: &surface)
    }
    let (row, column) = (query / scores.width, query % scores.width)
    let x = cells.x + (2 * column + 1) * cells.width / (2 * scores.width)
    let y = cells.y + (2 * row + 1) * cells.height / (2 * scores.height)
    surface.put("◉", x: x, y: y, style: Ink.accent.style(in: context.theme).bold)
    let below = Rect(x: area.x, y: area.maxY - 1, width: area.width, height: 1)
    surface.put(name, in: below, alignment: .center, style: Ink.dim.style(in: context.theme))
  }

  /// The query at a cell of the map or of the sample, as for a mouse.
  func attentionQuery(atX x: Int, y: Int, in inner: Rect, _ context: DrawingContext) -> Int? {
    guard let scores = capture?.output.attention, scores.height > 1 else { return nil }
    let areas = attentionAreas(in: inner)
    let sizes = [
      (areas.weights, Size(scores.width, scores.height)),
      (areas.sample, context.session.format.map { Size($0.shape.width, $0.shape.height) }),
    ]
    for (area, size) in sizes where area.contains(x: x, y: y) {
      guard let size else { return nil }
      let (cells, _) = attentionImage(size, in: area, context.imageStyle)
      guard cells.contains(x: x, y: y) else { return nil }
      let column = (x - cells.x) * scores.width / cells.width
      let row = ((2 * (y - cells.y) + 1) * scores.height) / (2 * cells.height)
      return row * scores.width + column
    }
    return nil
  }

  /// The weights along a signal, the query marked.
  private func drawWeights(
    _ weights: [Float], in inner: Rect, _ context: DrawingContext, _ surface: inout Surface
  ) {
    var chart = BarChart(weights.map(Double.init)) { $0 == query ? .accent : .series(0) }
    chart.cursor = query
    chart.text = { "position \($0 + 1)  " + Numbers.short($1, significant: 3) }
    chart.draw(in: inner, on: &surface, theme: context.theme)
  }
}
