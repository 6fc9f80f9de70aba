internal import Axes

/// The axes of a panel, their ticks, and where its parts are.
struct PanelLayout {
  let panel: Figure.Panel
  let x: Axis
  let y: Axis
  /// Where the marks are.
  private(set) var plot: Area
  private(set) var xTicks: [Axis.Tick] = []
  private(set) var yTicks: [Axis.Tick] = []

  /// The room that a side's name takes.
  static let labelRoom = 19.0
  /// The room of the numbers below a panel.
  static let tickRoom = 20.0
  /// The room of a scale of colours beside a panel.
  static let colorRoom = 62.0

  /// The layout of a panel in an area, with `left` for what is beside its axis.
  init(_ panel: Figure.Panel, in area: Area, left: Double) {
    self.panel = panel
    (x, y) = (Self.xAxis(of: panel), Self.yAxis(of: panel))
    plot = area.inset(
      top: 6, left: left,
      bottom: Self.tickRoom + (panel.x.label.isEmpty ? 0 : Self.labelRoom),
      right: panel.hasColors ? Self.colorRoom : 14)
    if panel.hasEqualUnits { makeUnitsEqual() }
    yTicks = Self.yTicks(y, height: plot.height)
    xTicks = Self.xTicks(x, width: plot.width)
  }

  private mutating func makeUnitsEqual() {
    let unit = min(plot.width / (x.upper - x.lower), plot.height / (y.upper - y.lower))
    let (width, height) = (unit * (x.upper - x.lower), unit * (y.upper - y.lower))
    plot = Area(
      x: plot.middle.x - width / 2, y: plot.middle.y - height / 2, width: width, height: height)
  }

  /// Leaves room at the right, for a legend.
  mutating func narrow(by width: Double) {
    plot.width = max(1, plot.width - width)
    xTicks = Self.xTicks(x, width: plot.width)
  }

  /// The room that a panel needs beside its axis, where that is `height` long.
  static func leftRoom(of panel: Figure.Panel, height: Double) -> Double {
    guard panel.images == nil else { return 0 }
    let ticks = yTicks(yAxis(of: panel), height: height)
    let widest = ticks.map { Letters.standard.width($0.label) }.max() ?? 0
    return widest * Paper.tickSize + 10 + (panel.y.label.isEmpty ? 0 : labelRoom)
  }

  /// The least room in which a panel still shows something.
  static func smallestSize(of panel: Figure.Panel) -> (width: Double, height: Double) {
    if let images = panel.images { return Sheet.smallestSize(of: images) }
    return (
      leftRoom(of: panel, height: 40) + 40 + (panel.hasColors ? colorRoom : 14),
      40 + 6 + tickRoom + (panel.x.label.isEmpty ? 0 : labelRoom)
    )
  }

  private static func yTicks(_ axis: Axis, height: Double) -> [Axis.Tick] {
    printed(axis.ticks(atMost: max(2, Int(height / 34))))
  }

  /// As many as leave an em between their texts.
  private static func xTicks(_ axis: Axis, width: Double) -> [Axis.Tick] {
    for count in stride(from: max(2, Int(width / 50)), to: 2, by: -1) {
      let ticks = printed(axis.ticks(atMost: count))
      let needed = ticks.reduce(0) {
        $0 + (Letters.standard.width($1.label) + 1.2) * Paper.tickSize
      }
      if needed <= width { return ticks }
    }
    return printed(axis.ticks(atMost: 2))
  }

  /// The ticks as they are printed: where one has an exponent, all are powers of ten.
  static func printed(_ ticks: [Axis.Tick]) -> [Axis.Tick] {
    guard ticks.contains(where: { $0.label.contains("e") }) else { return ticks }
    return ticks.map { tick in
      guard tick.value > 0 else { return tick }
      let exponent = Int(Numbers.logarithm(tick.value * 1.000_001).rounded(.down))
      let mantissa = Numbers.short(tick.value / Numbers.scaled(1, byTenTo: exponent))
      let power = "10" + String(String(exponent).map { raisedDigits[$0] ?? $0 })
      return Axis.Tick(value: tick.value, label: mantissa == "1" ? power : "\(mantissa)·\(power)")
    }
  }

  private static let raisedDigits = [Character: Character](
    uniqueKeysWithValues: zip("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))

  /// Where a point of the panel is on the sheet; nil for one without a place.
  func place(_ point: Figure.Point) -> Place? {
    guard let across = x.fraction(of: point.x), let up = y.fraction(of: point.y),
      across.magnitude < 1e6, up.magnitude < 1e6
    else { return nil }
    return Place(x: plot.x + across * plot.width, y: plot.bottom - up * plot.height)
  }
}

// MARK: - Ranges

extension PanelLayout {
  private static func xAxis(of panel: Figure.Panel) -> Axis {
    if let range = panel.x.range { return Axis(range, scale: panel.x.scale) }
    let values = panel.values(\.x)
    let isTight = panel.marks.contains { if case .points = $0 { false } else { true } }
    guard isTight else {
      return Axis(fitting: values, scale: panel.x.scale) ?? Axis(0...1, scale: panel.x.scale)
    }
    let known = values.filter { $0.isFinite && (panel.x.scale == .linear || $0 > 0) }
    guard let low = known.min(), let high = known.max() else {
      return Axis(0...1, scale: panel.x.scale)
    }
    return Axis(low...high, scale: panel.x.scale)
  }

  private static func yAxis(of panel: Figure.Panel) -> Axis {
    if let range = panel.y.range { return Axis(range, scale: panel.y.scale) }
    for case .heatMap(let map) in panel.marks { return Axis(map.y, scale: panel.y.scale) }
    return Axis(fitting: panel.values(\.y), scale: panel.y.scale)
      ?? Axis(0...1, scale: panel.y.scale)
  }
}

extension Figure.Panel {
  /// The values of all marks along one side.
  fileprivate func values(_ side: (Figure.Point) -> Double) -> [Double] {
    marks.flatMap { mark -> [Double] in
      switch mark {
      case .line(let line): line.points.map(side)
      case .points(let points): points.points.map(side)
      case .bars(let bars):
        (bars.edges.map { Figure.Point($0, 0) }
          + zip(bars.edges, bars.heights).map { Figure.Point($0, $1) }).map(side)
      case .heatMap(let map):
        [
          side(Figure.Point(map.x.lowerBound, map.y.lowerBound)),
          side(Figure.Point(map.x.upperBound, map.y.upperBound)),
        ]
      case .images: []
      }
    }
  }

  /// Whether a scale of colours belongs to it.
  fileprivate var hasColors: Bool { heatMap != nil }

  /// The first of its heat maps.
  package var heatMap: Figure.HeatMap? {
    for case .heatMap(let map) in marks { return map }
    return nil
  }
}
