internal import Axes

extension Sheet {
  /// Draws the axes of a panel and its marks.
  func draw(_ layout: PanelLayout, in area: Area) {
    drawGrid(layout)
    canvas.clipped(to: layout.plot) {
      for mark in layout.panel.marks { draw(mark, layout) }
    }
    canvas.frame(layout.plot, Paper.axis, width: 0.9)
    drawXTicks(layout)
    drawYTicks(layout)
    drawNames(layout, in: area)
    if let map = layout.panel.heatMap { drawColors(of: map, beside: layout.plot) }
  }

  private func x(_ tick: Double, _ layout: PanelLayout) -> Double? {
    Self.inside(layout.x.fraction(of: tick)).map { layout.plot.x + $0 * layout.plot.width }
  }

  private func y(_ tick: Double, _ layout: PanelLayout) -> Double? {
    Self.inside(layout.y.fraction(of: tick)).map { layout.plot.bottom - $0 * layout.plot.height }
  }

  private static func inside(_ fraction: Double?) -> Double? {
    fraction.flatMap { $0 > -1e-6 && $0 < 1 + 1e-6 ? min(max($0, 0), 1) : nil }
  }

  private func drawGrid(_ layout: PanelLayout) {
    let plot = layout.plot
    for x in layout.xTicks.compactMap({ x($0.value, layout) }) {
      canvas.line(
        [Place(x: x, y: plot.y), Place(x: x, y: plot.bottom)], Paper.grid, width: 0.8)
    }
    for y in layout.yTicks.compactMap({ y($0.value, layout) }) {
      canvas.line([Place(x: plot.x, y: y), Place(x: plot.right, y: y)], Paper.grid, width: 0.8)
    }
  }

  private func drawXTicks(_ layout: PanelLayout) {
    let bottom = layout.plot.bottom
    func stroke(_ value: Double, _ length: Double) -> Double? {
      guard let x = x(value, layout) else { return nil }
      canvas.line(
        [Place(x: x, y: bottom), Place(x: x, y: bottom + length)], Paper.axis, width: 0.9)
      return x
    }
    for value in layout.x.minorTicks { _ = stroke(value, 2) }
    for tick in layout.xTicks {
      guard let x = stroke(tick.value, 4) else { continue }
      write(
        tick.label, at: Place(x: x, y: bottom + 16), size: Paper.tickSize,
        anchor: .middle)
    }
  }

  private func drawYTicks(_ layout: PanelLayout) {
    let left = layout.plot.x
    func stroke(_ value: Double, _ length: Double) -> Double? {
      guard let y = y(value, layout) else { return nil }
      canvas.line([Place(x: left - length, y: y), Place(x: left, y: y)], Paper.axis, width: 0.9)
      return y
    }
    for value in layout.y.minorTicks { _ = stroke(value, 2) }
    for tick in layout.yTicks {
      guard let y = stroke(tick.value, 4) else { continue }
      let line = y + Letters.capitals * Paper.tickSize / 2
      write(
        tick.label, at: Place(x: left - 7, y: line), size: Paper.tickSize,
        anchor: .end)
    }
  }

  private func drawNames(_ layout: PanelLayout, in area: Area) {
    let plot = layout.plot
    write(
      layout.panel.x.label,
      at: Place(x: plot.middle.x, y: plot.bottom + PanelLayout.tickRoom + 13),
      size: Paper.labelSize, anchor: .middle, fitting: area.width)
    // Beside the longest number, so that the name stays near a panel narrower than its area.
    let widest = layout.yTicks.map { Letters.standard.width($0.label) }.max() ?? 0
    write(
      layout.panel.y.label,
      at: Place(x: plot.x - widest * Paper.tickSize - 14, y: plot.middle.y), size: Paper.labelSize,
      anchor: .middle, turn: -.pi / 2, fitting: area.height)
  }

  /// The scale of colours of a heat map.
  private func drawColors(of map: Figure.HeatMap, beside plot: Area) {
    let bar = Area(x: plot.right + 12, y: plot.y, width: 11, height: plot.height)
    let count = 64
    for index in 0..<count {
      let height = bar.height / Double(count)
      canvas.fill(
        Area(
          x: bar.x, y: bar.bottom - Double(index + 1) * height, width: bar.width,
          height: height + (index == 0 ? 0 : 0.5)),
        Paper.diverging(Double(index) / Double(count - 1)))
    }
    canvas.frame(bar, Paper.axis, width: 0.7)
    let axis = Axis(map.range)
    for tick in PanelLayout.printed(axis.ticks(atMost: max(2, Int(bar.height / 40)))) {
      guard let fraction = Self.inside(axis.fraction(of: tick.value)) else { continue }
      let line = bar.bottom - fraction * bar.height + Letters.capitals * Paper.tickSize / 2
      write(tick.label, at: Place(x: bar.right + 5, y: line), size: Paper.tickSize)
    }
  }
}

extension Axis {
  /// The other digits of each power of ten, where the axis is logarithmic and they do not run together.
  fileprivate var minorTicks: [Double] {
    let decades = Numbers.logarithm(upper / max(lower, .leastNormalMagnitude))
    guard scale == .log, decades < 9 else { return [] }
    let powers =
      Int(
        Numbers.logarithm(lower).rounded(.down))...Int(
        Numbers.logarithm(upper).rounded(.up))
    return powers.flatMap { power in
      (2...9).map { Numbers.scaled(Double($0), byTenTo: power) }
    }
  }
}
