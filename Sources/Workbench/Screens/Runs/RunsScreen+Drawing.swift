import Diffusion
import TUI

extension RunsScreen {
  func layout(in body: Rect) -> [PlacedPanel<Panel>] {
    guard !Self.isSmall(body) else { return smallLayout(in: body) }
    let halves = body.columns(.fraction(0.56), .fraction(0.44))
    let left = halves[0].rows(.fraction(1), .fixed(min(recipes.count + 3, body.height * 2 / 5)))
    let right = halves[1].rows(.fraction(0.5), .fraction(0.5), .fixed(9))
    return [
      (.list, left[0]), (.recipes, left[1]), (.samples, right[0]), (.loss, right[1]),
      (.details, right[2]),
    ]
  }

  private func smallLayout(in body: Rect) -> [PlacedPanel<Panel>] {
    let halves = body.columns(.fraction(0.6), .fraction(0.4))
    let right = halves[1].rows(.fraction(0.55), .fraction(0.45))
    // The recipes and the details take the place of the runs while they have the focus.
    let others: [Panel] = [.recipes, .details]
    let left = others.contains(focus.panel) ? focus.panel : .list
    return [(left, halves[0]), (.samples, right[0]), (.loss, right[1])]
  }

  func draw(
    _ panel: Panel, in area: Rect, _ context: DrawingContext, on surface: inout Surface
  ) {
    switch panel {
    case .list: drawList(in: area, context, &surface)
    case .recipes: drawRecipes(in: area, context, &surface)
    case .samples: drawSamples(in: area, context, &surface)
    case .loss: drawLoss(in: area, context, &surface)
    case .details: drawDetails(in: area, context, &surface)
    }
  }

  private func drawList(in area: Rect, _ context: DrawingContext, _ surface: inout Surface) {
    let count = runs.map { Numbers.grouped($0.count) } ?? ""
    let foot: StyledText = run?.problem.map { StyledText($0, .error) } ?? ""
    let inner = frame(
      .list, "runs", info: .init(count), foot: foot, in: area, context, on: &surface)
    table(context.session, width: inner.width).draw(
      in: inner, on: &surface, theme: context.theme)
  }

  /// The runs as lines, with as many columns as there is room for.
  func table(_ session: Session, width: Int) -> Table {
    var columns = [Table.Column(""), .init("run")]
    if width >= 50 { columns.append(.init("recipe")) }
    columns += [.init("step", alignment: .right), .init("loss", alignment: .right)]
    if width >= 60 { columns.append(.init("time", alignment: .right)) }
    var table = Table(
      columns, rows: (runs ?? []).map { line($0, session, width) },
      selected: runs?.isEmpty == false ? selected : nil)
    table.placeholder = runs == nil ? "reading the folder" : "no runs yet – press n to start one"
    return table
  }

  private func line(_ run: RunSummary, _ session: Session, _ width: Int) -> [StyledText] {
    var line = [mark(of: run, session), StyledText(Wording.escaped(run.name))]
    if width >= 50 { line.append(StyledText(Wording.escaped(run.recipe), .dim)) }
    if run.problem == nil {
      let step = run.step.map { Numbers.grouped($0) } ?? "–"
      let total = width >= 76 ? run.totalSteps.map { " / \(Numbers.grouped($0))" } ?? "" : ""
      line.append(StyledText(step + total))
    } else {
      line.append(StyledText("damaged", .error))
    }
    line.append(StyledText(run.loss.map { Numbers.fixed($0, 4) } ?? "–"))
    if width >= 60 {
      line.append(StyledText(run.seconds.map { Numbers.duration($0) } ?? "–", .dim))
    }
    return line
  }

  private func mark(of run: RunSummary, _ session: Session) -> StyledText {
    if run.problem != nil { return StyledText("✗", .error) }
    if isOpen(run, session), session.phase != .finished {
      return session.phase == .training ? StyledText("●", .good) : StyledText("‖", .warning)
    }
    return run.isComplete ? StyledText("✓", .good) : StyledText("○", .dim)
  }

  private func drawRecipes(in area: Rect, _ context: DrawingContext, _ surface: inout Surface) {
    let inner = frame(.recipes, "new run", info: "recipes", in: area, context, on: &surface)
    recipeTable.draw(in: inner, on: &surface, theme: context.theme)
  }

  var recipeTable: Table {
    Table(
      [.init("recipe"), .init("")],
      rows: recipes.map { [.init(Wording.escaped($0.name)), .init($0.summary, .dim)] },
      selected: selectedRecipe,
      placeholder: "no recipes found")
  }

  private func drawSamples(in area: Rect, _ context: DrawingContext, _ surface: inout Surface) {
    let step = detail?.model.map { "EMA at step \(Numbers.grouped($0.step))" } ?? ""
    let inner = frame(.samples, "samples", info: .init(step), in: area, context, on: &surface)
    guard let frame, let model = detail?.model else {
      let text = StyledText(samplesPlaceholder, problem == nil ? nil : .error)
      return Text.placeholder(text).draw(in: inner, on: &surface, theme: context.theme)
    }
    var view = SampleView(frame.x, shape: frame.shape, context)
    (view.format, view.dataset) = (model.format, nil)
    view.draw(in: inner, &surface)
  }

  private var samplesPlaceholder: String {
    if let problem { return problem }
    guard let run else { return "samples of the selected run" }
    if run.problem != nil { return "this run is damaged" }
    return run.hasCheckpoint ? "drawing samples" : "no checkpoint yet"
  }

  private func drawLoss(in area: Rect, _ context: DrawingContext, _ surface: inout Surface) {
    let inner = frame(
      .loss, "loss", info: "\(view.summary) · step", in: area, context, on: &surface)
    lossChart.draw(in: inner, on: &surface, theme: context.theme)
  }

  var lossChart: LineChart {
    let visible = view.visible(of: history)
    let points = history.points[visible]
    let smoothed = detail?.smoothedLosses ?? []
    var chart = LineChart(
      history.lossSeries(points, smoothed: smoothed.prefix(visible.upperBound).suffix(points.count))
      {
        Double($0.step)
      })
    chart.yScale = view.isLogarithmic ? .log : .linear
    chart.yRange = view.verticalRange(of: points, references: [])
    chart.xName = "step"
    chart.cursor = view.cursor
    chart.placeholder = detail == nil ? "" : "no steps yet"
    return chart
  }

  private func drawDetails(in area: Rect, _ context: DrawingContext, _ surface: inout Surface) {
    let inner = frame(
      .details, "run", info: .init(run?.lastModified ?? ""), in: area, context, on: &surface)
    guard let run else { return }
    let steps = [run.step, run.totalSteps].map { $0.map { Numbers.grouped($0) } ?? "–" }
    KeyValueList([
      .init("folder", .init(Wording.escaped(run.folder.path))),
      .init("recipe", .init(Wording.escaped(run.recipe))),
      .init("data", .init(Wording.escaped(run.data))),
      .init("network", .init(run.network)),
      .init("steps", .init(steps.joined(separator: " / "))),
      .init("loss", .init(run.loss.map { Numbers.fixed($0, 4) } ?? "–")),
      .init("time", .init(run.seconds.map { Numbers.duration($0) } ?? "–")),
    ]).draw(in: inner, on: &surface, theme: context.theme)
  }
}
