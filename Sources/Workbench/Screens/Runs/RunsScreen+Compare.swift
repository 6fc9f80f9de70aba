import Diffusion
import TUI

/// A setting that runs do not share, with the value of each.
struct DifferingSetting: Sendable, Equatable {
  var key: String
  var values: [String]

  /// The settings in which recipes differ, in the order of recipes; nil is one that cannot be read.
  static func all(among recipes: [Recipe?]) -> [DifferingSetting] {
    RecipeSection.all.flatMap { section -> [DifferingSetting] in
      let texts = recipes.map { $0.map(section.texts(in:)) ?? [:] }
      var seen: Set<String> = []
      let keys = section.groups.flatMap(\.settings).map(\.key).filter { seen.insert($0).inserted }
      return keys.compactMap { key in
        let values = texts.map { $0[key] ?? "–" }
        return Set(values).count > 1
          ? DifferingSetting(key: "\(section.name).\(key)", values: values) : nil
      }
    }
  }
}

extension RecipeSection {
  /// The values that a recipe has in this section, as forms show them, by their keys.
  func texts(in recipe: Recipe) -> [String: String] {
    Dictionary(values(in: recipe).map { ($0.info.key, $0.info.text(of: $0.value)) }) { $1 }
  }
}

/// Marked runs beside one another.
extension RunsScreen {
  /// So many runs can be told apart.
  static let mostMarked = 6

  /// Whether several runs are shown rather than the selected one.
  var isComparing: Bool { marked.count > 1 }

  /// Marks the selected run, or no longer.
  mutating func mark(_ session: inout Session) {
    guard let run else { return }
    if let problem = mark(run.folder) { return session.note(problem) }
    let change = marked.contains(run.folder) ? "marked" : "unmarked"
    var rest = marked.isEmpty ? "" : "; mark another run to compare them"
    if isComparing { rest = "; \(marked.count) runs are compared" }
    session.note("\(Wording.escaped(run.name)) is \(change)\(rest)")
  }

  /// Marks a run, or no longer; returns why it cannot be marked.
  @discardableResult
  mutating func mark(_ folder: RunFolder) -> String? {
    if let place = marked.firstIndex(of: folder) {
      marked.remove(at: place)
    } else if marked.count < Self.mostMarked {
      marked.append(folder)
    } else {
      return "no more than \(Self.mostMarked) runs can be compared"
    }
    if !isComparing, focus.panel == .differences { focus.panel = .list }
    show()
    return nil
  }

  /// Sees to it that what is shown is what is marked or selected.
  mutating func show() {
    details.show(isComparing ? marked : run.map { [$0.folder] } ?? [])
  }

  /// Samples the next run that is shown and has no samples yet.
  mutating func drawSamples(_ session: inout Session) -> [Effect] {
    guard let (folder, model) = details.unsampled else { return [] }
    var sampling = model.sampling
    sampling.count = model.format.kind == .points ? min(sampling.count, 256) : Self.sampleCount
    // Whatever their recipes say, the noise is that of the first one with weights.
    sampling.seed = (details.models.first ?? model).sampling.seed
    let request = session.request(sampling, along: model.schedule, from: model)
    details.beginSampling(folder, number: request.number)
    return [.sample(request, Self.slot)]
  }

  /// Images or signals that are drawn of a run.
  private static let sampleCount = 8

  // MARK: Loss

  /// The history with the last step, which gives the steps that there are.
  var span: RunHistory {
    details.shown.compactMap { details[$0]?.history }.max {
      ($0.last?.step ?? 0) < ($1.last?.step ?? 0)
    } ?? RunHistory()
  }

  /// The loss of the run, or the smoothed losses of all that are compared.
  var lossChart: LineChart {
    guard isComparing else { return singleLossChart }
    let steps = view.steps(of: span)
    let shown = details.shown.enumerated().compactMap { index, folder in
      details[folder].map { detail in
        let points = zip(detail.history.points, detail.smoothedLosses).filter {
          steps.contains(Double($0.0.step))
        }
        return (
          points: points.map(\.0),
          series: LineChart.Series(
            Wording.escaped(folder.name),
            points: points.map { CurvePoint(x: Double($0.0.step), y: $0.1) },
            ink: .series(index), dash: index.isMultiple(of: 2) ? .solid : .dashed)
        )
      }
    }
    // The first one marked is on top.
    var chart = LineChart(shown.reversed().map(\.series))
    chart.yScale = view.isLogarithmic ? .log : .linear
    chart.yRange = view.verticalRange(of: shown.flatMap(\.points), references: [])
    chart.xRange = steps
    chart.cursor = view.cursor
    chart.namesCurves = true
    // The lines below have the values.
    chart.readsOut = false
    chart.placeholder = "reading the runs"
    return chart
  }

  private var singleLossChart: LineChart {
    let detail = run.flatMap { details[$0.folder] }
    let history = detail?.history ?? RunHistory()
    let visible = view.visible(of: history)
    let points = history.points[visible]
    let smoothed = detail?.smoothedLosses ?? []
    var chart = LineChart(
      history.lossSeries(
        points, smoothed: smoothed.prefix(visible.upperBound).suffix(points.count)
      ) { Double($0.step) })
    chart.yScale = view.isLogarithmic ? .log : .linear
    chart.yRange = view.verticalRange(of: points, references: [])
    chart.xName = "step"
    chart.cursor = view.cursor
    chart.placeholder = detail == nil ? "" : "no steps yet"
    return chart
  }

  /// The chart, and below it where runs are compared their values.
  func lossRows(in inner: Rect) -> [Rect] {
    let lines = isComparing ? min(details.shown.count, max(0, inner.height - 4)) : 0
    return inner.rows(.fraction(1), .fixed(lines))
  }

  func drawLoss(in area: Rect, _ context: DrawingContext, _ surface: inout Surface) {
    let smoothed = isComparing ? "smoothed 0.90 · " : ""
    let foot =
      isComparing ? view.cursor.map { "step \(Numbers.grouped(Int($0)))" } ?? "last step" : ""
    let inner = frame(
      .loss, "loss", info: "\(smoothed)\(view.summary) · step", foot: .init(foot), in: area,
      context, on: &surface)
    let rows = lossRows(in: inner)
    let chart = lossChart
    chart.draw(in: rows[0], on: &surface, theme: context.theme)
    for (index, folder) in details.shown.enumerated() where index < rows[1].height {
      draw(valueOf: folder, index, chart, in: rows[1].row(index), context, &surface)
    }
  }

  /// A run with its loss at the cursor, or the last one.
  private func draw(
    valueOf folder: RunFolder, _ index: Int, _ chart: LineChart, in row: Rect,
    _ context: DrawingContext, _ surface: inout Surface
  ) {
    let name = Wording.escaped(folder.name)
    let step = view.cursor ?? .infinity
    let series = chart.series.first { $0.name == name }
    let value = series.flatMap { LineChart.value(of: $0, at: step) }
    surface.put(
      StyledText("\(index + 1) \(index.isMultiple(of: 2) ? "──" : "╌╌") ", .series(index))
        + StyledText(name),
      in: row.inset(right: 12), alignment: .left, theme: context.theme)
    surface.put(
      StyledText(value.map { Numbers.compact($0) } ?? "–"), in: row, alignment: .right,
      theme: context.theme)
  }

  // MARK: Differences

  var differences: [DifferingSetting] {
    guard isComparing else { return [] }
    let recipes = details.shown.map { details[$0]?.recipe }
    return differing.value(for: recipes) { DifferingSetting.all(among: recipes) }
  }

  func differencesTable(width: Int) -> Table {
    let isRead = details.shown.allSatisfy { details[$0] != nil }
    // The settings' names have room, what is left is for the values.
    let room = max(6, (width - 30) / max(details.shown.count, 1) - 2)
    func cut(_ text: String) -> String { text.columnCount > room ? text.fitted(to: room) : text }
    let names = details.shown.enumerated().map {
      Table.Column(cut("\($0 + 1) \(Wording.escaped($1.name))"))
    }
    return Table(
      [.init("setting")] + names,
      rows: differences.map { setting in
        [StyledText(setting.key, .dim)]
          + setting.values.enumerated().map { StyledText(cut($1), .series($0)) }
      }, selected: focus.panel == .differences ? selectedDifference : nil,
      placeholder: isRead ? "these runs have the same settings" : "reading the runs")
  }

  func drawDifferences(
    in area: Rect, _ context: DrawingContext, _ surface: inout Surface
  ) {
    let inner = frame(
      .differences, "different settings", info: "", in: area, context, on: &surface)
    differencesTable(width: inner.width).draw(in: inner, on: &surface, theme: context.theme)
  }

  // MARK: Samples

  /// The samples of all compared runs, the same noise in every row.
  func drawCompared(in area: Rect, _ context: DrawingContext, _ surface: inout Surface) {
    let inner = frame(
      .samples, "samples", info: details.haveSameNoise ? "from the same noise" : "", in: area,
      context, on: &surface)
    let columns = inner.columns(
      Array(repeating: .fraction(1), count: details.shown.count), gap: 1)
    let reach = details.shown.compactMap { details.reach(of: $0) }.max()
    for (index, folder) in details.shown.enumerated() {
      let rows = columns[index].rows(.fixed(1), .fraction(1))
      surface.put(
        StyledText("\(index + 1) ", .series(index)) + StyledText(Wording.escaped(folder.name)),
        in: rows[0],
        alignment: .left, theme: context.theme)
      drawSamples(of: folder, reach: reach, in: rows[1], context, &surface)
    }
  }

  /// The samples of a run, or why there are none.
  func drawSamples(
    of folder: RunFolder, reach: Double?, in area: Rect, _ context: DrawingContext,
    _ surface: inout Surface
  ) {
    let samples = details.samples[folder]
    guard let frame = samples?.frame, let model = details[folder]?.model else {
      let problem = samples?.problem
      let waiting = details[folder] != nil && details[folder]?.model == nil
      let text = problem ?? (waiting ? "no checkpoint yet" : "drawing samples")
      Text.placeholder(StyledText(text, problem == nil ? nil : .error)).draw(
        in: area, on: &surface, theme: context.theme)
      return
    }
    var view = SampleView(frame.x, shape: frame.shape, context)
    (view.format, view.dataset) = (model.format, nil)
    view.showsAll = focus.isZoomed
    view.reach = reach
    view.colour(by: frame)
    view.place = Double(frame.index) / Double(max(frame.frameCount - 1, 1))
    view.draw(in: area, &surface)
  }
}
