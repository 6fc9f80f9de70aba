import Foundation
import Testing

@testable import TUI

@Suite("Charts")
struct ChartTests {
  /// A loss that falls from 1 towards 0.06, with a spike and a gap.
  private static let loss: [CurvePoint] = (0..<400).map { step in
    let value = 0.06 + 1 / (1 + Double(step * step) / 500)
    let y = step == 300 ? 0.9 : (200..<230).contains(step) ? .nan : value
    return CurvePoint(x: Double(step), y: y)
  }

  private var chart: LineChart {
    LineChart([.init("loss", points: Self.loss, ink: .series(0))])
  }

  @Test("a chart shows guides, labels, the gap and the spike")
  func linear() throws {
    try expectGolden(drawn(chart, 60, 12), "line-chart")
  }

  @Test("a logarithmic chart has a reference line, marks and a cursor that reads out")
  func logarithmic() throws {
    var chart = chart
    chart.yScale = .log
    chart.references = [.init(0.03, label: "floor 0.03")]
    chart.marks = [.init(x: 150, label: "lr 1e-3")]
    chart.cursor = 100
    let surface = drawn(chart, 60, 12)
    try expectGolden(surface, "line-chart-log")
    let dot = try #require(surface.place(of: "●"))
    #expect(surface[dot.x, dot.y].style.foreground == Theme.dark.series(0))
    #expect(surface[dot.x, 11].style.foreground != Theme.dark.style(.cursor).foreground)
  }

  @Test("the read-out keeps its width whatever the values are")
  func readOut() {
    #expect(chart.readOut(at: 10).text == "step 10  ── loss   0.893")
    #expect(chart.readOut(at: 210).columnCount == chart.readOut(at: 10).columnCount + 1)
    #expect(chart.readOut(at: 210).text.hasSuffix("–"))
  }

  @Test("a single extreme value among thousands is drawn")
  func extremes() {
    let values = (0..<5000).map { $0 == 3333 ? 1.0 : 0.0 }
    var chart = LineChart([.init("", values: values, ink: .accent)])
    chart.showsAxes = false
    let surface = drawn(chart, 30, 4)
    let column = 3333 * 60 / 5000 / 2
    let filled = (0..<4).filter { surface[column, $0].scalar != " " }
    #expect(filled == [0, 1, 2, 3])
    #expect(surface.lines[0].columnCount == column + 1)
  }

  @Test("values that are not positive are gaps on a logarithmic axis")
  func nonPositive() {
    var chart = LineChart([.init("", values: [1, 0, 10, -5, 100], ink: .accent)])
    chart.yScale = .log
    chart.showsAxes = false
    let dots = drawn(chart, 9, 4).cells.filter { $0.scalar != " " }
    #expect(dots.count == 3)
  }

  @Test("a zoom window draws the line that leads into it")
  func zoom() {
    var chart = LineChart([.init("", values: [0, 10, 0], ink: .accent)])
    chart.xRange = 0.5...1.5
    chart.yRange = 0...10
    chart.showsAxes = false
    let lines = drawn(chart, 8, 4).lines
    // From 5 at the left edge up to 10 and down to 5 again.
    let columns = lines.joined().filter { $0 != " " }.count
    #expect(columns >= 8)
    #expect(lines[0].contains { $0 != " " })
    #expect(lines[3] == "")
  }

  @Test("a curve can change its colour along x, and carries its name at its end")
  func schedule() throws {
    let alphaBar = (0..<100).map { 1 - Double($0 * $0) / 9801 }
    var chart = LineChart([
      .init("linear", values: (0..<100).map { 1 - Double($0) / 99 }, ink: .faint, dash: .dashed),
      .init("cosine", values: alphaBar, ink: .accent) { .noise(1 - $0 / 99) },
    ])
    chart.namesCurves = true
    chart.axisTicks = [20, 40, 60, 80]
    let surface = drawn(chart, 60, 10)
    try expectGolden(surface, "line-chart-schedule")
    // A cell spans two or three steps of the schedule.
    let start = (0...3).map { Theme.dark.noise(1 - Double($0) / 99) }
    #expect(start.contains(surface[6, 0].style.foreground))
    let end = (96...99).map { Theme.dark.noise(1 - Double($0) / 99) }
    #expect(end.contains(surface[52, 8].style.foreground))
  }

  @Test("names of curves with a common end stand beside their own curve")
  func names() throws {
    let powers: [(String, Double)] = [("early", 0.3), ("even", 1), ("late", 4)]
    var chart = LineChart(
      powers.map { name, power in
        let points = (0...100).map { step in
          let x = Double(step) / 100
          return CurvePoint(x: x, y: 1 - pow(x, power))
        }
        return LineChart.Series(name, points: points, ink: name == "late" ? .accent : .faint)
      })
    chart.namesCurves = true
    let surface = drawn(chart, 70, 16)
    let layout = try #require(ChartLayout(chart, in: surface.bounds))
    for (name, _) in powers {
      let row = try #require(surface.lines.firstIndex { $0.contains(name) }, "\(name) is missing")
      let line = surface.lines[row]
      let start = try #require(line.range(of: name)?.lowerBound)
      let column = line[..<start].unicodeScalars.count + name.count / 2
      let place = Double(column - layout.plot.x) / Double(layout.plot.width)
      let rows = chart.series.map { series in
        LineChart.value(of: series, at: min(1, place)).flatMap(layout.row)
      }
      let own = powers.firstIndex { $0.0 == name }
      let distances = rows.map { $0.map { abs($0 - row) } ?? .max }
      let nearest = try #require(distances.min())
      #expect(distances[try #require(own)] == nearest, "\(name): \(distances)")
    }
  }

  @Test("marks say their values, and no label lies over another")
  func markLabels() {
    var chart = chart
    chart.marks = [100, 104, 110].map { .init(x: $0, label: "LR \($0)") }
    let text = drawn(chart, 60, 12).lines
    for step in ["100", "104", "110"] {
      #expect(text.contains { $0.contains("LR \(step)") }, "\(step)")
    }
  }

  @Test("without colours the faint curve is broken and the other one bold")
  func monochrome() {
    var chart = LineChart([
      .init("faint", values: Array(repeating: 1, count: 40), ink: .faint),
      .init("active", values: Array(repeating: 3, count: 40), ink: .series(0)),
    ])
    chart.yRange = 0...4
    chart.showsAxes = false
    var surface = Surface(Size(30, 8))
    chart.draw(in: surface.bounds, on: &surface, theme: .dark.adapted(to: .monochrome))
    func dots(_ rows: Range<Int>) -> [Cell] {
      rows.flatMap { y in (0..<30).map { surface[$0, y] } }.filter { $0.scalar != " " }
    }
    let (active, faint) = (dots(0..<4), dots(4..<8))
    func count(_ cells: [Cell]) -> Int {
      cells.reduce(0) { $0 + ($1.scalar.value & 0xFF).nonzeroBitCount }
    }
    #expect(count(active) > count(faint) * 5 / 4)
    #expect(active.allSatisfy { $0.style.attributes.contains(.bold) })
    #expect(faint.allSatisfy { !$0.style.attributes.contains(.bold) })
  }

  @Test("a mouse column and the value under it belong together")
  func mouse() throws {
    let area = Rect(x: 5, y: 2, width: 60, height: 12)
    #expect(chart.x(atColumn: 6, in: area) == nil)
    let first = try #require(chart.x(atColumn: 11, in: area))
    let last = try #require(chart.x(atColumn: 64, in: area))
    #expect(first >= 0 && first < 8)
    #expect(last > 391 && last <= 399)
  }

  @Test("handles are drawn where the mouse finds them, the selected one by its shape as well")
  func handles() throws {
    let area = Rect(x: 0, y: 0, width: 60, height: 12)
    var chart = LineChart([.init("", values: [4, 2, 0], ink: .text)])
    chart.handles = [.init(x: 0, y: 4), .init(x: 1, y: 2, isSelected: true), .init(x: 2, y: 0)]
    let surface = drawn(chart, 60, 12)
    let (x, y) = try #require(surface.place(of: "◆"))
    #expect(surface[x, y].style.foreground == Ink.accent.style(in: .dark).foreground)
    #expect(surface.cells.filter { $0.scalar == "◇" }.count == 2)
    #expect(chart.handle(atX: x, y: y, in: area) == 1)
    #expect(chart.handle(atX: x + 2, y: y - 1, in: area) == 1)
    #expect(chart.handle(atX: x + 3, y: y, in: area) == nil)
    #expect(chart.handle(atX: x, y: y + 2, in: area) == nil)
    // A row of 11 spans about 0.4 of the 4.48 that are shown.
    #expect(abs(try #require(chart.y(atRow: y, in: area)) - 2) < 0.25)
    #expect(try #require(chart.y(atRow: 20, in: area)) < -2, "the axis goes on below")
  }

  @Test("an empty chart says what it waits for")
  func empty() {
    var chart = LineChart([.init("loss", points: [], ink: .accent)])
    chart.placeholder = "waiting for the first step"
    #expect(drawn(chart, 40, 3).lines[1] == "       waiting for the first step")
  }

  @Test("bars fill eighths, keep their colours and show a floor")
  func bars() throws {
    var chart = BarChart([8, 4, 1, 0, .nan, 6]) { .noise(Double($0) / 5) }
    chart.range = 0...8
    chart.showsAxis = false
    chart.floors = [2, 1, 0, 0, 0, 3]
    chart.labels = [.init(0, "0"), .init(3, "300")]
    let surface = drawn(chart, 18, 5)
    try expectGolden(surface, "bar-chart")
    #expect(surface[0, 0].style.foreground == Theme.dark.noise(0))
    #expect(surface[15, 1].style.foreground == Theme.dark.noise(1))
    #expect(chart.index(atColumn: 4, in: surface.bounds) == 1)
  }

  @Test("bars that begin at 0 rise above it, or hang below it")
  func signedBars() {
    var chart = BarChart([2, -2, 0.5, -0.5, 0, .nan])
    chart.beginsAtZero = true
    chart.range = -2...2
    chart.showsAxis = false
    #expect(drawn(chart, 6, 4).lines == ["█", "█ ▄", " █ ▀", " █"])
    // Of those that share a column the one farthest from 0.
    chart.values = [1, -2, 1, 1]
    #expect(drawn(chart, 2, 4).lines == ["", " █", "█", "█"])
  }

  @Test("more bars than columns share them, and the greatest shows")
  func manyBars() {
    var chart = BarChart((0..<1000).map { $0 == 500 ? 1 : 0 })
    chart.showsAxis = false
    #expect(drawn(chart, 20, 1).lines == ["          █"])
  }

  @Test("an axis counts what falls into each of its parts")
  func counts() {
    let axis = Axis(0.01...100, scale: .log)
    #expect(axis.counts(of: [0.01, 0.5, 0.7, 100, 1000, 0], in: 4) == [1, 2, 0, 1])
  }

  @Test("a signal fills its area")
  func lines() throws {
    let wave = (0..<40).map { $0 % 20 < 10 ? 1.0 : -1.0 }
    let clean = (0..<40).map { Double($0) / 20 - 1 }
    try expectGolden(drawn(SignalPlot(wave, over: clean), 20, 4), "signal-plot")
  }

  @Test("a gauge fills eighths of a cell beside its caption")
  func gauge() {
    #expect(drawn(Gauge(0.5625, caption: "ETA 5 s"), 18, 1).lines == ["▕████▌   ▏ ETA 5 s"])
    #expect(drawn(Gauge(.nan), 8, 1).lines == ["▕┄┄┄┄┄┄▏"])
    #expect(drawn(Gauge(2), 8, 1, symbols: .ascii).lines == ["[######]"])
  }
}
