import TUI

extension InsideScreen {
  /// Whether the data is looked at rather than the network.
  private var isOnData: Bool { [.sample, .data, .selection].contains(focus.panel) }

  func layout(in body: Rect) -> [PlacedPanel<Panel>] {
    guard !Self.isSmall(body) else { return smallLayout(in: body) }
    let rows = body.rows(.fraction(1), .fixed(6))
    let low = rows[1].columns(.fixed(40), .fraction(1))
    return upper(in: rows[0]) + [(.selection, low[0]), (.level, low[1])]
  }

  private func upper(in area: Rect) -> [PlacedPanel<Panel>] {
    if area.width >= 160 {
      let columns = area.columns(.fraction(1), .fixed(56), .fraction(1))
      let left = columns[0].rows(.fraction(1), .fraction(1))
      return [
        (.data, left[0]), (.sample, left[1]), (.network, columns[1]), (.output, columns[2]),
      ]
    }
    let rows = area.rows(.fraction(1), .fraction(1))
    let high = rows[0].columns(.fixed(52), .fraction(1))
    let low = rows[1].columns(.fixed(52), .fraction(1))
    return [(.network, high[0]), (.output, high[1]), (.data, low[0]), (.sample, low[1])]
  }

  private func smallLayout(in body: Rect) -> [PlacedPanel<Panel>] {
    let rows = body.rows(.fraction(1), .fixed(body.height >= 18 ? 4 : 3))
    let halves = rows[0].columns(.fraction(1), .fraction(1))
    let left: Panel = isOnData ? .data : .network
    let right: Panel = isOnData ? (focus.panel == .selection ? .selection : .sample) : .output
    return [(left, halves[0]), (right, halves[1]), (.level, rows[1])]
  }

  func narrowLayout(in body: Rect) -> [PlacedPanel<Panel>] {
    guard focus.panel != .selection, body.height >= 8 else { return [(focus.panel, body)] }
    let rows = body.rows(.fraction(1), .fixed(3))
    return [(focus.panel == .level ? .output : focus.panel, rows[0]), (.level, rows[1])]
  }

  func zoomedLayout(in body: Rect) -> [PlacedPanel<Panel>] {
    switch focus.panel {
    case .network, .data, .selection, .level: return [(focus.panel, body)]
    case .output, .sample:
      // What is enlarged can still be scrubbed.
      let rows = body.rows(.fraction(1), .fixed(body.height >= 18 ? 4 : 3))
      return [(focus.panel, rows[0]), (.level, rows[1])]
    }
  }
}
