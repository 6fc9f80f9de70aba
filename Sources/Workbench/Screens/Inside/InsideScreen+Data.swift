import Diffusion
import TUI

/// The training data, and its statistics.
extension InsideScreen {
  /// What the images of a page depend on.
  struct PageKey: Equatable {
    var selection: DataSelection.Key
    var first: Int
    var count: Int
  }

  /// Some samples of the selection that follow one another.
  struct Page {
    var first: Int
    var count: Int
  }

  func drawData(in area: Rect, _ context: DrawingContext, _ surface: inout Surface) {
    let session = context.session
    guard let selection = selection(session) else {
      let inner = frame(.data, "data", in: area, context, on: &surface)
      guard session.facts != nil else { return drawWaiting(in: inner, context, &surface) }
      let text: StyledText = "no data: this model comes without its training data"
      return Text.placeholder(text).draw(in: inner, on: &surface, theme: context.theme)
    }
    let inner = frame(
      .data, .init("data · \(selection.dataset.name)"), info: .init(dataInfo(selection, session)),
      foot: dataNote(session), in: area, context, on: &surface)
    guard selection.count > 0 else { return drawWaiting(in: inner, context, &surface) }
    let areas = dataAreas(in: inner)
    if !areas.samples.isEmpty { drawPage(selection, in: areas.samples, context, &surface) }
    if !areas.statistics.isEmpty {
      drawStatistics(selection.dataset, in: areas.statistics, context, &surface)
    }
  }

  /// Samples or statistics, or both beside each other where the panel fills the screen.
  func dataAreas(in inner: Rect) -> (samples: Rect, statistics: Rect) {
    if focus.isZoomed, focus.panel == .data, inner.width >= 90 {
      let columns = inner.columns(.fraction(1), .fixed(40), gap: 2)
      return (columns[0], columns[1])
    }
    return showsStatistics ? (.zero, inner) : (inner, .zero)
  }

  private func dataInfo(_ selection: DataSelection, _ session: Session) -> String {
    let count = selection.count
    guard count > 0 else { return "none" }
    let number = isGenerated(session) ? "" : "\(Numbers.grouped(min(place, count - 1) + 1)) of "
    let name = label.map { " of class \(Wording.escaped(selection.dataset.classNames[$0]))" } ?? ""
    return number + Numbers.grouped(count) + name
  }

  private func dataNote(_ session: Session) -> StyledText {
    guard let statistics, let dataset = session.dataset else { return "" }
    if let text = dataset.text {
      return "\(dataset.shape.title) · \(Numbers.grouped(text.vocabulary)) \(text.unit.rawValue)"
    }
    return .init(
      "\(dataset.shape.title) · mean \(Numbers.short(statistics.shownMean, significant: 3))"
        + " · std \(Numbers.short(statistics.standardDeviation, significant: 3))"
        + " · \(FeatureMap.text(of: statistics.range))")
  }

  // MARK: Samples

  private func drawPage(
    _ selection: DataSelection, in area: Rect, _ context: DrawingContext, _ surface: inout Surface
  ) {
    switch selection.dataset.kind {
    case .image:
      pageGrid(selection, in: area, context)?.grid.draw(
        in: area, on: &surface, theme: context.theme)
    case .points: drawPoints(selection, in: area, context, &surface)
    case .signal: drawSignals(selection, in: area, context, &surface)
    case .text: textPage(selection, context)?.view.draw(in: area, &surface)
    }
  }

  /// The texts from a multiple of 64 on, the selected one among them, and the number of the first; nil where there
  /// are none.
  func textPage(
    _ selection: DataSelection, _ context: DrawingContext
  ) -> (view: TextView, first: Int)? {
    guard let text = selection.dataset.text, selection.count > 0 else { return nil }
    let place = min(place, selection.count - 1)
    let first = place / 64 * 64
    let shown = min(64, selection.count - first)
    var view = TextView(
      context: context, format: text,
      values: (first..<first + shown).flatMap {
        selection.dataset.sample(at: selection.index(at: $0))
      },
      shape: selection.dataset.shape.with(batch: shown))
    view.selected = isInData ? place - first : nil
    return (view, first)
  }

  private var isInData: Bool { !showsGenerated }

  /// The images in view: as many as fit, the selected one among them; nil where there are none.
  func pageGrid(
    _ selection: DataSelection, in area: Rect, _ context: DrawingContext
  ) -> (grid: TUI.ImageGrid, first: Int)? {
    let shape = selection.dataset.shape
    guard selection.count > 0, !area.isEmpty else { return nil }
    // Blank images of the same size tell how many fit.
    let blank = PixelImage(
      width: shape.width, height: shape.height,
      pixels: .grey(Array(repeating: 0, count: shape.height * shape.width)))
    var layout = TUI.ImageGrid(
      Array(repeating: blank, count: min(selection.count, area.width * area.height)),
      style: context.imageStyle)
    layout.atLeast = focus.isZoomed ? 40 : area.height < 8 ? 4 : 12
    let shown = layout.layout(in: area)?.shown ?? 1
    let place = min(place, selection.count - 1)
    let first = max(0, min(place / shown * shown, selection.count - shown))
    let key = PageKey(
      selection: .init(session: context.session.number, label: label), first: first, count: shown)
    let images = pageImages.value(for: key) {
      (first..<first + shown).map { place in
        PixelImage(
          selection.dataset.sample(at: selection.index(at: place)), sample: 0, shape: shape,
          range: selection.dataset.range)
      }
    }
    var grid = TUI.ImageGrid(images, style: context.imageStyle)
    grid.atLeast = shown
    grid.selected = isInData ? place - first : nil
    return (grid, first)
  }

  private func drawPoints(
    _ selection: DataSelection, in area: Rect, _ context: DrawingContext, _ surface: inout Surface
  ) {
    let limit = SampleView.reach(of: context.session.format)
    let place = min(place, max(selection.count - 1, 0))
    let shown = label == nil ? [] : (0..<min(selection.count, 2000)).map(selection.index(at:))
    let chosen = isInData && selection.count > 0 ? [selection.index(at: place)] : []
    let points = (shown + chosen).map { ScatterPlot.points(selection.dataset.sample(at: $0))[0] }
    var plot = ScatterPlot(points, xRange: -limit...limit, yRange: -limit...limit)
    plot.background = context.session.dataPoints
    plot.ink = { $0 < shown.count ? .series(0) : .accent }
    plot.showsAxes = true
    plot.selected = chosen.isEmpty ? nil : points.count - 1
    plot.draw(in: area, on: &surface, theme: context.theme)
  }

  /// A column of signals, the selected one among them.
  private func drawSignals(
    _ selection: DataSelection, in area: Rect, _ context: DrawingContext, _ surface: inout Surface
  ) {
    let page = signalPage(selection, in: area)
    let rows = area.rows(Array(repeating: .fraction(1), count: max(page.count, 1)))
    for (offset, row) in rows.enumerated().prefix(page.count) {
      let isSelected = isInData && page.first + offset == place
      let signal = selection.dataset.sample(at: selection.index(at: page.first + offset))
      let ink: Ink = isSelected ? .accent : .dim
      surface.put(
        Numbers.grouped(page.first + offset + 1), in: Rect(x: row.x, y: row.y, width: 6, height: 1),
        alignment: .right, style: ink.style(in: context.theme))
      SignalPlot(
        signal.map(Double.init), range: SampleView.span(of: context.session.format),
        ink: isSelected ? .accent : .noise(1)
      ).draw(in: row.inset(left: 8), on: &surface, theme: context.theme)
    }
  }

  func signalPage(_ selection: DataSelection, in area: Rect) -> Page {
    let count = min(selection.count, max(1, area.height / 4))
    let first = max(0, min(place / max(count, 1) * count, selection.count - count))
    return Page(first: first, count: count)
  }

  // MARK: Statistics

  private func drawStatistics(
    _ dataset: Dataset, in area: Rect, _ context: DrawingContext, _ surface: inout Surface
  ) {
    guard let statistics else {
      return Text.placeholder("counting").draw(in: area, on: &surface, theme: context.theme)
    }
    let items = statisticItems(dataset, statistics, context.session)
    let classRows = dataset.labels == nil ? 0 : max(3, (area.height - items.count) / 2)
    let rows = area.rows(.fixed(items.count), .fraction(1), .fixed(classRows))
    KeyValueList(items).draw(
      in: rows[0].inset(columns: 1), on: &surface, theme: context.theme)
    let (low, high) = (statistics.range.lowerBound, statistics.range.upperBound)
    var histogram = BarChart(statistics.histogram.map { Double($0) }) { bin in
      .noise(Double(bin) / Double(DataStatistics.bins))
    }
    histogram.labels = [
      .init(0, Numbers.short(low, significant: 3)),
      .init(DataStatistics.bins - 3, Numbers.short(high, significant: 3)),
    ]
    drawBars(histogram, "values", in: rows[1], context, &surface)
    guard !statistics.classCounts.isEmpty else { return }
    var classes = BarChart(statistics.classCounts.map { Double($0) }) { index in
      index == label ? .accent : .series(0)
    }
    classes.labels = dataset.classNames.enumerated().map {
      .init($0, String(Wording.escaped($1).prefix(3)))
    }
    classes.cursor = label
    drawBars(classes, "samples of each class", in: rows[2], context, &surface)
  }

  private func drawBars(
    _ chart: BarChart, _ name: String, in area: Rect, _ context: DrawingContext,
    _ surface: inout Surface
  ) {
    guard area.height >= 3 else { return }
    let rows = area.rows(.fixed(1), .fraction(1))
    surface.put(
      name, in: rows[0].inset(left: 1), alignment: .left, style: Ink.dim.style(in: context.theme))
    chart.draw(in: rows[1], on: &surface, theme: context.theme)
  }

  private func statisticItems(
    _ dataset: Dataset, _ statistics: DataStatistics, _ session: Session
  ) -> [KeyValueList.Item] {
    func number(_ value: Double) -> StyledText { .init(Numbers.short(value, significant: 4)) }
    let declared = Double(dataset.range.lowerBound)...Double(dataset.range.upperBound)
    var items: [KeyValueList.Item] = [
      .init("training samples", .init(Numbers.grouped(dataset.count))),
      .init("values each", .init(dataset.shape.title)),
    ]
    if let text = dataset.text {
      items.append(
        .init("different \(text.unit.rawValue)", .init(Numbers.grouped(text.vocabulary))))
    } else {
      items += [
        .init("mean", number(statistics.shownMean)),
        .init("standard deviation", number(statistics.standardDeviation)),
        .init("range", .init(FeatureMap.text(of: statistics.range))),
      ]
    }
    if dataset.text == nil, declared != statistics.range {
      items.append(.init("declared range", .init(FeatureMap.text(of: declared))))
    }
    if let kept = session.facts?.validationCount, kept > 0 {
      items.append(.init("held out", .init(Numbers.grouped(kept))))
    }
    return items
  }
}
