import Diffusion
import TUI

extension WorkbenchApplication {
  var layout: ScreenLayout {
    ScreenLayout(
      size, screen: model.screen, focus: model.focusedPanel, isZoomed: model.isZoomed)
  }

  func view(_ surface: inout Surface) {
    surface.fill(surface.bounds, style: theme.style(.background))
    let smallest = ScreenLayout.smallest
    guard size.width >= smallest.width, size.height >= smallest.height else {
      Text(
        [
          "The workbench needs \(smallest.width)×\(smallest.height) cells,",
          "this window has \(size).",
          "q leaves.",
        ],
        centered: true
      ).draw(in: surface.bounds, on: &surface, theme: theme)
      return
    }
    let layout = layout
    drawHeader(layout.header, &surface)
    for (name, area) in layout.panels { draw(name, in: area, &surface) }
    drawNotice(layout.notice, &surface)
    drawHelp(layout.help, &surface)
    drawOverlay(layout.body, &surface)
  }

  private func drawHeader(_ area: Rect, _ surface: inout Surface) {
    var area = area.inset(columns: 1)
    let name = "Diffusion Workbench"
    if area.width >= 90 {
      surface.put(name, x: area.x, y: area.y, style: theme.style(.accent).bold)
      area = area.inset(left: name.columnCount + 2)
    }
    let titles = Screen.allCases.map { "\($0.rawValue + 1) \($0.title)" }
    let tabs = Tabs(titles, selected: model.screen.rawValue)
    tabs.draw(in: area, on: &surface, theme: theme)
    let state = stateText
    let room = area.width - tabs.width - 2
    guard room >= state.columnCount else { return }
    let subject = Text(.init(subjectText, .dim) + "  " + state).lines[0]
    let width = min(subject.columnCount, room)
    let shown = width < subject.columnCount ? state : subject
    surface.put(
      shown, x: area.maxX - shown.columnCount, y: area.y, ink: .text, theme: theme,
      maxWidth: room)
  }

  /// What is being trained, in a few words.
  private var subjectText: String {
    let recipe = model.train.recipe
    var parts = [Wording.escaped(recipe.name)]
    if let facts = model.train.facts {
      parts.append("\(Numbers.si(Double(facts.parameterCount))) weights")
    }
    parts.append(
      "\(recipe.schedule.name) \(Numbers.grouped(recipe.schedule.timesteps))")
    parts.append(recipe.objective.parameterization.symbol)
    return parts.joined(separator: " · ")
  }

  private var stateText: StyledText {
    switch model.train.phase {
    case .preparing: StyledText("◌ preparing", .dim)
    case .training: StyledText("● training", .good, bold: true)
    case .paused: StyledText("‖ paused", .warning, bold: true)
    case .diverged: StyledText("✗ diverged", .error, bold: true)
    case .finished: StyledText("✓ complete", .good, bold: true)
    case .stopped: StyledText("■ stopped", .warning, bold: true)
    }
  }

  private func drawNotice(_ area: Rect, _ surface: inout Surface) {
    guard let notice = model.notices.last else { return }
    func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
    let time = "\(two(notice.time / 3600)):\(two(notice.time / 60 % 60)):\(two(notice.time % 60))"
    Notice(time: time, message: StyledText(notice.text)).draw(
      in: area.inset(columns: 1), on: &surface, theme: theme)
  }

  private func drawHelp(_ area: Rect, _ surface: inout Surface) {
    let hints = keys.hints(in: model.keyContexts).map { KeyHint($0.keys, $0.title) }
    let fixed = ["?", "q"]
    HelpBar(
      hints.filter { !fixed.contains($0.keys) }, last: hints.filter { fixed.contains($0.keys) }
    ).draw(in: area.inset(columns: 1), on: &surface, theme: theme)
  }

  private func draw(_ name: PanelName, in area: Rect, _ surface: inout Surface) {
    switch name {
    case .loss: drawLoss(in: area, &surface)
    case .noiseLevels: drawNoiseLevels(in: area, &surface)
    case .sigmas: drawSigmas(in: area, &surface)
    case .gradient: drawGradient(in: area, &surface)
    case .preview: drawPreview(in: area, &surface)
    case .run: drawRun(in: area, &surface)
    case .samples: drawNoisySamples(in: area, &surface)
    case .predictions: drawPredictions(in: area, &surface)
    case .timeline: drawTimeline(in: area, &surface)
    case .sampler: drawSampler(in: area, &surface)
    case .selected: drawSelected(in: area, &surface)
    case .noise: drawNoise(in: area, &surface)
    case .curves: drawCurves(in: area, &surface)
    case .parameters: drawParameters(in: area, &surface)
    case .strip: drawStrip(in: area, &surface)
    }
  }

  /// A panel's frame; answers the cells within.
  func frame(
    _ name: PanelName, _ title: StyledText, info: StyledText = "", foot: StyledText = "",
    in area: Rect, _ surface: inout Surface
  ) -> Rect {
    Panel(title, info: info, foot: foot, focused: model.focusedPanel == name).draw(
      in: area, on: &surface, theme: theme)
    return Panel.inner(area)
  }

  /// What the focused field of a form means, or what is wrong with what was typed into it.
  func advice(on panel: PanelName, _ ink: Ink? = nil) -> StyledText {
    guard model.focusedPanel == panel, let field = model.focusedField else { return "" }
    if case .typing = model.overlay, !lineProblem.isEmpty { return StyledText(lineProblem, .error) }
    return StyledText(field.explanation, ink)
  }

  /// The fields of a panel as a form, with the one that keys change marked.
  func form(of panel: PanelName, labelWidth: Int, valueWidth: Int) -> Form {
    let isFocused = model.focusedPanel == panel
    let values = model.fields(of: panel)
    let index = min(model.field[panel] ?? 0, max(values.count - 1, 0))
    let fields = values.enumerated().map { place, value in
      let hasFocus = isFocused && place == index
      var field = Field(
        value.label, value: value.text, valueWidth: valueWidth, labelWidth: labelWidth,
        tag: value.effectiveness == .live ? .live : nil, focused: hasFocus)
      if hasFocus, case .typing = model.overlay {
        field.editing = line
      }
      return field
    }
    return Form(fields, focus: isFocused ? index : nil)
  }
}
