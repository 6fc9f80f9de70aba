import Diffusion
import TUI

/// The panels of the Schedule screen.
extension WorkbenchApplication {
  func drawCurves(in area: Rect, _ surface: inout Surface) {
    let schedule = model.schedule.schedule
    let inner = frame(
      .curves, "noise curves",
      info: "\(model.schedule.edited.name) over t, others faint",
      foot: verdict, in: area, &surface)
    let quantities = Self.quantities
    let columns = inner.width >= 56 ? 2 : 1
    let wanted = inner.height >= 14 ? quantities.count : columns * max(1, inner.height / 7)
    let shown = Array(quantities.prefix(max(columns, min(wanted, quantities.count))))
    let lines = (shown.count + columns - 1) / columns
    let rows = inner.rows(Array(repeating: Length.fraction(1), count: lines))
    for (index, quantity) in shown.enumerated() {
      let cells = rows[index / columns].columns(
        Array(repeating: .fraction(1), count: columns), gap: 1)
      draw(quantity, of: schedule, in: cells[index % columns], &surface)
    }
  }

  /// Whether x_T is noise under the edited schedule.
  private var verdict: StyledText {
    if let problem = model.schedule.problem { return StyledText(problem, .error) }
    let decibels = model.schedule.schedule[model.schedule.schedule.count - 1].decibels
    let text = "terminal SNR \(Numbers.fixed(decibels, 1)) dB "
    // Below that, less than a sixtieth of the power is signal: samplers start as if there were none.
    return StyledText(text)
      + (decibels < -18
        ? StyledText("✓ x_T is noise", .good) : StyledText("✗ x_T keeps some signal", .warning))
  }

  /// A quantity of a schedule that is drawn over t.
  private struct Quantity: Sendable {
    var name: String
    var scale: Axis.Scale
    var values: @Sendable (Schedule) -> [Double]
  }

  private static let quantities = [
    Quantity(name: "ᾱ  signal left", scale: .linear) { $0.alphaBars },
    Quantity(name: "SNR  dB", scale: .linear) { $0.levels.map { max($0.decibels, -120) } },
    Quantity(name: "β  noise a step", scale: .log) { $0.betas },
    Quantity(name: "σ  noise to data", scale: .log) { $0.sigmas },
  ]

  private func draw(
    _ quantity: Quantity, of schedule: Schedule, in area: Rect, _ surface: inout Surface
  ) {
    let rows = area.rows(.fixed(1), .fraction(1))
    surface.put(
      quantity.name, x: rows[0].x + 1, y: rows[0].y, style: theme.style(.dim),
      maxWidth: rows[0].width - 1)
    func points(_ schedule: Schedule) -> [CurvePoint] {
      let values = quantity.values(schedule)
      let last = Double(max(values.count - 1, 1))
      return values.enumerated().map { CurvePoint(x: Double($0) / last, y: $1) }
    }
    // Others over the same t, from 0 to 1, whatever their number of levels.
    var series = others.map { name, schedule in
      LineChart.Series(name, points: points(schedule), ink: .faint)
    }
    series.append(
      LineChart.Series(
        model.schedule.edited.shortName, points: points(schedule), ink: .series(0),
        inkAt: { .noise(1 - $0) }))
    var chart = LineChart(series)
    chart.yScale = quantity.scale
    chart.xRange = 0...1
    let count = Double(schedule.count - 1)
    chart.xText = { Numbers.grouped(Int(($0 * count).rounded())) }
    chart.xName = "t"
    chart.legend = .ends
    chart.axisTicks = sampledPlaces(schedule)
    chart.draw(in: rows[1], on: &surface, theme: theme)
  }

  /// The other families, as they are by default.
  private var others: [(String, Schedule)] {
    Schedules.all.map { ScheduleConfiguration($0) }
      .filter { $0.name != model.schedule.edited.name }
      .map { ($0.shortName, $0.value.make()) }
  }

  /// Where along t the Denoise screen's sampler would stop.
  private func sampledPlaces(_ schedule: Schedule) -> [Double] {
    let steps = model.denoise.sampling.makeSteps(schedule)
    return steps.compactMap { step in
      step.index.map { Double($0) / Double(max(schedule.count - 1, 1)) }
    }
  }

  func drawParameters(in area: Rect, _ surface: inout Surface) {
    let edited = model.schedule.edited
    let inTraining = edited == model.train.schedule
    let inSampling = edited == model.samplingSchedule
    let inner = frame(.parameters, "schedule", in: area, &surface)
    let notes = min(7, max(0, inner.height - 5))
    let rows = inner.rows(.fraction(1), .fixed(notes))
    form(of: .parameters, labelWidth: 7, valueWidth: 13).draw(
      in: rows[0], on: &surface, theme: theme)
    func state(_ used: Bool, _ key: String, _ name: String) -> StyledText {
      used
        ? StyledText("✓ ", .good) + "\(name) uses this"
        : StyledText("\(key) ", .accent, bold: true) + "\(name) would use this  "
          + StyledText("live", .good)
    }
    var lines = [
      state(inSampling, "a", "sampling"), state(inTraining, "A", "training"),
    ]
    let advice = advice(on: .parameters, .dim)
    if advice.columnCount > 0 { lines += ["", advice] }
    Text(lines).draw(in: rows[1].inset(columns: 1), on: &surface, theme: theme)
  }

  func drawStrip(in area: Rect, _ surface: inout Surface) {
    let inner = frame(
      .strip, "what it does to the data", info: "x₀ at the left, x_T at the right", in: area,
      &surface)
    guard let dataset = model.train.facts?.dataset else {
      let waits = model.train.recipe.hasData
      Text.placeholder(waits ? "the data is still being loaded" : "there is no data to look at")
        .draw(in: inner, on: &surface, theme: theme)
      return
    }
    let strip = NoiseStrip(dataset, model.schedule.schedule)
    let rows = inner.rows(.fraction(1), .fixed(1))
    switch dataset.kind {
    case .image: drawPictures(strip, in: inner, &surface)
    case .points, .signal: drawPlots(strip, in: rows[0], labels: rows[1], &surface)
    }
  }

  private func drawPictures(_ strip: NoiseStrip, in area: Rect, _ surface: inout Surface) {
    let shape = strip.dataset.shape
    let size = Size(shape.width, shape.height)
    let style = pictureStyle
    let scale = PictureScale.fitting(
      size, in: Size(area.width, max(1, area.height - 1)), style: style)
    let cell = scale.cells(size, style: style)
    let columns = max(2, min(12, (area.width - 1) / (cell.width + 2)))
    var grid = TUI.ImageGrid(
      strip.places(columns).map { place in
        PixelImage(
          strip.noised(strip.example, at: place), sample: 0, shape: shape,
          range: strip.dataset.range)
      }, style: style)
    grid.labels = strip.places(columns).map { "t \($0)" }
    grid.atLeast = columns
    grid.draw(in: area, on: &surface, theme: theme)
  }

  private func drawPlots(
    _ strip: NoiseStrip, in area: Rect, labels: Rect, _ surface: inout Surface
  ) {
    let columns = max(2, min(6, area.width / 18))
    let places = strip.places(columns)
    let cells = area.columns(Array(repeating: .fraction(1), count: columns), gap: 1)
    for (place, cell) in zip(places, cells) {
      if strip.dataset.kind == .signal {
        let range = strip.dataset.range
        let span = Double(range.upperBound - range.lowerBound)
        SignalPlot(
          strip.noised(strip.example, at: place).map(Double.init), over: [],
          range: Double(range.lowerBound) - span...Double(range.upperBound) + span,
          ink: .noise(1 - Double(place) / Double(max(strip.schedule.count - 1, 1)))
        ).draw(in: cell, on: &surface, theme: theme)
      } else {
        let points = strip.noisedPoints(at: place)
        let reach = points.map { max(abs($0.0), abs($0.1)) }.max() ?? 1
        var plot = ScatterPlot(
          points.map { ScatterPlot.Point($0.0, $0.1) }, xRange: -reach...reach,
          yRange: -reach...reach)
        plot.ink = { _ in .noise(1 - Double(place) / Double(max(strip.schedule.count - 1, 1))) }
        plot.draw(in: cell, on: &surface, theme: theme)
      }
      surface.put(
        "t \(Numbers.grouped(place))",
        in: Rect(x: cell.x, y: labels.y, width: cell.width, height: 1),
        alignment: .center, style: theme.style(.dim))
    }
  }
}
