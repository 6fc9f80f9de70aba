import Diffusion
import TUI

/// What the mouse does in the panels.
extension DenoiseScreen {
  mutating func touch(
    _ panel: Panel, _ event: MouseEvent, in inner: Rect, _ context: DrawingContext
  ) {
    switch panel {
    case .timeline where event.action != .release:
      let areas = timelineAreas(in: inner)
      if areas.film.contains(x: event.x, y: event.y) {
        let film = film(in: areas.film, context)
        film.last { $0.cells.x <= event.x }.map { scrub(to: $0.frame.index) }
        return
      }
      let share = timeline.position(atColumn: event.x, in: areas.timeline)
      scrub(to: Int((share * Double(max(frameCount - 1, 0))).rounded()))
    case .noise where event.action != .release:
      if let frame = noiseChart.x(atColumn: event.x, in: inner) { scrub(to: Int(frame.rounded())) }
    case .samples where event.action == .press:
      guard let frame, context.session.format?.kind == .image else { return }
      // While trajectories are compared, x_t is above.
      let cells = comparedPair == nil ? inner : comparedAreas(in: inner)[0][1]
      let grid = view(of: frame, isNoisy: true, context).grid(in: cells)
      if let index = grid.layout(in: cells)?.index(atX: event.x, y: event.y) { selected = index }
    case .canvas: paint(event, in: inner, context.session)
    default: break
    }
  }

  mutating func wheel(_ panel: Panel, _ direction: Int, _ session: inout Session) -> [Effect] {
    if contexts(of: panel).contains(.timeline) {
      scrub(to: frameIndex - direction)
    } else if contexts(of: panel).contains(.samples) {
      selectSample(by: -direction)
    }
    return []
  }
}
