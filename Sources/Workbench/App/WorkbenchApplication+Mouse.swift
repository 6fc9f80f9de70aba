import TUI

/// What the mouse does, wherever it is.
extension WorkbenchApplication {
  /// What a click, a drag or the wheel does where it happens.
  mutating func point(_ event: MouseEvent) -> [Effect] {
    guard size.fits(PageLayout.smallest) else { return [] }
    if event.action == .press, event.y == layout.help.y {
      return hintedKey(atColumn: event.x).map { press($0) } ?? []
    }
    guard overlay == nil else { return pointAtOverlay(event) }
    if event.action == .press, event.y == layout.header.y {
      return tab(atColumn: event.x).map { perform(.show($0)) } ?? []
    }
    let isDouble = event.action == .press && isDoubleClick(event)
    let arrow = event.action == .press ? arrow(atX: event.x, y: event.y) : nil
    let effects = screens[current].point(event, in: layout.body, context, &session)
    if let arrow { return effects + perform(.change(arrow)) }
    guard isDouble,
      let action = screen.doubleClick(atX: event.x, y: event.y, in: layout.body, session)
    else { return effects }
    return effects + perform(action)
  }

  private mutating func pointAtOverlay(_ event: MouseEvent) -> [Effect] {
    switch (event.action, overlay) {
    case (.press, .quitting), (.press, .offer), (.press, .asking): return []
    case (_, .settings(let form)) where !form.isTyping: return point(event, in: form)
    case (.press, .enlarged): return perform(.back)
    case (.press, _):
      guard let list = listOverlay, list.isInside(x: event.x, y: event.y, in: layout.body) else {
        return perform(.back)
      }
      // A click does what is on the line.
      guard let item = list.item(atY: event.y, in: layout.body) else { return [] }
      chosen = item
      return press(.enter)
    case (.wheelUp, .help): return press(.up)
    case (.wheelDown, .help): return press(.down)
    case (.wheelUp, _) where listOverlay != nil: return press(.up)
    case (.wheelDown, _) where listOverlay != nil: return press(.down)
    case (.wheelUp, .enlarged): return perform(.change(-1))
    case (.wheelDown, .enlarged): return perform(.change(1))
    default: return []
    }
  }

  /// Whether a click follows another one soon and near.
  private mutating func isDoubleClick(_ event: MouseEvent) -> Bool {
    let now = world.now()
    let isDouble =
      now - lastClick.time < 0.4 && abs(event.x - lastClick.x) <= 1 && event.y == lastClick.y
    // A third click begins anew.
    lastClick = (isDouble ? -.infinity : now, event.x, event.y)
    return isDouble
  }
}
