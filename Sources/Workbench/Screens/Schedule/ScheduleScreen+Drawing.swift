import Diffusion
import TUI

extension ScheduleScreen {
  func layout(in body: Rect) -> [PlacedPanel<Panel>] {
    guard !Self.isSmall(body) else { return smallLayout(in: body) }
    // Wide enough for two images side by side.
    let columns = body.columns(.fraction(1), .fixed(body.width >= 160 ? 64 : 38))
    let left = columns[0].rows(.fraction(0.62), .fraction(0.38))
    let right = columns[1].rows(.fixed(body.height >= 48 ? 20 : 17), .fraction(1))
    return [(.curves, left[0]), (.parameters, right[0]), (.strip, left[1]), (.results, right[1])]
  }

  private func smallLayout(in body: Rect) -> [PlacedPanel<Panel>] {
    // Ten rows hold images of 14 pixels and their labels.
    let rows = body.rows(.fraction(1), .fixed(body.height >= 18 ? 10 : 6))
    let top = rows[0].columns(.fraction(1), .fixed(36))
    let low = rows[1].columns(.fraction(1), .fixed(36))
    return [(.curves, top[0]), (.parameters, top[1]), (.strip, low[0]), (.results, low[1])]
  }

  func narrowLayout(in body: Rect) -> [PlacedPanel<Panel>] {
    guard body.height >= 16, focus.panel == .parameters || focus.panel == .results else {
      return [(focus.panel, body)]
    }
    let rows = body.rows(.fraction(1), .fixed(9))
    return [(.parameters, rows[0]), (.results, rows[1])]
  }

  func draw(
    _ panel: Panel, in area: Rect, _ context: DrawingContext, on surface: inout Surface
  ) {
    switch panel {
    case .curves: drawCurves(in: area, context, &surface)
    case .parameters: drawParameters(in: area, context, &surface)
    case .strip: drawStrip(in: area, context, &surface)
    case .results: drawResults(in: area, context, &surface)
    }
  }

  private func drawResults(in area: Rect, _ context: DrawingContext, _ surface: inout Surface) {
    let session = context.session
    let inner = frame(
      .results, "samples", info: .init(results.info(edited)),
      foot: results.problem.map { StyledText($0, .error) } ?? "", in: area, context, on: &surface)
    guard let frame = results.frame else {
      let waits = session.phase != .idle && results.problem == nil
      return Text.placeholder(waits ? "drawing samples" : "no samples").draw(
        in: inner, on: &surface, theme: context.theme)
    }
    var view = SampleView(frame.x, shape: frame.shape, context)
    view.showsAll = focus.isZoomed
    view.colour(by: frame)
    view.useImages(of: results.images, results.shownNumber, frame)
    view.draw(in: inner, &surface)
  }

  private func drawCurves(in area: Rect, _ context: DrawingContext, _ surface: inout Surface) {
    let info =
      points == nil ? "\(edited.name) over t, others faint" : "drag ◇ to move a point"
    let inner = frame(
      .curves, isOfText ? "masking curves" : "noise curves", info: .init(info), foot: verdict,
      in: area, context, on: &surface)
    for (quantity, cells) in charts(in: inner) { draw(quantity, in: cells, context, &surface) }
  }

  /// The quantities that there is room for in the panel of curves, with the cells of each.
  func charts(in inner: Rect) -> [(quantity: ScheduleQuantity, cells: Rect)] {
    let columns = inner.width >= 56 ? 2 : 1
    let quantities = quantities
    let wanted = inner.height >= 14 ? quantities.count : columns * max(1, inner.height / 7)
    let shown = Array(quantities.prefix(max(columns, min(wanted, quantities.count))))
    let lines = (shown.count + columns - 1) / columns
    let rows = inner.rows(Array(repeating: Length.fraction(1), count: lines))
    return shown.enumerated().map { index, quantity in
      let cells = rows[index / columns].columns(
        Array(repeating: .fraction(1), count: columns), gap: 1)
      return (quantity, cells[index % columns])
    }
  }

  /// Whether x_T is noise under the edited schedule.
  private var verdict: StyledText {
    if let problem { return StyledText(problem, .error) }
    if isOfText {
      let share = SampleMeasures.percent(schedule[schedule.count - 1].sigma)
      return StyledText("masked at x_T \(share) ")
        + (schedule.isMasking
          ? StyledText("✓ nothing is left", .good)
          : StyledText("✗ x_T has letters", .warning))
    }
    let decibels = schedule[schedule.count - 1].snrDecibels
    return StyledText("terminal SNR \(Numbers.fixed(decibels, 1)) dB ")
      + (schedule.endsInNoise
        ? StyledText("✓ pure noise", .good)
        : StyledText("✗ x_T has signal", .warning))
  }

  /// The quantities that are drawn, in their order; what the points draw comes first.
  private var quantities: [ScheduleQuantity] {
    isOfText
      ? [.maskedShare, .newlyMasked]
      : points == nil
        ? [.alphaBar, .decibels, .beta, .sigma] : [.logSNR, .alphaBar, .beta, .sigma]
  }

  /// Whether the edited schedule masks text.
  private var isOfText: Bool { edited.isForText }

  /// The quantities of one family over t from 0 to 1, whatever its number of levels.
  struct Curves: Sendable {
    let name: String
    let points: [ScheduleQuantity: [CurvePoint]]

    fileprivate init(_ name: String, _ schedule: Schedule) {
      self.name = name
      points = Dictionary(
        uniqueKeysWithValues: ScheduleQuantity.all.map { quantity in
          let values = quantity.values(schedule)
          let last = Double(max(values.count - 1, 1))
          return (quantity, values.enumerated().map { CurvePoint(x: Double($0) / last, y: $1) })
        })
    }
  }

  /// Families to compare with, as they are by default, once for the whole program: more would hide
  /// one another.
  private static let families = ["linear", "scaled-linear", "cosine", "log-linear"].compactMap {
    name -> (name: String, curves: Curves)? in
    guard let configuration = ScheduleConfiguration(named: name),
      let schedule = try? configuration.make()
    else { return nil }
    return (configuration.name, Curves(configuration.shortName, schedule))
  }

  /// The ways to mask text, to compare with one another.
  private static let maskings = MaskingSchedule.Curve.allCases.map { curve in
    var masking = MaskingSchedule()
    masking.curve = curve
    return (name: curve.rawValue, curves: Curves(curve.rawValue, masking.make()))
  }

  /// What is drawn: the other families, then the edited schedule.
  private var allCurves: [Curves] {
    curves.value(for: edited) {
      let masking = (edited.value as? MaskingSchedule)?.curve.rawValue
      let others = masking == nil ? Self.families : Self.maskings
      return others.filter { $0.name != masking ?? edited.name }.map(\.curves)
        + [Curves(masking ?? edited.shortName, schedule)]
    }
  }

  private func draw(
    _ quantity: ScheduleQuantity, in area: Rect, _ context: DrawingContext, _ surface: inout Surface
  ) {
    let heading = area.row(0).inset(left: 1)
    let selected = quantity == .logSNR && focus.panel == .curves ? selectedPointText : ""
    surface.put(
      selected.isEmpty ? "\(quantity.symbol)  \(quantity.meaning)" : quantity.symbol,
      x: heading.x, y: heading.y, style: context.theme.style(.dim), maxWidth: heading.width)
    surface.put(
      .init(selected), in: heading, alignment: .right, ink: .accent, theme: context.theme)
    chart(of: quantity, context).draw(in: chartArea(in: area), on: &surface, theme: context.theme)
  }

  /// The cells of a chart below its heading.
  func chartArea(in cells: Rect) -> Rect { cells.inset(top: 1) }

  /// The curves of a quantity over t.
  func chart(of quantity: ScheduleQuantity, _ context: DrawingContext) -> LineChart {
    let all = allCurves
    var chart = LineChart(
      all.enumerated().map { place, curves in
        let points = curves.points[quantity] ?? []
        return place < all.count - 1
          ? LineChart.Series(curves.name, points: points, ink: .faint)
          : LineChart.Series(
            curves.name, points: points, ink: .series(0), inkAt: { .noise(1 - $0) })
      })
    chart.yScale = quantity.scale
    chart.xRange = 0...1
    let count = Double(schedule.count - 1)
    chart.xText = { Numbers.grouped(Int(($0 * count).rounded())) }
    chart.xName = "t"
    chart.namesCurves = true
    let visited = visitedTimesteps(context.session.sampling)
    chart.axisTicks = visited.map { Double($0) / max(count, 1) }
    let points = all.last?.points[quantity] ?? []
    chart.dots = visited.compactMap { points.indices.contains($0) ? points[$0] : nil }
    if forward.isShown { chart.marks = [LineChart.Mark(x: forward.place)] }
    if quantity == .logSNR { addHandles(to: &chart) }
    return chart
  }

  /// The timesteps at which the Denoise screen's sampler would stop.
  private func visitedTimesteps(_ sampling: SamplingConfiguration) -> [Int] {
    ticks.value(for: TickKey(schedule: edited, sampling: sampling)) {
      sampling.makeSteps(schedule).compactMap(\.index)
    }
  }

  private func drawParameters(
    in area: Rect, _ context: DrawingContext, _ surface: inout Surface
  ) {
    let session = context.session
    let inTraining = edited == session.schedule
    let inSampling = edited == session.samplingSchedule
    let inner = frame(.parameters, "schedule", in: area, context, on: &surface)
    let notes = min(7, max(0, inner.height - 5))
    let rows = inner.rows(.fraction(1), .fixed(notes))
    drawForm(
      of: .parameters, labelWidth: 7, valueWidth: 13, in: rows[0], context, on: &surface)
    func state(_ used: Bool, _ key: String, _ name: String) -> StyledText {
      used
        ? StyledText("✓ ", .good) + "used for \(name)"
        : StyledText("\(key) ", .accent, bold: true) + "use for \(name)  "
          + StyledText("live", .good)
    }
    var lines = [
      state(inSampling, "a", "sampling"), state(inTraining, "A", "training"),
    ]
    let advice = self.advice(on: .parameters, context, ink: .dim)
    if advice.columnCount > 0 { lines += ["", advice] }
    Text(lines).draw(in: rows[1].inset(columns: 1), on: &surface, theme: context.theme)
  }

  private func drawStrip(in area: Rect, _ context: DrawingContext, _ surface: inout Surface) {
    let session = context.session
    let isText = session.measures.isText
    let info =
      forward.isShown
      ? forwardInfo(session.measures) : "x_0 on the left, x_T on the right · space plays"
    let inner = frame(
      .strip, forward.isShown ? "forward process" : isText ? "masked data" : "noised data",
      info: .init(info), in: area, context, on: &surface)
    guard let dataset = session.dataset else {
      let waits = session.recipe.hasData && session.phase != .idle
      Text.placeholder(waits ? "loading the data" : "no data")
        .draw(in: inner, on: &surface, theme: context.theme)
      return
    }
    let strip = NoiseStrip(dataset, schedule)
    if forward.isShown { return drawForward(strip, in: inner, context, &surface) }
    let rows = inner.rows(.fraction(1), .fixed(1))
    switch dataset.kind {
    case .image: drawImages(strip, in: inner, context, &surface)
    case .points, .signal: drawPlots(strip, in: rows[0], labels: rows[1], context, &surface)
    case .text: drawTexts(strip, in: inner, context, &surface)
    }
  }

  /// A row for each of some timesteps: the masked share, or σ/α where text is bits, and what it leaves of one
  /// text or of several short ones.
  private func drawTexts(
    _ strip: NoiseStrip, in area: Rect, _ context: DrawingContext, _ surface: inout Surface
  ) {
    guard let text = strip.dataset.text, area.height > 0 else { return }
    let label = 16
    let length = strip.dataset.shape.width
    let count = max(1, min((area.width - label) / (length + 2), strip.dataset.count))
    for (row, place) in strip.places(max(2, area.height)).prefix(area.height).enumerated() {
      let level = strip.schedule[place]
      let amount =
        text.encoding == .tokens
        ? "\(Numbers.fixed(100 * level.sigma, 0).fitted(to: 3, alignment: .right)) %"
        : Numbers.short(level.sigmaOverAlpha).fitted(to: 5, alignment: .right)
      let t = Numbers.grouped(place).fitted(to: 5, alignment: .right)
      surface.put(
        "t \(t)  \(amount)", in: area.row(row), alignment: .left,
        style: Ink.dim.style(in: context.theme))
      // Samples from all over the data: neighbours are much alike.
      let tokens = (0..<count).flatMap { column in
        strip.noised(column * strip.dataset.count / count, at: place)
      }
      let view = TextView(
        context: context, format: text, values: tokens,
        shape: strip.dataset.shape.with(batch: count))
      view.draw(in: area.row(row).inset(left: label), &surface)
    }
  }

  private func forwardInfo(_ measures: SampleMeasures) -> String {
    "t \(Numbers.grouped(forwardTimestep)) · \(measures.text(schedule[forwardTimestep]))"
  }

  private func drawImages(
    _ strip: NoiseStrip, in area: Rect, _ context: DrawingContext, _ surface: inout Surface
  ) {
    let shape = strip.dataset.shape
    let size = Size(shape.width, shape.height)
    let style = context.imageStyle
    let scale = ImageScale.fitting(
      size, in: Size(area.width, max(1, area.height - 1)), style: style)
    let cell = scale.cells(size, style: style)
    let columns = max(4, min(12, (area.width - 1) / (cell.width + 1)))
    let noised = images.value(for: key(strip, columns, context.session)) {
      strip.places(columns).map { place in
        PixelImage(
          strip.noised(strip.example, at: place), sample: 0, shape: shape,
          range: strip.dataset.range)
      }
    }
    var grid = TUI.ImageGrid(noised, style: style)
    grid.labels = strip.places(columns).map { "t \(Numbers.grouped($0))" }
    grid.atLeast = columns
    grid.draw(in: area, on: &surface, theme: context.theme)
  }

  private func drawPlots(
    _ strip: NoiseStrip, in area: Rect, labels: Rect, _ context: DrawingContext,
    _ surface: inout Surface
  ) {
    let columns = max(2, min(6, area.width / 18))
    let places = strip.places(columns)
    let cells = area.columns(Array(repeating: .fraction(1), count: columns), gap: 1)
    let noised = plots.value(for: key(strip, columns, context.session)) {
      places.map {
        strip.dataset.kind == .signal
          ? strip.noised(strip.example, at: $0) : strip.noisedPoints(at: $0)
      }
    }
    for ((place, values), cell) in zip(zip(places, noised), cells) {
      if strip.dataset.kind == .signal {
        let range = strip.dataset.range
        let span = Double(range.upperBound - range.lowerBound)
        SignalPlot(
          values.map(Double.init), over: [],
          range: Double(range.lowerBound) - span...Double(range.upperBound) + span,
          ink: .noise(1 - Double(place) / Double(max(strip.schedule.count - 1, 1)))
        ).draw(in: cell, on: &surface, theme: context.theme)
      } else {
        let reach = Double(values.map { abs($0) }.max() ?? 1)
        var plot = ScatterPlot(
          ScatterPlot.points(values), xRange: -reach...reach, yRange: -reach...reach)
        plot.ink = { _ in .noise(1 - Double(place) / Double(max(strip.schedule.count - 1, 1))) }
        plot.draw(in: cell, on: &surface, theme: context.theme)
      }
      surface.put(
        "t \(Numbers.grouped(place))",
        in: Rect(x: cell.x, y: labels.y, width: cell.width, height: 1),
        alignment: .center, style: context.theme.style(.dim))
    }
  }

  private func key(_ strip: NoiseStrip, _ columns: Int, _ session: Session) -> NoiseStrip.Key {
    NoiseStrip.Key(session: session.number, schedule: edited, columns: columns)
  }
}
