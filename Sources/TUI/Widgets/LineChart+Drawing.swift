extension LineChart {
  public func draw(in area: Rect, on surface: inout Surface, theme: Theme) {
    guard let layout = ChartLayout(self, in: area) else {
      Text.placeholder(placeholder).draw(in: area, on: &surface, theme: theme)
      return
    }
    surface.clipped(to: area) { surface in
      drawGuides(layout, area, &surface, theme)
      let canvas = curves(layout, theme)
      surface.clipped(to: layout.plot) { surface in
        drawMarks(layout, &surface, theme)
        drawReferences(layout, &surface, theme)
        drawCursor(layout, &surface, theme)
        canvas.draw(x: layout.plot.x, y: layout.plot.y, on: &surface)
        drawDots(layout, &surface, theme)
        drawMarkLabels(layout, &surface, theme)
        drawHandles(layout, &surface, theme)
        drawCursorDots(layout, &surface, theme)
        drawReadOut(layout, &surface, theme)
      }
      drawXLabels(layout, area, &surface, theme)
      if namesCurves { drawNames(layout, canvas, area, &surface, theme) }
    }
  }

  private func drawGuides(
    _ layout: ChartLayout, _ area: Rect, _ surface: inout Surface, _ theme: Theme
  ) {
    let plot = layout.plot
    let faint = Ink.faint.style(in: theme)
    for tick in layout.yTicks {
      guard let row = layout.row(of: tick.value) else { continue }
      let label = Rect(x: area.x, y: row, width: plot.x - area.x - 1, height: 1)
      surface.put(
        tick.label, in: label, alignment: .right, style: Ink.dim.style(in: theme))
      surface.putGuide(in: plot.row(row - plot.y), style: faint)
    }
  }

  private func drawXLabels(
    _ layout: ChartLayout, _ area: Rect, _ surface: inout Surface, _ theme: Theme
  ) {
    guard !layout.xTicks.isEmpty else { return }
    let (plot, row) = (layout.plot, layout.plot.maxY)
    var free = area.x
    for tick in layout.xTicks {
      guard let column = layout.column(of: tick.value) else { continue }
      let width = tick.label.columnCount
      let start = min(max(column - width / 2, plot.x), plot.maxX - width)
      guard start >= free else { continue }
      surface.put(tick.label, x: start, y: row, style: Ink.dim.style(in: theme))
      free = start + width + 2
    }
  }

  private func drawMarks(_ layout: ChartLayout, _ surface: inout Surface, _ theme: Theme) {
    let plot = layout.plot
    for mark in marks {
      guard let column = layout.column(of: mark.x) else { continue }
      for y in plot.y..<plot.maxY {
        surface.put("┊", x: column, y: y, style: Ink.border.style(in: theme))
      }
    }
    for x in axisTicks {
      guard let column = layout.column(of: x) else { continue }
      surface.put("╵", x: column, y: plot.maxY - 1, style: Ink.dim.style(in: theme))
    }
  }

  private func drawDots(_ layout: ChartLayout, _ surface: inout Surface, _ theme: Theme) {
    // More would hide the curve and tell no more than it does.
    guard dots.count <= layout.plot.width * 2 else { return }
    for dot in dots {
      guard let x = layout.column(of: dot.x), let y = layout.row(of: dot.y) else { continue }
      let ink = series.last?.inkAt?(dot.x) ?? series.last?.ink ?? .text
      surface.put("•", x: x, y: y, style: ink.style(in: theme).bold)
    }
  }

  private func drawReferences(_ layout: ChartLayout, _ surface: inout Surface, _ theme: Theme) {
    for reference in references {
      guard let row = layout.row(of: reference.value) else { continue }
      let style = reference.ink.style(in: theme)
      let line = Rect(x: layout.plot.x, y: row, width: layout.plot.width, height: 1)
      surface.fill(line, with: "┄", style: style)
      guard !reference.label.isEmpty, reference.label.columnCount + 4 <= line.width else {
        continue
      }
      surface.put(" \(reference.label) ", in: line, alignment: .center, style: style)
    }
  }

  /// All curves.
  ///
  /// Without colours the faint ones are broken and the others bold, so that what matters is the
  /// strongest there, too.
  private func curves(_ layout: ChartLayout, _ theme: Theme) -> BrailleCanvas {
    var canvas = BrailleCanvas(layout.plot.size)
    let isMono = theme.depth == .monochrome
    for series in series {
      let isFaint = series.ink == .faint
      func style(_ ink: Ink) -> Style {
        let style = ink.style(in: theme)
        return isMono && !isFaint ? style.bold : style
      }
      let plain = style(series.ink)
      Curve(
        points: series.points, xAxis: layout.xAxis, yAxis: layout.yAxis,
        dash: isMono && isFaint ? .dashed : series.dash
      ) {
        (series.inkAt?($0)).map(style) ?? plain
      }
      .draw(on: &canvas)
    }
    return canvas
  }
}
