import TUI

/// Where the panels of a screen stand; the same for drawing and for the mouse.
struct ScreenLayout {
  let header: Rect
  let body: Rect
  let notice: Rect
  let help: Rect
  /// The panels that are shown, with their places.
  let panels: [(name: PanelName, area: Rect)]

  /// Below this nothing useful can be shown.
  static let smallest = Size(40, 12)

  init(_ size: Size, screen: Screen, focus: PanelName, isZoomed: Bool) {
    let rows = Rect(size).rows(.fixed(1), .fraction(1), .fixed(1), .fixed(1))
    (header, body, notice, help) = (rows[0], rows[1], rows[2], rows[3])
    if isZoomed || size.width < 64 {
      panels = Self.single(screen, focus, body, isZoomed: isZoomed)
      return
    }
    let isSmall = size.width < 100 || size.height < 36
    switch screen {
    case .train: panels = isSmall ? Self.smallTrain(body, focus) : Self.train(body)
    case .denoise: panels = isSmall ? Self.smallDenoise(body, focus) : Self.denoise(body)
    case .schedule: panels = isSmall ? Self.smallSchedule(body, focus) : Self.schedule(body)
    }
  }

  func area(of name: PanelName) -> Rect? { panels.first { $0.name == name }?.area }

  /// The panel at a cell.
  func panel(atX x: Int, y: Int) -> (name: PanelName, area: Rect)? {
    panels.last { $0.area.contains(x: x, y: y) }
  }

  private static func single(
    _ screen: Screen, _ focus: PanelName, _ body: Rect, isZoomed: Bool
  ) -> [(name: PanelName, area: Rect)] {
    // The way from noise to data stays in sight under the samples.
    guard screen == .denoise, !isZoomed, focus != .sampler, body.height >= 8 else {
      return [(focus, body)]
    }
    let rows = body.rows(.fraction(1), .fixed(3))
    return [(.samples, rows[0]), (.timeline, rows[1])]
  }

  private static func train(_ body: Rect) -> [(name: PanelName, area: Rect)] {
    // Four pictures of 14 pixels fit side by side into 64 columns.
    let halves = body.columns(.fraction(1), .min(64, share: 0.8))
    let left = halves[0].rows(.fraction(1), .min(8, share: 0.4), .fixed(5), .fixed(11))
    let low = left[2].columns(.fraction(0.5), .fraction(0.5))
    return [
      (.loss, left[0]), (.noiseLevels, left[1]), (.sigmas, low[0]), (.gradient, low[1]),
      (.run, left[3]), (.preview, halves[1]),
    ]
  }

  private static func smallTrain(_ body: Rect, _ focus: PanelName) -> [(
    name: PanelName, area: Rect
  )] {
    let halves = body.columns(.fraction(0.5), .fraction(0.5))
    let left = halves[0].rows(.fraction(1), .fixed(body.height >= 18 ? 9 : 7))
    // The smaller charts take the place of the run's numbers while they have the focus.
    let low: PanelName = focus == .noiseLevels ? .noiseLevels : .run
    return [(.loss, left[0]), (low, left[1]), (.preview, halves[1])]
  }

  private static func denoise(_ body: Rect) -> [(name: PanelName, area: Rect)] {
    // The samples come first: three rows of 14 pixels at 120×40.
    let isTall = body.height >= 48
    let rows = body.rows(.fraction(1), .fixed(isTall ? 7 : 5), .fixed(isTall ? 13 : 7))
    let pictures = rows[0].columns(.fraction(0.5), .fraction(0.5))
    let low = rows[2].columns(.fraction(0.32), .fraction(0.38), .fraction(0.3))
    return [
      (.samples, pictures[0]), (.predictions, pictures[1]), (.timeline, rows[1]),
      (.sampler, low[0]), (.selected, low[1]), (.noise, low[2]),
    ]
  }

  private static func smallDenoise(
    _ body: Rect, _ focus: PanelName
  ) -> [(name: PanelName, area: Rect)] {
    let rows = body.rows(.fraction(1), .fixed(body.height >= 18 ? 5 : 3))
    let pictures = rows[0].columns(.fraction(0.5), .fraction(0.5))
    let right: PanelName = focus == .sampler ? .sampler : .predictions
    return [(.samples, pictures[0]), (right, pictures[1]), (.timeline, rows[1])]
  }

  private static func schedule(_ body: Rect) -> [(name: PanelName, area: Rect)] {
    let rows = body.rows(.fraction(0.62), .fraction(0.38))
    let top = rows[0].columns(.fraction(1), .fixed(38))
    return [(.curves, top[0]), (.parameters, top[1]), (.strip, rows[1])]
  }

  private static func smallSchedule(
    _ body: Rect, _ focus: PanelName
  ) -> [(name: PanelName, area: Rect)] {
    // Ten rows hold pictures of 14 pixels and their labels.
    let rows = body.rows(.fraction(1), .fixed(body.height >= 18 ? 10 : 6))
    let top = rows[0].columns(.fraction(1), .fixed(36))
    return [(.curves, top[0]), (.parameters, top[1]), (.strip, rows[1])]
  }
}
