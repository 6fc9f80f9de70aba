import TUI

extension TrainScreen {
  func layout(in body: Rect) -> [PlacedPanel<Panel>] {
    guard !Self.isSmall(body) else { return smallLayout(in: body) }
    // The samples take what their images need, the history all the rest.
    let width = sampleWidth.columns(
      rows: body.height - 3, least: 44, most: body.width * 54 / 100)
    let halves = body.columns(.fraction(1), .fixed(width))
    let left = halves[0].rows(.fraction(1), .min(8, share: 0.4), .fixed(6), .fixed(11))
    let low = left[2].columns(.fraction(0.5), .fraction(0.5))
    let others: [PlacedPanel<Panel>] = [
      (.noiseLevels, left[1]), (.sigmas, low[0]), (.gradient, low[1]), (.run, left[3]),
      (.preview, halves[1]),
    ]
    guard evaluation != nil else { return [(.loss, left[0])] + others }
    // Side by side where both are wide enough, else one above the other.
    if left[0].width >= 90 {
      let pair = left[0].columns(.fraction(0.6), .fraction(0.4))
      return [(.loss, pair[0]), (.quality, pair[1])] + others
    }
    // What was seen of the noise makes room.
    let rows = halves[0].rows(.fraction(1), .min(8, share: 0.3), .min(8, share: 0.3), .fixed(11))
    return [
      (.loss, rows[0]), (.quality, rows[1]), (.noiseLevels, rows[2]), (.run, rows[3]),
      (.preview, halves[1]),
    ]
  }

  private func smallLayout(in body: Rect) -> [PlacedPanel<Panel>] {
    let halves = body.columns(.fraction(0.5), .fraction(0.5))
    let left = halves[0].rows(.fraction(1), .fixed(body.height >= 18 ? 9 : 7))
    return [(.loss, left[0]), (low, left[1]), (.preview, halves[1])]
  }

  /// The smaller charts take the place of the run's numbers while they have the focus.
  private var low: Panel {
    switch focus.panel {
    case .noiseLevels, .sigmas, .gradient, .quality: focus.panel
    case .run, .loss, .preview: .run
    }
  }

  func narrowLayout(in body: Rect) -> [PlacedPanel<Panel>] {
    guard body.width >= 44, body.height >= 15 else { return [(focus.panel, body)] }
    // The loss and the samples stay in sight together, a row of images of 14 pixels with the timeline.
    let chart: Panel = focus.panel == .preview ? .loss : focus.panel
    let hasRun = body.height >= 32
    let rows = body.rows(.fraction(1), .fixed(hasRun ? 9 : 0), .fixed(hasRun ? 18 : 10))
    let run: [PlacedPanel<Panel>] = hasRun ? [(chart == .loss ? low : .loss, rows[1])] : []
    return [(chart, rows[0])] + run + [(.preview, rows[2])]
  }
}
