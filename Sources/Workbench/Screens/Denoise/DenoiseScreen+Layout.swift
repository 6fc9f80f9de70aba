import TUI

extension DenoiseScreen {
  /// Whether one sample is looked at rather than all.
  var isLookingAtOne: Bool { focus.panel == .samples || focus.panel == .selected }

  /// What stands at the right of the samples.
  private var companion: Panel { isLookingAtOne ? .selected : .predictions }

  func layout(in body: Rect) -> [PlacedPanel<Panel>] {
    guard !Self.isSmall(body) else { return smallLayout(in: body) }
    guard body.height >= 48 else { return mediumLayout(in: body) }
    let rows = body.rows(.fraction(1), .fixed(14))
    let timeline = (Panel.timeline, rows[1])
    guard comparison == nil, body.width >= 160 else {
      let parts = rows[0].rows(.fraction(1), .fixed(13))
      return images(in: parts[0]) + settings(in: parts[1]) + [timeline]
    }
    // The selected sample has a column of its own, about as wide as it is high in pixels.
    let columns = rows[0].columns(
      .fraction(1), .fixed(min(rows[0].height + 2, body.width / 4)))
    let parts = columns[0].rows(.fraction(1), .fixed(13))
    let halves = parts[0].columns(.fraction(0.5), .fraction(0.5))
    return [
      (firstPanel, halves[0]), (.predictions, halves[1]), (.selected, columns[1]), timeline,
    ]
      + settings(in: parts[1])
  }

  /// The settings, or the noise while that has the focus, beside the timeline.
  private func mediumLayout(in body: Rect) -> [PlacedPanel<Panel>] {
    let rows = body.rows(.fraction(1), .fixed(12))
    let low = rows[1].columns(.fixed(38), .fraction(1))
    let left: Panel =
      switch focus.panel {
      case .noise, .sampler, .edit: focus.panel
      default: editing.settings.task == nil ? .sampler : .edit
      }
    return images(in: rows[0]) + [(left, low[0]), (.timeline, low[1])]
  }

  private func images(in area: Rect) -> [PlacedPanel<Panel>] {
    if comparison != nil { return compared(in: area) }
    let halves = area.columns(.fraction(0.5), .fraction(0.5))
    return [(firstPanel, halves[0]), (companion, halves[1])]
  }

  /// What stands at the left: the samples, or what is painted on.
  private var firstPanel: Panel { canvas == nil || focus.panel == .samples ? .samples : .canvas }

  private func settings(in area: Rect) -> [PlacedPanel<Panel>] {
    guard offersEditing else {
      let columns = area.columns(.fraction(0.5), .fraction(0.5))
      return [(.sampler, columns[0]), (.noise, columns[1])]
    }
    let columns = area.columns(.fraction(1), .fraction(1), .fraction(1))
    return [(.sampler, columns[0]), (.edit, columns[1]), (.noise, columns[2])]
  }

  /// Both trajectories, and what is between them.
  private func compared(in area: Rect) -> [PlacedPanel<Panel>] {
    let columns = area.columns(.fraction(1), .fraction(1), .fraction(1))
    return [(.samples, columns[0]), (.predictions, columns[1]), (.selected, columns[2])]
  }

  private func smallLayout(in body: Rect) -> [PlacedPanel<Panel>] {
    // Four rows leave two rows of images of 14 pixels at 80×24.
    let rows = body.rows(.fraction(1), .fixed(body.height >= 18 ? 4 : 3))
    let timeline = (Panel.timeline, rows[1])
    if comparison != nil, focus.panel != .sampler, focus.panel != .edit {
      return compared(in: rows[0]) + [timeline]
    }
    let right = isOnForm ? focus.panel : companion
    // One column of samples leaves room for what was given and what became of it side by side.
    let showsEdit = right == .predictions && rightView == .edited && firstPanel == .samples
    let images = rows[0].columns(showsEdit ? .fixed(18) : .fraction(1), .fraction(1))
    return [(firstPanel, images[0]), (right, images[1]), timeline]
  }

  private var isOnForm: Bool {
    focus.panel == .sampler || focus.panel == .noise || focus.panel == .edit
  }

  func narrowLayout(in body: Rect) -> [PlacedPanel<Panel>] {
    // The way from noise to data stays in sight under the samples.
    guard !isOnForm, body.height >= 8 else { return [(focus.panel, body)] }
    let rows = body.rows(.fraction(1), .fixed(3))
    let first: Panel = focus.panel == .timeline ? .samples : focus.panel
    return [(first, rows[0]), (.timeline, rows[1])]
  }

  func zoomedLayout(in body: Rect) -> [PlacedPanel<Panel>] {
    switch focus.panel {
    case .timeline, .sampler, .noise, .edit: return [(focus.panel, body)]
    case .samples, .predictions, .selected, .canvas:
      // What is enlarged can still be scrubbed.
      let rows = body.rows(.fraction(1), .fixed(body.height >= 18 ? 5 : 3))
      return [(focus.panel, rows[0]), (.timeline, rows[1])]
    }
  }
}
