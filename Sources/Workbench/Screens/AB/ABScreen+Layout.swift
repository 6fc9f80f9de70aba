import Diffusion
import TUI

extension ABScreen {
  func layout(in body: Rect) -> [PlacedPanel<Panel>] {
    guard !Self.isSmall(body) else { return smallLayout(in: body) }
    let rows = body.rows(.fraction(1), .fixed(body.height >= 48 ? 14 : 12))
    let low = rows[1].columns(.fixed(30), .fixed(30), .fraction(1))
    return images(in: rows[0])
      + [(.firstSettings, low[0]), (.secondSettings, low[1]), (.trajectory, low[2])]
  }

  private func smallLayout(in body: Rect) -> [PlacedPanel<Panel>] {
    let rows = body.rows(.fraction(1), .fixed(body.height >= 18 ? 6 : 4))
    let trajectory = (Panel.trajectory, rows[1])
    guard isOnSettings else { return images(in: rows[0]) + [trajectory] }
    // The form takes the place of the difference, beside the side that it is about.
    let columns = rows[0].columns(.fraction(1), .fixed(min(32, body.width / 2)))
    let isFirst = focus.panel == .firstSettings
    return [(isFirst ? .first : .second, columns[0]), (focus.panel, columns[1]), trajectory]
  }

  private var isOnSettings: Bool {
    focus.panel == .firstSettings || focus.panel == .secondSettings
  }

  private func images(in area: Rect) -> [PlacedPanel<Panel>] {
    let shown: [Panel] = [.first, .second] + (showsDifference ? [.difference] : [])
    // Both sides alike, so that their images are.
    let width = (area.width + shown.count - 1) / shown.count
    let columns = area.columns([.fixed(width), .fixed(width), .fraction(1)])
    return zip(shown, columns).map { ($0, $1) }
  }

  func narrowLayout(in body: Rect) -> [PlacedPanel<Panel>] {
    guard !isOnSettings, body.height >= 8 else { return [(focus.panel, body)] }
    let rows = body.rows(.fraction(1), .fixed(4))
    if focus.panel == .difference { return [(.difference, rows[0]), (.trajectory, rows[1])] }
    let columns = rows[0].columns(.fraction(1), .fraction(1))
    return [(.first, columns[0]), (.second, columns[1]), (.trajectory, rows[1])]
  }

  func zoomedLayout(in body: Rect) -> [PlacedPanel<Panel>] {
    switch focus.panel {
    case .trajectory, .firstSettings, .secondSettings: return [(focus.panel, body)]
    case .first, .second, .difference:
      // What is enlarged can still be scrubbed.
      let rows = body.rows(.fraction(1), .fixed(body.height >= 18 ? 6 : 4))
      return [(focus.panel, rows[0]), (.trajectory, rows[1])]
    }
  }

  // MARK: Mouse

  mutating func touch(
    _ panel: Panel, _ event: MouseEvent, in inner: Rect, _ context: DrawingContext
  ) {
    switch panel {
    case .trajectory where event.action != .release:
      let bar = timelineArea(in: inner)
      scrub(to: lockstep.place(at: Timeline(0).position(atColumn: event.x, in: bar)))
    case .first where event.action == .press, .second where event.action == .press:
      let side = sides[panel == .first ? 0 : 1]
      guard let frame = side.frame, context.session.format?.kind == .image else { return }
      for (isNoisy, rows) in areas(in: inner) {
        let grid = sampleView(of: side, frame, isNoisy: isNoisy, context).grid(in: rows[1])
        if let index = grid.layout(in: rows[1])?.index(atX: event.x, y: event.y) {
          selected = index
        }
      }
    default: break
    }
  }

  mutating func wheel(_ panel: Panel, _ direction: Int, _ session: inout Session) -> [Effect] {
    if panel == .trajectory {
      scrub(to: place - direction)
    } else if contexts(of: panel).contains(.samples) {
      selectSample(by: -direction)
    }
    return []
  }
}
