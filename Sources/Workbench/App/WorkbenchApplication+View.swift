import Diffusion
import TUI

extension WorkbenchApplication {
  /// What screens draw with.
  var context: DrawingContext {
    DrawingContext(
      session: session, theme: theme, imageStyle: settings.imageStyle, spectrograms: spectrograms)
  }

  func view(_ surface: inout Surface) {
    surface.fill(surface.bounds, style: theme.style(.background))
    let smallest = PageLayout.smallest
    guard size.fits(smallest) else {
      Text(
        [
          "The workbench needs at least \(smallest.width)×\(smallest.height) cells;",
          "this window has \(size).",
          StyledText("press \(session.label(of: .quit, usually: "q")) to quit"),
        ],
        centered: true
      ).draw(in: surface.bounds, on: &surface, theme: theme)
      return
    }
    let layout = layout
    drawHeader(layout.header, &surface)
    screen.draw(in: layout.body, context, on: &surface)
    if let lesson = layout.lesson { drawLesson(lesson, &surface) }
    drawNotice(layout.notice, &surface)
    drawHelp(&surface)
    drawOverlay(layout.body, &surface)
  }

  /// The tabs, and where the header has them.
  private var tabs: (tabs: Tabs, area: Rect) {
    var area = layout.header.inset(columns: 1)
    if area.width >= 100 { area = area.inset(left: Self.name.columnCount + 2) }
    let titles = screens.enumerated().map { "\($0 + 1) \($1.title)" }
    // The state is worth more than the names of the screens that are not in view.
    let short = titles.enumerated().map { $0 == current ? $1 : "\($0 + 1)" }
    let choices = [
      Tabs(titles, selected: current), Tabs(short, selected: current, gap: 0),
      Tabs(short, selected: current, gap: -1),
    ]
    let fitting = choices.first { $0.width + 2 + stateText.columnCount <= area.width }
    return (fitting ?? choices[2], area)
  }

  private static let name = "Diffusion Workbench"

  /// The title of the screen whose tab is at a column of the header.
  func tab(atColumn x: Int) -> String? {
    let (tabs, area) = tabs
    return tabs.index(atColumn: x, in: area).map { screens[$0].title }
  }

  private func drawHeader(_ header: Rect, _ surface: inout Surface) {
    let (tabs, area) = tabs
    if area.x > header.x + 1 {
      surface.put(Self.name, x: header.x + 1, y: area.y, style: theme.style(.accent).bold)
    }
    tabs.draw(in: area, on: &surface, theme: theme)
    let state = stateText
    let room = area.width - tabs.width - 2
    guard room >= state.columnCount else { return }
    // As much of the subject as there is room for, its beginning first.
    let parts = subjectParts
    let texts = (0...parts.count).reversed().map { count in
      Text(.init(parts.prefix(count).joined(separator: " · "), .dim) + "  " + state).lines[0]
    }
    let shown = texts.first { $0.columnCount <= room } ?? state
    surface.put(
      shown, x: area.maxX - shown.columnCount, y: area.y, ink: .text, theme: theme,
      maxWidth: room)
  }

  /// What is being trained, in a few words.
  private var subjectParts: [String] {
    guard session.phase != .idle else { return [] }
    let recipe = session.recipe
    return [Wording.escaped(recipe.name)]
      + (session.facts.map { ["\(Numbers.si(Double($0.parameterCount))) parameters"] } ?? [])
      + [
        "\(recipe.schedule.name) \(Numbers.grouped(recipe.schedule.timesteps))",
        recipe.objective.parameterization.symbol,
      ]
  }

  private var stateText: StyledText {
    switch session.phase {
    case .idle: StyledText("no run", .dim)
    case .preparing: StyledText("◌ preparing", .dim)
    case .training: StyledText("● training", .good, bold: true)
    case .paused: StyledText("‖ paused", .warning, bold: true)
    case .diverged: StyledText("✗ diverged", .error, bold: true)
    case .finished: StyledText("✓ complete", .good, bold: true)
    case .stopped: StyledText("■ stopped", .warning, bold: true)
    }
  }

  private func drawNotice(_ area: Rect, _ surface: inout Surface) {
    guard let notice = session.shownNotice else { return }
    Notice(time: Self.clock(notice.time), message: StyledText(notice.text)).draw(
      in: area.inset(columns: 1), on: &surface, theme: theme)
  }

  private func drawHelp(_ surface: inout Surface) {
    helpBar.draw(in: helpArea, on: &surface, theme: theme)
  }

  private var helpArea: Rect { layout.help.inset(columns: 1) }

  private var helpBar: HelpBar {
    let hints = hints
    // How to get on and how to get help stay, however many keys there are.
    let ends: [Action] = [.nextPanel, .help, .quit]
    let last = ends.prefix(helpArea.width >= 54 ? 3 : 2).compactMap { action in
      hints.first { $0.action == action }?.hint
    }
    return HelpBar(hints.filter { !ends.contains($0.action) }.map(\.hint), last: last)
  }

  /// The key whose hint is at a column of the bottom line.
  func hintedKey(atColumn x: Int) -> Key? {
    guard let hint = helpBar.hint(atColumn: x, in: helpArea) else { return nil }
    return hints.first { $0.hint == hint }?.key
  }

  /// The direction of the ‹ or › that is drawn at a cell or beside it; nil where there is none.
  func arrow(atX x: Int, y: Int) -> Int? {
    var surface = Surface(size)
    view(&surface)
    func scalar(_ x: Int) -> Unicode.Scalar? {
      surface.bounds.contains(x: x, y: y) ? surface.cells[y * size.width + x].scalar : nil
    }
    let here = scalar(x)
    for candidate in here == " " ? [scalar(x - 1), scalar(x + 1)] : [here] {
      if candidate == "‹" { return -1 }
      if candidate == "›" { return 1 }
    }
    return nil
  }
}

extension Screen {
  /// Draws all panels that are shown.
  func draw(in body: Rect, _ context: DrawingContext, on surface: inout Surface) {
    for (panel, area) in places(in: body) { draw(panel, in: area, context, on: &surface) }
  }

  mutating func resetZoom() { focus.isZoomed = false }
}
