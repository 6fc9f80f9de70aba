extension BarChart {
  func drawGuides(
    _ layout: Layout, _ axis: Axis, _ area: Rect, _ surface: inout Surface, _ theme: Theme
  ) {
    let plot = layout.plot
    guard plot.x > area.x else { return }
    let faint = Ink.faint.style(in: theme)
    for tick in axis.ticks(atMost: max(2, (plot.height + 2) / 3)) {
      guard let fraction = axis.fraction(of: tick.value) else { continue }
      let y = plot.y + min(plot.height - 1, Int((1 - fraction) * Double(plot.height)))
      let label = Rect(x: area.x, y: y, width: 5, height: 1)
      surface.put(tick.label, in: label, alignment: .right, style: Ink.dim.style(in: theme))
      surface.putGuide(in: plot.row(y - plot.y), style: faint)
    }
  }

  func drawBar(
    _ slot: Int, _ layout: Layout, _ axis: Axis, _ surface: inout Surface, _ theme: Theme
  ) {
    let first = slot * layout.valuesPerSlot
    let group = first..<min(values.count, first + layout.valuesPerSlot)
    let value = group.map { values[$0] }.filter { $0.isFinite }.max()
    let plot = layout.plot
    let total = plot.height * 8
    var eighths = 0
    if let value, let fraction = axis.fraction(of: value) {
      // What is there shows, however small.
      eighths = max(value > 0 ? 1 : 0, Int((min(1, max(0, fraction)) * Double(total)).rounded()))
    }
    let ink = ink(first + group.count / 2).style(in: theme)
    let floor = group.compactMap { floors.indices.contains($0) ? floors[$0] : nil }.max()
    let floorRow = floor.flatMap { axis.fraction(of: $0) }.flatMap { fraction in
      fraction > 0 && fraction <= 1
        ? min(plot.height - 1, Int(fraction * Double(plot.height))) : nil
    }
    let columns = layout.columns(of: slot).dropLast(layout.gap)
    for row in 0..<plot.height {
      let fill = min(8, max(0, eighths - row * 8))
      let y = plot.maxY - 1 - row
      for column in columns {
        if row == floorRow, fill == 0 || fill == 8 {
          let line = Ink.text.style(in: theme)
          surface.put("─", x: column, y: y, style: fill == 8 ? line.on(ink.foreground) : line)
        } else if fill > 0, let block = Unicode.Scalar(0x2580 + UInt32(fill)) {
          surface.put(block, x: column, y: y, style: ink)
        } else if let cursor, group.contains(cursor), column == columns.first {
          surface.put("│", x: column, y: y, style: Ink.accent.style(in: theme))
        }
      }
    }
  }

  /// A bar upwards or downwards from the row in which 0 is.
  func drawSignedBar(
    _ slot: Int, _ layout: Layout, _ axis: Axis, _ surface: inout Surface, _ theme: Theme
  ) {
    let first = slot * layout.valuesPerSlot
    let group = first..<min(values.count, first + layout.valuesPerSlot)
    let shown = group.filter { values[$0].isFinite }.max { abs(values[$0]) < abs(values[$1]) }
    let plot = layout.plot
    guard let shown, let zero = axis.fraction(of: 0), let place = axis.fraction(of: values[shown])
    else { return }
    let ink = ink(group.contains(cursor ?? -1) ? cursor ?? shown : shown).style(in: theme)
    // Bars upwards begin above this many rows, those downwards below them.
    let rows = Int((min(max(zero, 0), 1) * Double(plot.height)).rounded())
    let share = min(abs(place - zero), 1)
    let length = share.isFinite ? Int((share * Double(plot.height * 8)).rounded()) : 0
    let eighths = max(values[shown] == 0 ? 0 : 1, length)
    for column in layout.columns(of: slot).dropLast(layout.gap) {
      for offset in 0..<(eighths + 7) / 8 {
        let fill = min(8, eighths - offset * 8)
        let row = values[shown] < 0 ? rows - 1 - offset : rows + offset
        guard row >= 0, row < plot.height else { continue }
        // Downwards there are only halves.
        let downwards: Unicode.Scalar = fill >= 6 ? "█" : fill >= 2 ? "▀" : "▔"
        let upwards = Unicode.Scalar(0x2580 + UInt32(fill)) ?? "█"
        surface.put(
          values[shown] < 0 ? downwards : upwards, x: column, y: plot.maxY - 1 - row, style: ink)
      }
    }
  }

  func drawLabels(_ layout: Layout, _ surface: inout Surface, _ theme: Theme) {
    guard !labels.isEmpty, layout.plot.height >= 2 else { return }
    var free = layout.plot.x
    for label in labels {
      let slot = label.index / layout.valuesPerSlot
      guard slot >= 0, slot < layout.slots else { continue }
      // A tick under the bar, and the text behind it.
      let tick = layout.columns(of: slot).lowerBound
      guard tick >= free, tick < layout.plot.maxX, !label.text.isEmpty else { continue }
      surface.put("╵", x: tick, y: layout.plot.maxY, style: Ink.border.style(in: theme))
      let width = label.text.columnCount
      guard tick + 1 + width <= layout.plot.maxX else { continue }
      surface.put(
        label.text, x: tick + 1, y: layout.plot.maxY, style: Ink.dim.style(in: theme))
      free = tick + width + 3
    }
  }

  func drawReadOut(_ layout: Layout, _ surface: inout Surface, _ theme: Theme) {
    guard let cursor, values.indices.contains(cursor) else { return }
    surface.put(
      " " + text(cursor, values[cursor]), in: layout.plot.row(0), alignment: .right,
      style: Ink.accent.style(in: theme))
  }
}
