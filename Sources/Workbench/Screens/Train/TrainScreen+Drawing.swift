import Diffusion
import TUI

extension TrainScreen {
  func draw(
    _ panel: Panel, in area: Rect, _ context: DrawingContext, on surface: inout Surface
  ) {
    switch panel {
    case .loss: drawLoss(in: area, context, &surface)
    case .noiseLevels: drawNoiseLevels(in: area, context, &surface)
    case .sigmas: drawSigmas(in: area, context, &surface)
    case .gradient: drawGradient(in: area, context, &surface)
    case .quality: drawQuality(in: area, context, &surface)
    case .preview: drawPreview(in: area, context, &surface)
    case .run: drawRun(in: area, context, &surface)
    }
  }

  private func drawLoss(in area: Rect, _ context: DrawingContext, _ surface: inout Surface) {
    let session = context.session
    let points = visiblePoints
    let isFarBelow = isFloorFarBelow(points)
    let below = isFarBelow ? "floor \(Numbers.short(floor?.loss ?? .nan, significant: 1)) ↓ · " : ""
    let inner = frame(
      .loss, session.format?.maskedText == nil ? "loss" : "bits per character",
      info: "\(below)\(view.summary) · \(axis.rawValue)",
      foot: lossFoot(area.width), in: area, context, on: &surface)
    var chart = lossChart(session)
    chart.placeholder =
      if session.phase == .idle {
        "no run is open – press 4 to choose a run or a recipe"
      } else if !session.recipe.hasData {
        "this model is already trained – press 2 to sample from it"
      } else if session.phase == .preparing {
        "preparing data and network"
      } else {
        "waiting for the first step"
      }
    chart.draw(in: explained(inner, context, &surface), on: &surface, theme: context.theme)
  }

  private func lossChart(_ session: Session) -> LineChart {
    let points = visiblePoints
    func x(of point: RunHistory.Point) -> Double { self.x(of: point, session) }
    var chart = LineChart(
      history.lossSeries(
        points, smoothed: smoothedLosses[view.visible(of: history)], x: x))
    chart.yScale = view.isLogarithmic ? .log : .linear
    if let floor, !isFloorFarBelow(points) { chart.references = [Self.line(of: floor)] }
    for reference in session.facts?.references ?? []
    where !view.isLogarithmic || isInReach(reference.loss, of: points) {
      let text = "\(reference.name) \(Numbers.fixed(reference.loss, 2))"
      chart.references.append(LineChart.Reference(reference.loss, label: text, ink: .dim))
    }
    chart.yRange = view.verticalRange(of: points, references: chart.references.map(\.value))
    chart.xRange = view.horizontalRange(points.first.map(x), points.last.map(x))
    chart.xName = axis.rawValue
    // Beside the window nothing is marked.
    chart.marks = history.marks.compactMap { mark in
      guard points.first.map({ $0.step <= mark.step + history.stepsPerPoint }) ?? false else {
        return nil
      }
      return points.last { $0.step <= mark.step }.map {
        LineChart.Mark(x: x(of: $0), label: mark.label)
      }
    }
    chart.cursor = cursorX(session)
    if let drag = view.drag, drag.start != drag.end {
      for step in [drag.start, drag.end] {
        points.last { Double($0.step) <= step }.map {
          chart.marks.append(LineChart.Mark(x: x(of: $0), label: step == drag.start ? "zoom" : ""))
        }
      }
    }
    return chart
  }

  /// The last point up to the cursor.
  private func point(
    atCursorAmong points: ArraySlice<RunHistory.Point>
  ) -> RunHistory.Point? {
    view.cursor.flatMap { cursor in points.last { Double($0.step) <= cursor } }
  }

  /// The step under a column of the loss or of the gradient norm; nil beside the curves.
  func step(
    atColumn column: Int, of panel: Panel, in inner: Rect, _ context: DrawingContext
  ) -> Double? {
    let session = context.session
    let chart: LineChart
    var area = inner
    switch panel {
    case .loss:
      chart = lossChart(session)
      area = explainedRows(inner, session)[0]
    case .quality: chart = qualityChart(session)
    case .noiseLevels:
      return levelMap(session, context.imageStyle).x(atColumn: column, in: inner)
    default: return gradientChart.x(atColumn: column, in: inner)
    }
    guard let x = chart.x(atColumn: column, in: area) else { return nil }
    return visiblePoints.min {
      abs(self.x(of: $0, session) - x) < abs(self.x(of: $1, session) - x)
    }.map { Double($0.step) }
  }

  /// The place of the cursor along the horizontal axis.
  func cursorX(_ session: Session) -> Double? {
    point(atCursorAmong: visiblePoints).map { x(of: $0, session) }
  }

  private func isFloorFarBelow(_ points: ArraySlice<RunHistory.Point>) -> Bool {
    floor.map { view.isLogarithmic && !isInReach($0.loss, of: points) } ?? false
  }

  private static func line(of floor: MemorizationFloor.Estimate) -> LineChart.Reference {
    LineChart.Reference(
      floor.loss, label: "memorisation floor \(Numbers.short(floor.loss, significant: 3))",
      ink: .text)
  }

  /// Whether a logarithmic axis can show a value without crowding the curve into a corner.
  private func isInReach(_ value: Double, of points: ArraySlice<RunHistory.Point>) -> Bool {
    points.lazy.map(\.lowestLoss).filter { $0 > 0 }.min().map { value * 30 > $0 } ?? (value > 0)
  }

  /// Says below a chart what the floor means, where there is room; returns what is left for the chart.
  func explained(
    _ area: Rect, _ context: DrawingContext, _ surface: inout Surface
  ) -> Rect {
    let rows = explainedRows(area, context.session)
    if rows.count > 1 {
      Text(Text([Self.explanation(context.session)]).wrapped(to: area.width)).draw(
        in: rows[1].inset(top: 1), on: &surface, theme: context.theme)
    }
    return rows[0]
  }

  /// The chart, and below it its explanation where there is room.
  private func explainedRows(_ area: Rect, _ session: Session) -> [Rect] {
    guard floor != nil, area.height >= 16 else { return [area] }
    let lines = Text([Self.explanation(session)]).wrapped(to: area.width)
    return area.rows(.fraction(1), .fixed(lines.count + 1))
  }

  private static func explanation(_ session: Session) -> StyledText {
    let isPartial = session.recipe.network.value(of: "learn_variance") == .flag(true)
    return explanation + (isPartial ? partExplanation : "")
  }

  private static let explanation = StyledText(
    "Memorisation floor: the expected loss of the ideal denoiser of the training set. No network can have a "
      + "lower expected loss on it, though single batches may dip below. Where the noise is low or moderate, a "
      + "loss close to it means that the network is reproducing training samples.", .dim)

  private static let partExplanation = StyledText(
    " It covers only the squared error; the loss of the variance is added to it.", .dim)

  /// The points that the zoom shows.
  private var visiblePoints: ArraySlice<RunHistory.Point> {
    history.points[view.visible(of: history)]
  }

  private var smoothedLosses: [Double] {
    let key = SmoothedKey(
      last: history.points.last?.step, points: history.points.count, weight: smoothing)
    return smoothed.value(for: key) { history.smoothedLosses(weight: smoothing) }
  }

  private func x(of point: RunHistory.Point, _ session: Session) -> Double {
    x(step: point.step, seconds: point.seconds, session)
  }

  func x(step: Int, seconds: Double, _ session: Session) -> Double {
    switch axis {
    case .step: return Double(step)
    case .seconds: return seconds
    case .epoch:
      let (samples, training) = (
        Double(session.dataset?.count ?? 1), session.recipe.training
      )
      return Double(step) * Double(training.batchSize * training.accumulationSteps) / samples
    }
  }

  private func lossFoot(_ width: Int) -> StyledText {
    guard let last = history.last, let smoothed = smoothedLosses.last else { return "" }
    let raw = StyledText("raw \(Numbers.fixed(last.loss ?? .nan, 4))  ")
    let bright = StyledText("smoothed \(Numbers.fixed(smoothed, 4))", .series(0))
    let weight = StyledText(" (\(Numbers.fixed(smoothing, 2)))", .dim)
    guard let validation = history.validation.last else { return raw + bright + weight }
    let held = StyledText("  validation \(Numbers.fixed(validation.loss, 4))", .series(1))
    return width >= 60 ? raw + bright + weight + held : bright + held
  }

  private func drawSigmas(in area: Rect, _ context: DrawingContext, _ surface: inout Surface) {
    let isText = context.session.measures.isText
    let inner = frame(
      .sigmas, isText ? "masked shares seen" : "noise levels seen", info: isText ? "" : "log σ/α",
      in: area, context, on: &surface)
    let counts = (isText ? noiseLevels.shareCounts : noiseLevels.sigmaCounts).map {
      $0 > 0 ? Double($0) : .nan
    }
    let bins = NoiseLevelWindow.sigmaBins
    // As many bars as there are columns beside the axis.
    let columns = max(1, inner.width >= 24 ? inner.width - 6 : inner.width)
    var chart = BarChart((0..<columns).map { counts[$0 * bins / columns] }) {
      .noise(1 - Double($0) / Double(max(columns - 1, 1)))
    }
    // One label a decade of σ, from a thousandth to a thousand; of text one each quarter.
    let labels =
      isText ? ["0 %", "25 %", "50 %", "75 %"] : ["", "0.01", "", "1", "", "100"]
    chart.labels = labels.enumerated().map { BarChart.Label($0 * columns / labels.count, $1) }
    chart.placeholder = "no steps yet"
    chart.draw(in: inner, on: &surface, theme: context.theme)
  }

  /// The point at the cursor.
  var cursorPoint: RunHistory.Point? { point(atCursorAmong: visiblePoints) }

  var gradientChart: LineChart {
    let points = visiblePoints.map { CurvePoint(x: Double($0.step), y: $0.gradientNorm) }
    var chart = LineChart([LineChart.Series("gradient norm", points: points, ink: .series(1))])
    chart.yScale = .log
    chart.placeholder = "no steps yet"
    chart.cursor = view.cursor
    return chart
  }

  private func drawPreview(in area: Rect, _ context: DrawingContext, _ surface: inout Surface) {
    let sampling = context.session.recipe.preview.sampling
    var info = StyledText("\(sampling.sampler.name) \(sampling.steps)")
    if let frame = playback.frame {
      info =
        "EMA at step \(Numbers.grouped(playback.weightsStep)) · " + info
        + " · \(frame.measures.text(frame.level))"
    }
    var view = playback.frame.map { SampleView($0.x, shape: $0.shape, context) }
    if let frame = playback.frame {
      view?.useImages(of: images, playback.number, frame)
      view?.colour(by: frame, after: playback.framesSoFar.dropLast().last)
      view?.place = Double(frame.index) / Double(max(frame.frameCount - 1, 1))
      // One scale for the whole way, as on Denoise; what came out fills the panel.
      if context.session.format?.kind == .points, !frame.isLast, let first = playback.first {
        view?.reach = SampleView.reach(of: first.x, context.session.format)
      }
    }
    view?.showsAll = focus.isZoomed
    // The mark of the selected one would only disturb while nobody chooses.
    if focus.panel == .preview { view?.selected = selected }
    let room = TUI.Panel.inner(area).inset(bottom: 1)
    let inner = frame(
      .preview, "samples", info: info, foot: view?.note(in: room) ?? "", in: area, context,
      on: &surface)
    guard let view, let frame = playback.frame else {
      Text.placeholder("waiting for the first preview").draw(
        in: inner, on: &surface, theme: context.theme)
      return
    }
    let rows = inner.rows(.fraction(1), .fixed(1))
    view.draw(in: rows[0], &surface)
    Timeline(
      Double(frame.index) / Double(max(frame.frameCount - 1, 1)),
      available: playback.available
    ).draw(in: rows[1], on: &surface, theme: context.theme)
  }

  private func drawRun(in area: Rect, _ context: DrawingContext, _ surface: inout Surface) {
    let saved = context.session.savedStep.map { "saved at step \(Numbers.grouped($0))" }
    let held = context.session.effectiveLimit.map {
      "slowed to \(Numbers.short($0, significant: 3)) steps/s · \(context.session.label(of: .speedLimit, usually: "S")) full speed"
    }
    var inner = frame(
      .run, "run", info: .init(held ?? saved ?? ""), foot: advice(on: .run, context), in: area,
      context,
      on: &surface)
    if focus.isZoomed, inner.width >= 60 {
      let columns = inner.columns(.fixed(50), .fraction(1), gap: 2)
      inner = columns[0]
      let form = formArea(of: .run, in: inner, context.session)
      let used = form.y - inner.y + fields(of: .run, context.session).count + 1
      drawRecipe(in: columns[1], and: inner.inset(top: used), context, &surface)
    }
    drawNumbers(
      in: inner.rows(.fixed(numberRows(in: inner, context.session)), .fraction(1))[0], context,
      &surface)
    drawForm(
      of: .run, labelWidth: 16, valueWidth: 8, in: formArea(of: .run, in: inner, context.session),
      context, on: &surface)
  }

  /// Every setting of the run, section by section, in as many columns as are needed; what does not fit into
  /// `area` goes into `rest`.
  private func drawRecipe(
    in area: Rect, and rest: Rect, _ context: DrawingContext, _ surface: inout Surface
  ) {
    let recipe = context.session.recipe
    let lines = RecipeSection.all.flatMap { section -> [StyledText] in
      var seen: Set<String> = []
      let values = section.groups.flatMap(\.settings).compactMap { setting -> StyledText? in
        let key = RecipeKey(section.name, setting.key)
        guard seen.insert(setting.key).inserted, let info = recipe.setting(key),
          let value = recipe.value(of: key)
        else { return nil }
        return StyledText("  \(info.key.fitted(to: 18)) ", .dim) + StyledText(info.text(of: value))
      }
      return values.isEmpty ? [] : [StyledText(section.name, .accent, bold: true)] + values
    }
    let count = max(1, min(area.width / 30, (lines.count + area.height - 1) / max(area.height, 1)))
    let columns = area.columns(Array(repeating: .fraction(1), count: count), gap: 2)
    let height = min(area.height, (lines.count + count - 1) / count)
    var left = lines[...]
    for (column, height) in columns.map({ ($0, height) }) + [(rest, rest.height)] {
      for (row, line) in left.prefix(height).enumerated() {
        surface.put(line, in: column.row(row), alignment: .left, theme: context.theme)
      }
      left = left.dropFirst(height)
    }
  }

  private func drawNumbers(in area: Rect, _ context: DrawingContext, _ surface: inout Surface) {
    let session = context.session
    let step = history.last?.step ?? session.facts?.completedSteps ?? 0
    let total = session.totalSteps
    let left =
      history.secondsLeft(
        lastStep: total ?? 0, limit: session.effectiveLimit
      ).map { Numbers.duration($0) } ?? "–"
    Gauge(
      Double(step) / Double(max(total ?? 1, 1)),
      caption: "step \(Numbers.grouped(step)) / \(total.map { Numbers.grouped($0) } ?? "–")"
    ).draw(in: area.row(0), on: &surface, theme: context.theme)
    let duration = history.smoothedDuration
    let training = session.recipe.training
    let rate = duration.map { Double(training.batchSize * training.accumulationSteps) / $0 }
    let items = [
      KeyValueList.Item("time left", .init(left)),
      KeyValueList.Item(
        "elapsed", .init(history.last.map { Numbers.duration($0.seconds ?? 0) } ?? "–")),
      KeyValueList.Item("samples/s", .init(rate.map { Numbers.grouped(Int($0)) } ?? "–")),
      KeyValueList.Item(
        "step time", .init(duration.map { Numbers.fixed($0 * 1000, 1) } ?? "–"), unit: "ms"),
      KeyValueList.Item(
        "current LR", .init(history.last.map { Numbers.short($0.learningRate ?? .nan) } ?? "–")),
      KeyValueList.Item(
        "EMA decay", .init(history.last.map { Numbers.fixed($0.averageDecay ?? .nan, 4) } ?? "–")),
    ]
    KeyValueList(items, columns: area.width >= 44 ? 2 : 1, valueWidth: 9).draw(
      in: area.inset(top: 1), on: &surface, theme: context.theme)
  }
}

extension RunHistory {
  /// The curves of the loss: raw and smoothed at some points, and that of validation from the first of
  /// them on.
  func lossSeries(
    _ points: some Collection<Point>, smoothed: some Collection<Double>, x: (Point) -> Double
  ) -> [LineChart.Series] {
    let start = points.first?.step ?? 0
    let end = points.reduce(start) { max($0, $1.step) } + stepsPerPoint - 1
    return [
      LineChart.Series(
        "raw",
        points: points.map {
          CurvePoint(x: x($0), y: $0.loss, low: $0.lowestLoss, high: $0.highestLoss)
        }, ink: .faint),
      LineChart.Series(
        "smoothed", points: zip(points, smoothed).map { CurvePoint(x: x($0), y: $1) },
        ink: .series(0)),
      LineChart.Series(
        "validation",
        points: validation.filter { $0.step >= start && $0.step <= end }.map {
          CurvePoint(x: x($0), y: $0.loss)
        },
        ink: .series(1), dash: .dashed),
    ]
  }
}
