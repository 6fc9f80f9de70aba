import Axes
import Foundation
import Testing

@testable import Figures

@Suite("Layout of figures")
struct LayoutTests {
  private static func line(_ points: [(Double, Double)], name: String = "") -> Figure.Mark {
    .line(Figure.Line(name, points.map { Figure.Point($0.0, $0.1) }, .series(0)))
  }

  private static func layout(_ panel: Figure.Panel, _ width: Double = 400, _ height: Double = 300)
    -> PanelLayout
  {
    PanelLayout(panel, in: Area(x: 0, y: 0, width: width, height: height), left: 50)
  }

  @Test("a line fills its axis across, and leaves room above and below")
  func ranges() {
    let layout = Self.layout(Figure.Panel("", [Self.line([(0, -1), (10, 3)])]))
    #expect(layout.x.lower == 0)
    #expect(layout.x.upper == 10)
    #expect(layout.y.lower < -1)
    #expect(layout.y.upper > 3)
    #expect(layout.xTicks.map(\.label) == ["0", "2", "4", "6", "8", "10"])
    #expect(layout.yTicks.map(\.label) == ["−1", "0", "1", "2", "3"])
  }

  @Test("a logarithmic side passes over values without a place on it")
  func logarithmic() throws {
    let panel = Figure.Panel(
      "", [Self.line([(0, 0), (1, .nan), (2, 0.1), (3, 10)])], y: Figure.Side("", .log))
    let layout = Self.layout(panel)
    #expect(layout.y.lower > 0.05)
    #expect(layout.place(Figure.Point(0, 0)) == nil)
    let low = try #require(layout.place(Figure.Point(2, 0.1))).y
    let middle = try #require(layout.place(Figure.Point(2, 1))).y
    let high = try #require(layout.place(Figure.Point(2, 10))).y
    #expect(abs((low + high) / 2 - middle) < 1e-9)
  }

  @Test("where one tick has an exponent, all are powers of ten")
  func powers() {
    let panel = Figure.Panel("", [], y: Figure.Side("", .log, range: 1e-6...1))
    #expect(
      Self.layout(panel).yTicks.map(\.label) == [
        "10⁻⁶", "10⁻⁵", "10⁻⁴", "10⁻³", "10⁻²", "10⁻¹", "10⁰",
      ])
    let ticks = [Axis.Tick(value: 2e5, label: "2e5"), Axis.Tick(value: 1e5, label: "1e5")]
    #expect(PanelLayout.printed(ticks).map(\.label) == ["2·10⁵", "10⁵"])
    let plain = [Axis.Tick(value: 0.01, label: "0.01")]
    #expect(PanelLayout.printed(plain) == plain)
  }

  @Test("texts below a panel keep apart", arguments: [60.0, 120, 200, 350, 900])
  func apart(_ width: Double) throws {
    let panel = Figure.Panel("", [], x: Figure.Side("", range: 0...123_456))
    let layout = Self.layout(panel, width + 64)
    #expect(!layout.xTicks.isEmpty)
    let places = try layout.xTicks.map { tick -> (left: Double, right: Double) in
      let middle = try #require(layout.place(Figure.Point(tick.value, 0))).x
      let half = Letters.standard.width(tick.label) * Paper.tickSize / 2
      return (middle - half, middle + half)
    }
    guard layout.xTicks.count > 2 else { return }
    for (one, next) in zip(places, places.dropFirst()) { #expect(one.right + 4 < next.left) }
  }

  @Test("equal units are as long across as upwards", arguments: [(900.0, 300.0), (300, 900)])
  func equalUnits(_ width: Double, _ height: Double) {
    var panel = Figure.Panel(
      "", [], x: Figure.Side(range: -2...2), y: Figure.Side(range: -1...1))
    panel.hasEqualUnits = true
    let plot = Self.layout(panel, width, height).plot
    #expect(abs(plot.width / 4 - plot.height / 2) < 1e-9)
    #expect(plot.x >= 50)
    #expect(plot.right <= width)
  }

  @Test("a legend takes a corner without lines, and goes beside the panel where there is none")
  func legend() throws {
    func place(_ points: [(Double, Double)]) throws -> (Legend, PanelLayout) {
      let panel = Figure.Panel("", [Self.line(points, name: "name")])
      var layout = Self.layout(panel)
      return (try #require(Legend(panel.legend, over: &layout)), layout)
    }
    let (rising, risingLayout) = try place([(0, 0), (1, 1)])
    #expect(rising.box.bottom < risingLayout.plot.bottom)
    #expect(risingLayout.plot.contains(rising.box.middle))
    // From the upper left to the lower right the legend is in another corner than for the rise.
    let (falling, fallingLayout) = try place([(0, 1), (1, 0)])
    #expect(fallingLayout.plot.contains(falling.box.middle))
    #expect(falling.box.middle != rising.box.middle)
    let everywhere = (0...400).map { (Double($0), Double($0 % 2)) }
    let (beside, narrow) = try place(everywhere)
    #expect(beside.box.x > narrow.plot.right)
    #expect(beside.box.right <= 400)
  }

  @Test("names that all panels have are shared; others are not")
  func sharedLegend() {
    let one = Figure.Panel("", [Self.line([(0, 0)], name: "a")])
    let other = Figure.Panel("", [Self.line([(0, 0)], name: "b")])
    #expect(Figure(panels: [one, one]).sharedLegend?.map(\.name) == ["a"])
    #expect(Figure(panels: [one, other]).sharedLegend == nil)
    #expect(Figure(panels: [one]).sharedLegend == nil)
  }

  @Test("a shared legend takes as many lines as it needs, none wider than the sheet")
  func longLegend() throws {
    let names = (0..<20).map { "a schedule of number \($0)" }
    let panel = Figure.Panel("", names.map { Self.line([(0, 0), (1, 1)], name: $0) })
    let figure = Figure("title", panels: [panel, panel])
    let shared = try #require(figure.sharedLegend)
    let rows = Legend.rows(of: shared, within: 600)
    #expect(rows.count > 2)
    #expect(rows.flatMap { $0 } == shared)
    #expect(rows.allSatisfy { Legend.width(of: $0) <= 600 })
    #expect(Legend.rows(of: shared, within: 10).count == 20)
    let few = Figure("title", panels: [Figure.Panel("", []), Figure.Panel("", [])])
    #expect(
      Sheet.headHeight(of: figure, width: 628) - Sheet.headHeight(of: few, width: 628)
        == 7 + Legend.lineHeight * Double(rows.count))
  }

  @Test("a figure too small for its panels is refused with a size that is not")
  func tooSmall() throws {
    let image = Figure.Raster(width: 2, height: 2, bytes: [0, 90, 180, 255])
    let images = Figure.Panel(
      "", [.images(Figure.Images(Array(repeating: image, count: 40), columns: 20))])
    let lines = Figure.Panel("", [Self.line([(0, 0), (1, 1)])], x: Figure.Side("x"))
    for figure in [
      Figure("title", panels: [images]), Figure(panels: [lines, lines, lines, lines]),
    ] {
      #expect(try !figure.encode(.svg, width: 1000, height: 700).isEmpty)
      let error = #expect(throws: FigureError.self) {
        try figure.encode(.svg, width: 100, height: 50)
      }
      let sentence = try #require(error?.description)
      #expect(
        sentence.hasPrefix(
          "100×50 pixels leave no room for what the figure shows; expected at least "))
      let size = sentence.split(separator: " ").last?.split(separator: "×").compactMap { Int($0) }
      let sides = try #require(size)
      #expect(try !figure.encode(.svg, width: sides[0], height: sides[1]).isEmpty)
    }
  }

  @Test(
    "panels fill their rows where they can",
    arguments: [(1, 1, 1), (2, 2, 1), (4, 2, 2), (6, 3, 2), (7, 3, 3), (8, 4, 2), (12, 4, 3)])
  func grid(_ count: Int, _ columns: Int, _ rows: Int) {
    let grid = Figure(panels: Array(repeating: Figure.Panel("", []), count: count)).grid
    #expect(grid == (columns, rows))
  }

  @Test("bars of a density cover the share of the values inside")
  func density() {
    let bars = Figure.Bars(
      densityOf: [0.1, 0.2, 0.9, 5], in: 0...1, count: 4, .series(0))
    #expect(bars.edges == [0, 0.25, 0.5, 0.75, 1])
    #expect(bars.heights == [2, 0, 0, 1])
    #expect(abs(bars.heights.reduce(0) { $0 + $1 * 0.25 } - 0.75) < 1e-12)
  }

  @Test("letters have the font's widths, and a box stands for those there are not")
  func letters() {
    // Advances of DejaVu Sans 2.37 in units of 1/2048 em.
    #expect(Letters.standard.width("0") == 1303.0 / 2048)
    let units = Letters.standard.width("σβᾱ⁻⁵") * 2048
    let advances: [Double] = [1298, 1307, 1350, 1081, 821]
    #expect(abs(units - advances.reduce(0, +)) < 1e-6)
    #expect(Letters.standard.width("漢") == Letters.standard.width("□"))
    #expect(Letters.standard.width("漢") > 0)
  }

  @Test("a line with fewer places looks the same, and keeps the ends where it turns back")
  func straightened() {
    let wave = (0...1000).map { Place(x: Double($0), y: 100 * sin(Double($0) / 100)) }
    let few = wave.straightened
    #expect(few.count < 400)
    #expect(few.first == wave.first)
    #expect(few.last == wave.last)
    for (from, to) in zip(few, few.dropFirst()) {
      for place in wave where place.x >= from.x && place.x <= to.x {
        let share = (place.x - from.x) / (to.x - from.x)
        #expect(abs(from.y + (to.y - from.y) * share - place.y) < 0.1)
      }
    }
    let back = [Place(x: 0, y: 0), Place(x: 0, y: 10), Place(x: 0, y: 3), Place(x: 1, y: 3)]
    #expect(back.straightened == back)
  }
}
