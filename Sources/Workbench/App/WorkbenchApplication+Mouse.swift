import Diffusion
import TUI

extension WorkbenchApplication {
  /// What a click, a drag or the wheel does where it happens.
  mutating func point(_ event: MouseEvent) -> [Effect] {
    guard model.overlay == nil else {
      return event.action == .press && model.overlay != .leaving ? model.perform(.back) : []
    }
    let layout = layout
    if event.action == .press, event.y == layout.header.y { return chooseTab(event, layout) }
    guard let (name, area) = layout.panel(atX: event.x, y: event.y) else { return [] }
    switch event.action {
    case .press:
      if model.screen.panels.contains(name) { model.focus[model.screen] = name }
      return touch(name, area, event)
    case .drag: return name == .timeline ? touch(name, area, event) : []
    case .release: return []
    case .wheelUp: return wheel(name, 1)
    case .wheelDown: return wheel(name, -1)
    }
  }

  private mutating func chooseTab(_ event: MouseEvent, _ layout: ScreenLayout) -> [Effect] {
    var area = layout.header.inset(columns: 1)
    if area.width >= 90 { area = area.inset(left: "Diffusion Workbench".columnCount + 2) }
    let titles = Screen.allCases.map { "\($0.rawValue + 1) \($0.title)" }
    let tabs = Tabs(titles, selected: model.screen.rawValue)
    guard let index = tabs.index(atColumn: event.x, in: area),
      let screen = Screen(rawValue: index)
    else { return [] }
    return model.perform(.screen(screen))
  }

  private mutating func touch(_ name: PanelName, _ area: Rect, _ event: MouseEvent) -> [Effect] {
    let inner = Panel.inner(area)
    switch name {
    case .timeline:
      let share = timeline.position(atColumn: event.x, in: inner)
      model.denoise.isPlaying = false
      model.denoise.move(to: Int((share * Double(max(model.denoise.total - 1, 0))).rounded()))
    case .run, .sampler, .parameters:
      let form = form(of: name, labelWidth: 1, valueWidth: 1)
      let count = model.fields(of: name).count
      // The run's numbers stand above its fields.
      let top = name == .run ? min(5, max(0, inner.height - count)) : 0
      if let field = form.field(atRow: event.y, in: inner.inset(top: top)) {
        model.field[name] = field
      }
    case .samples: selectPicture(inner, event)
    default: break
    }
    return []
  }

  private mutating func selectPicture(_ inner: Rect, _ event: MouseEvent) {
    guard let frame = model.denoise.frame, model.train.facts?.format.kind == .image else { return }
    let view = SampleView(self, frame.x, shape: frame.shape, isNoisy: true)
    var grid = TUI.ImageGrid(
      (0..<frame.shape.batch).map { view.picture($0) }, style: pictureStyle)
    grid.selected = model.denoise.selected
    if let index = grid.layout(in: inner)?.index(atX: event.x, y: event.y) {
      model.denoise.selected = index
    }
  }

  private mutating func wheel(_ name: PanelName, _ direction: Int) -> [Effect] {
    switch name {
    case .timeline:
      model.denoise.isPlaying = false
      model.denoise.move(to: model.denoise.position - direction)
      return []
    case .loss: return model.perform(direction > 0 ? .zoomIn : .zoomOut)
    case .run, .sampler, .parameters:
      return name == model.focusedPanel ? model.perform(.change(direction)) : []
    default: return []
    }
  }
}
