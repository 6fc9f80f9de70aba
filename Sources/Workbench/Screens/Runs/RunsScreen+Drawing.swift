import Diffusion
import TUI

extension RunsScreen {
  func layout(in body: Rect) -> [PlacedPanel<Panel>] {
    guard !Self.isSmall(body) else { return smallLayout(in: body) }
    let halves = body.columns(.fraction(0.56), .fraction(0.44))
    let low = min(recipes.count + 3, body.height * 2 / 5)
    let left = halves[0].rows(
      .fraction(1), .fixed(draft == nil ? low : body.height * 2 / 3))
    let right = halves[1].rows(
      .fraction(0.5), .fraction(0.5), .fixed(isComparing ? body.height / 3 : 10))
    return [
      (.list, left[0]), (draft == nil ? .recipes : .draft, left[1]), (.samples, right[0]),
      (.loss, right[1]),
      (isComparing && focus.panel != .details ? .differences : .details, right[2]),
    ]
  }

  private func smallLayout(in body: Rect) -> [PlacedPanel<Panel>] {
    let halves = body.columns(.fraction(0.6), .fraction(0.4))
    let right = halves[1].rows(.fraction(0.55), .fraction(0.45))
    // The other panels take the place of the runs while they have the focus.
    let others: [Panel] = [.recipes, .details, .draft, .differences]
    let left = others.contains(focus.panel) ? focus.panel : .list
    return [(left, halves[0]), (.samples, right[0]), (.loss, right[1])]
  }

  func draw(
    _ panel: Panel, in area: Rect, _ context: DrawingContext, on surface: inout Surface
  ) {
    switch panel {
    case .list: drawList(in: area, context, &surface)
    case .recipes: drawRecipes(in: area, context, &surface)
    case .draft: drawDraft(in: area, context, &surface)
    case .samples:
      if showsLesson {
        drawLesson(in: area, context, &surface)
      } else if isComparing {
        drawCompared(in: area, context, &surface)
      } else {
        drawSamples(in: area, context, &surface)
      }
    case .loss: drawLoss(in: area, context, &surface)
    case .details: drawDetails(in: area, context, &surface)
    case .differences: drawDifferences(in: area, context, &surface)
    }
  }

  // MARK: The lists

  private func drawList(in area: Rect, _ context: DrawingContext, _ surface: inout Surface) {
    let count = runs.map { Numbers.grouped($0.count) } ?? ""
    let info = marked.isEmpty ? count : "\(marked.count) of \(count) marked"
    let foot: StyledText = run?.problem.map { StyledText($0, .error) } ?? ""
    let inner = frame(
      .list, "runs", info: .init(info), foot: foot, in: area, context, on: &surface)
    table(context.session, in: inner).draw(in: inner, on: &surface, theme: context.theme)
  }

  /// The runs as lines, with as many columns as there is room for.
  func table(_ session: Session, in inner: Rect) -> Table {
    let width = inner.width
    let runs = runs ?? []
    let start = session.label(of: Self.own(Command.new), usually: "n")
    let cells = RunCell.shown(in: width)
    // As wide as the widest of all, so that nothing moves while one goes through them.
    let widest = widths.value(for: runs) {
      RunCell.allCases.map { cell in runs.reduce(0) { max($0, cell.text($1).columnCount) } }
    }
    return Table(
      cells.map(\.column), count: runs.count,
      widest: cells.map { widest[RunCell.allCases.firstIndex(of: $0) ?? 0] },
      selected: runs.isEmpty ? nil : selected,
      placeholder: self.runs == nil
        ? "reading the folder" : "no runs yet – press \(start) to start one"
    ) { index in
      cells.map {
        $0 == .mark
          ? mark(of: runs[index], session) : StyledText($0.text(runs[index]), $0.ink(runs[index]))
      }
    }
  }

  /// Whether the run is marked, and how it is.
  private func mark(of run: RunSummary, _ session: Session) -> StyledText {
    let place = marked.firstIndex(of: run.folder)
    return StyledText(place.map { "\($0 + 1)" } ?? " ", place.map { .series($0) }) + " "
      + state(of: run, session).mark
  }

  /// How a run is: a sign for the list, and in words.
  private func state(of run: RunSummary, _ session: Session) -> (mark: StyledText, words: String) {
    if run.problem != nil { return (StyledText("✗", .error), "damaged") }
    if isOpen(run, session), session.phase != .finished {
      return session.phase == .training
        ? (StyledText("●", .good), "open, training") : (StyledText("‖", .warning), "open")
    }
    if let writer = run.writer, !isOpen(run, session) {
      return (StyledText("◉", .good), "written by process \(writer)")
    }
    return run.isComplete
      ? (StyledText("✓", .good), "complete")
      : (StyledText("○", .dim), run.hasCheckpoint ? "can be resumed" : "never saved")
  }

  private func drawRecipes(in area: Rect, _ context: DrawingContext, _ surface: inout Surface) {
    let inner = frame(.recipes, "new run", info: "recipes", in: area, context, on: &surface)
    let parts = recipeParts(in: inner)
    recipeTable.draw(in: parts[0], on: &surface, theme: context.theme)
    if let lesson, lesson.problem == nil {
      lesson.drawSmall(in: parts[1], context, &surface)
    }
  }

  /// The list, and beside it where there is room an image of what the selected recipe learns.
  func recipeParts(in inner: Rect) -> [Rect] {
    let hasRoom = inner.width >= 60 && inner.height >= 8
    return inner.columns(.fraction(1), .fixed(hasRoom ? 16 : 0), gap: hasRoom ? 1 : 0)
  }

  var recipeTable: Table {
    Table(
      [.init("recipe"), .init("")],
      rows: recipes.map { [.init(Wording.escaped($0.name)), .init($0.summary, .dim)] },
      selected: selectedRecipe,
      placeholder: "no recipes found")
  }

  // MARK: The selected run

  private func drawSamples(in area: Rect, _ context: DrawingContext, _ surface: inout Surface) {
    let detail = run.flatMap { details[$0.folder] }
    let step = detail?.model.map { "EMA at step \(Numbers.grouped($0.step))" } ?? ""
    let inner = frame(.samples, "samples", info: .init(step), in: area, context, on: &surface)
    guard let run, run.problem == nil else {
      let text = run == nil ? "samples of the selected run" : "this run is damaged"
      return Text.placeholder(.init(text)).draw(in: inner, on: &surface, theme: context.theme)
    }
    guard run.hasCheckpoint || detail?.problem != nil else {
      return Text.placeholder("no checkpoint yet").draw(
        in: inner, on: &surface, theme: context.theme)
    }
    drawSamples(
      of: run.folder, reach: details.reach(of: run.folder), in: inner, context, &surface)
  }

  private func drawDetails(in area: Rect, _ context: DrawingContext, _ surface: inout Surface) {
    let inner = frame(
      .details, "run", info: .init(run?.lastModified ?? ""), foot: advice(on: .details, context),
      in: area, context, on: &surface)
    guard let run else { return }
    drawForm(
      of: .details, labelWidth: 0,
      valueWidth: max(8, min(run.name.columnCount, inner.width - 12)),
      in: formArea(of: .details, in: inner, context.session), context, on: &surface)
    let steps = [run.step, run.totalSteps].map { $0.map { Numbers.grouped($0) } ?? "–" }
    KeyValueList([
      .init("state", .init(state(of: run, context.session).words)),
      .init("recipe", .init(Wording.escaped(run.recipe))),
      .init("data", .init(Wording.escaped(run.data))),
      .init("network", .init(run.network)),
      .init("steps", .init(steps.joined(separator: " / "))),
      .init("loss", .init(run.loss.map { Numbers.fixed($0, 4) } ?? "–")),
      .init("time", .init(run.seconds.map { Numbers.duration($0) } ?? "–")),
    ]).draw(in: inner.inset(left: 2, top: 1), on: &surface, theme: context.theme)
  }
}

/// What the list tells of a run, from left to right.
private enum RunCell: CaseIterable {
  case mark
  case name
  case recipe
  case step
  /// The step, and the last one.
  case progress
  case loss
  case time

  static func shown(in width: Int) -> [RunCell] {
    allCases.filter { cell in
      switch cell {
      case .mark, .name, .loss: true
      case .recipe: width >= 50
      case .step: width < 76
      case .progress: width >= 76
      case .time: width >= 60
      }
    }
  }

  var column: Table.Column {
    switch self {
    case .mark: .init("")
    case .name: .init("run")
    case .recipe: .init("recipe")
    case .step, .progress: .init("step", alignment: .right)
    case .loss: .init("loss", alignment: .right)
    case .time: .init("time", alignment: .right)
    }
  }

  func text(_ run: RunSummary) -> String {
    switch self {
    case .mark: "   "
    case .name: Wording.escaped(run.name)
    case .recipe: Wording.escaped(run.recipe)
    case .step where run.problem != nil, .progress where run.problem != nil: "damaged"
    case .step: run.step.map { Numbers.grouped($0) } ?? "–"
    case .progress:
      (run.step.map { Numbers.grouped($0) } ?? "–")
        + (run.totalSteps.map { " / \(Numbers.grouped($0))" } ?? "")
    case .loss: run.loss.map { Numbers.fixed($0, 4) } ?? "–"
    case .time: run.seconds.map { Numbers.duration($0) } ?? "–"
    }
  }

  func ink(_ run: RunSummary) -> Ink? {
    switch self {
    case .recipe, .time: .dim
    case .step, .progress: run.problem == nil ? nil : .error
    case .mark, .name, .loss: nil
    }
  }
}
