import Diffusion
import TUI

/// The layers of the network, and what the selected one computes.
extension InsideScreen {
  func draw(
    _ panel: Panel, in area: Rect, _ context: DrawingContext, on surface: inout Surface
  ) {
    switch panel {
    case .network: drawNetwork(in: area, context, &surface)
    case .output: drawOutput(in: area, context, &surface)
    case .level: drawLevel(in: area, context, &surface)
    case .sample: drawSample(in: area, context, &surface)
    case .data: drawData(in: area, context, &surface)
    case .selection: drawSelection(in: area, context, &surface)
    }
  }

  // MARK: Layers

  private func drawNetwork(in area: Rect, _ context: DrawingContext, _ surface: inout Surface) {
    var info = ""
    if let summary = figure?.summary {
      info = "\(summary.network) · \(Numbers.si(Double(summary.parameters.total))) parameters"
    }
    let inner = frame(
      .network, "network", info: .init(info), foot: layerNote, in: area, context, on: &surface)
    layerTable(in: inner).draw(in: inner, on: &surface, theme: context.theme)
  }

  /// What there is no room for in the selected layer's row.
  private var layerNote: StyledText {
    guard let summary = figure?.summary, summary.rows.indices.contains(layer) else { return "" }
    let row = summary.rows[layer]
    let share = summary.share(of: row) * 100
    let work = share >= 0.05 ? "\(Numbers.fixed(share, 1)) % of the multiplications" : ""
    return .init([row.name, work].filter { !$0.isEmpty }.joined(separator: " · "))
  }

  func layerTable(in inner: Rect) -> Table {
    let rows = figure?.summary.rows ?? []
    let side = rows.lazy.map { Self.side(of: $0.output) }.max() ?? 1
    let (showsNames, isNarrow) = (inner.width >= 80, inner.width < 46)
    let barWidth = isNarrow ? 3 : 7
    let columns = [
      Table.Column(isNarrow ? "" : "size"), .init("layer"), .init("output", alignment: .right),
      .init(isNarrow ? "params" : "parameters", alignment: .right),
    ]
    return Table(
      columns + (showsNames ? [.init("tensors")] : []), count: rows.count,
      widest: [
        barWidth, rows.lazy.map(\.kind.columnCount).max() ?? 0,
        rows.lazy.map { $0.output.title.columnCount }.max() ?? 0,
        isNarrow ? 6 : 10,
        rows.lazy.map(\.name.columnCount).max() ?? 0,
      ],
      selected: layer, placeholder: "waiting for the network"
    ) { index in
      let row = rows[index]
      let parameters = row.parameters.total
      let cells: [StyledText] = [
        Self.bar(of: row.output, largest: side, width: barWidth),
        .init(row.kind, row.kind.hasPrefix("Attention") ? .series(1) : nil),
        .init(row.output.title),
        .init(
          parameters == 0
            ? ""
            : isNarrow && parameters >= 1000
              ? Numbers.si(Double(parameters)) : Numbers.grouped(parameters), .dim),
      ]
      return cells + (showsNames ? [.init(row.name, .dim)] : [])
    }
  }

  private static func side(of shape: Shape) -> Int { max(shape.height, shape.width) }

  /// A bar as long as the side of what a layer computes, in the middle, so that one below another draws the
  /// shape of the network; a dot for vectors.
  private static func bar(of shape: Shape, largest: Int, width: Int) -> StyledText {
    let side = side(of: shape)
    guard side > 1 else { return .init("·".fitted(to: width, alignment: .center), .dim) }
    let share = Double(side) / Double(max(largest, 1))
    // An odd length has a middle.
    let length = min(max(Int((share * Double(width) / 2).rounded()) * 2 - 1, 1), width)
    let bar = String(repeating: "█", count: length)
    return .init(bar.fitted(to: width, alignment: .center), .border)
  }

  // MARK: What a layer computes

  private func drawOutput(in area: Rect, _ context: DrawingContext, _ surface: inout Surface) {
    let inner = frame(
      .output, outputTitle, info: .init(outputInfo), foot: outputNote, in: area, context,
      on: &surface)
    guard let capture else {
      return drawWaiting(in: inner, context, &surface)
    }
    let shape = capture.output.shape
    if isOnAttention {
      drawAttention(in: inner, context, &surface)
    } else if shape.height > 1 {
      drawMaps(in: inner, context, &surface)
    } else if shape.width > 1 {
      drawCurves(in: inner, context, &surface)
    } else {
      bars.draw(in: inner, on: &surface, theme: context.theme)
    }
  }

  /// What is missing.
  func drawWaiting(in inner: Rect, _ context: DrawingContext, _ surface: inout Surface) {
    let session = context.session
    let text: StyledText
    if session.facts == nil {
      text = "waiting for the run"
    } else if sample(session) != nil {
      text = "waiting for the weights"
    } else {
      text =
        isGenerated(session) ? "no samples yet – press s" : "no training samples of this class"
    }
    Text.placeholder(text).draw(in: inner, on: &surface, theme: context.theme)
  }

  private var shownRow: NetworkSummary.Row? {
    guard let rows = figure?.summary.rows, let layer = capture?.key.layer else { return nil }
    return rows.indices.contains(layer) ? rows[layer] : nil
  }

  private var outputTitle: StyledText {
    guard let row = shownRow else { return "layer output" }
    return .init(isOnAttention ? "attention weights" : row.kind)
  }

  private var outputInfo: String {
    guard let capture else { return "" }
    let step = "step \(Numbers.grouped(capture.key.weights))"
    guard isOnAttention, let scores = capture.output.attention else {
      return "\(capture.output.shape.title) · \(step)"
    }
    if scores.heads == 1 { return step }
    return (head.map { "head \($0 + 1) of \(scores.heads)" } ?? "mean of \(scores.heads) heads")
      + " · \(step)"
  }

  private var outputNote: StyledText {
    guard let output = capture?.output else { return "" }
    if isOnAttention, let scores = output.attention {
      let place = "row \(query / scores.width + 1), column \(query % scores.width + 1)"
      let weights = queryWeights
      let own = Numbers.short(Double(weights[query]) * 100, significant: 2)
      return "query at \(place) · \(own) % on itself, at most "
        + "\(Numbers.short(Double(weights.max() ?? 0) * 100, significant: 2)) %"
    }
    let channel = min(self.channel, output.shape.channels - 1)
    guard output.shape.width * output.shape.height > 1 else {
      let all = FeatureMap(output.values, width: output.values.count).rangeText
      let value = Numbers.short(Double(output.values[channel]), significant: 3)
      return "unit \(channel + 1) of \(output.shape.channels): \(value) · all \(all)"
    }
    let maps = capture?.maps ?? []
    let map = maps.isEmpty ? FeatureMap(output.channel(channel), width: 1) : maps[channel]
    return "channel \(channel + 1) of \(output.shape.channels) · \(map.rangeText)"
  }

  /// The channels side by side, the selected one larger before them where the panel fills the screen.
  func mapAreas(in inner: Rect) -> (large: Rect, grid: Rect) {
    guard focus.isZoomed, inner.width >= 100 else { return (.zero, inner) }
    let columns = inner.columns(.fraction(0.4), .fraction(0.6), gap: 2)
    return (columns[0], columns[1])
  }

  func mapGrid(in area: Rect, _ context: DrawingContext) -> TUI.ImageGrid {
    let maps = capture?.maps ?? []
    var grid = TUI.ImageGrid(maps.map(\.image), style: context.imageStyle)
    grid.selected = min(channel, maps.count - 1)
    grid.labels = maps.map(\.rangeText)
    grid.atLeast = focus.isZoomed ? 32 : area.width * area.height < 1000 ? 4 : 8
    // Where a range would be cut, the number of the channel stands there.
    if (grid.layout(in: area)?.cell.width ?? 0) < 11 {
      grid.labels = maps.indices.map { "\($0 + 1)" }
    }
    return grid
  }

  private func drawMaps(in inner: Rect, _ context: DrawingContext, _ surface: inout Surface) {
    let areas = mapAreas(in: inner)
    let grid = mapGrid(in: areas.grid, context)
    if !areas.large.isEmpty, let selected = grid.selected {
      TUI.ImageGrid([grid.images[selected]], style: context.imageStyle).draw(
        in: areas.large, on: &surface, theme: context.theme)
    }
    grid.draw(in: areas.grid, on: &surface, theme: context.theme)
  }

  /// The units of a vector as bars.
  var bars: BarChart {
    let values = capture?.output.values.map(Double.init) ?? []
    let finite = values.filter(\.isFinite)
    var chart = BarChart(values) { $0 == channel ? .accent : .series(2) }
    chart.beginsAtZero = true
    let (least, greatest) = (min(finite.min() ?? 0, 0), max(finite.max() ?? 0, 0))
    chart.range = least...max(greatest, least + 1e-6)
    chart.cursor = channel
    chart.text = { "unit \($0 + 1)  " + Numbers.short($1, significant: 3) }
    return chart
  }

  /// The channels of a signal over one another, the selected one on top.
  private func drawCurves(in inner: Rect, _ context: DrawingContext, _ surface: inout Surface) {
    guard let output = capture?.output else { return }
    let channel = min(self.channel, output.shape.channels - 1)
    let others = (0..<min(output.shape.channels, 32)).filter { $0 != channel }
    var chart = LineChart(
      (others + [channel]).map { index in
        LineChart.Series(
          "", values: output.channel(index).map(Double.init),
          ink: index == channel ? .accent : .faint)
      })
    chart.xName = "position"
    chart.draw(in: inner, on: &surface, theme: context.theme)
  }
}
