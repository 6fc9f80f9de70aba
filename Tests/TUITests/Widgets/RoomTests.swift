import TUI
import Testing

@Suite("Room")
struct RoomTests {
  private static let image = PixelImage(
    width: 5, height: 3, pixels: .rgb(Array(repeating: 99, count: 45)))

  /// Every widget with something to show, and again with hostile or no values.
  private let widgets: [(name: String, widget: any Widget)] = [
    ("panel", Panel("a long title", info: "some information", foot: "a foot", focused: true)),
    ("text", Text("several words that need to be broken\u{1B}[2J", centered: true)),
    ("field", Field("a label", value: "1,000", live: true, focused: true)),
    ("text field", TextField("a longer text than fits")),
    ("form", Form([Field("a", value: "1"), Field("bb", value: "2")], focus: 1)),
    ("empty form", Form([Field](), focus: 3)),
    ("gauge", Gauge(.nan, caption: "ETA 12 min 40 s")),
    ("list", KeyValueList([.init("name", "value", unit: "u"), .init("n", "v")], columns: 3)),
    ("empty list", KeyValueList([], columns: 2)),
    ("table", Table([.init("a"), .init("b")], rows: [["x", "y", "z"], []], selected: 7)),
    ("tabs", Tabs(["1 Train", "2 Denoise", "3 Schedule"], selected: 2)),
    ("popup", Popup("title", content: Size(30, 9), info: "i", foot: "f")),
    ("help bar", HelpBar([.init("space", "pause")], last: [.init("q", "quit")])),
    ("help", HelpOverlay(groups: [.init("g", [.init("k", "label")]), .init("h", [])], scroll: 9)),
    ("palette", CommandPalette([.init("pause", keys: "k")], selected: 4)),
    ("empty palette", CommandPalette([])),
    ("notice", Notice(time: "12:04:11", message: "a message")),
    ("chart", chart([1, .nan, 5, -3, .infinity, 1e300, 0.001], .log)),
    ("linear chart", chart([1, .nan, 5, -3, .infinity, -.infinity, 1e-300], .linear)),
    ("one point", chart([7], .linear)),
    ("no number", chart([.nan, .infinity], .linear)),
    ("no point", chart([], .log)),
    ("bars", bars([1, 2, .nan, -1, .infinity, 0])),
    ("no bars", bars([])),
    ("negative bars", bars([-1, -2])),
    ("signed bars", signedBars([1, 2, .nan, -1, .infinity, 0, -1e300])),
    ("heat map", HeatMap([.init(0...1, [1, .nan, 0]), .init(1...2, [-1, .infinity, 2])])),
    ("no heat map", HeatMap([])),
    ("signal", SignalPlot([0.1, .nan, 9], over: [0, 1])),
    ("scatter", scatter()),
    ("grid", grid(7)),
    ("empty grid", grid(0)),
    ("timeline", Timeline(.nan, other: 2, available: -1, curve: [1, .nan, 3])),
  ]

  private static func chart(_ values: [Double], _ scale: Axis.Scale) -> LineChart {
    var chart = LineChart([
      .init("a name", values: values, ink: .noise(.nan)),
      .init("other", values: values.reversed(), ink: .faint, dash: .dashed),
    ])
    chart.yScale = scale
    chart.cursor = 2
    chart.namesCurves = true
    chart.references = [.init(2, label: "reference"), .init(.nan, label: "")]
    chart.marks = [.init(x: 1, label: "mark"), .init(x: -9)]
    chart.axisTicks = [0, 99]
    return chart
  }

  private static func signedBars(_ values: [Double]) -> BarChart {
    var chart = bars(values)
    chart.beginsAtZero = true
    return chart
  }

  private static func bars(_ values: [Double]) -> BarChart {
    var chart = BarChart(values)
    chart.labels = [.init(0, "zero"), .init(99, "far"), .init(-1, "before")]
    chart.floors = [0.5, .nan]
    chart.cursor = 1
    return chart
  }

  private static func scatter() -> ScatterPlot {
    var plot = ScatterPlot(
      [.init(0, 0), .init(.nan, 1), .init(1e300, 0)], xRange: 0...0, yRange: -1...1)
    plot.trails = [[.init(0, 0)], [.init(-9, 9), .init(.infinity, 0), .init(1, 1)]]
    plot.arrows = [.init(at: .init(0, 0), direction: .init(0, 0))]
    plot.selected = 2
    return plot
  }

  private static func grid(_ count: Int) -> ImageGrid {
    var grid = ImageGrid(Array(repeating: image, count: count), style: .quadrants)
    grid.labels = ["a label longer than its image"]
    grid.selected = 5
    return grid
  }

  @Test("no widget draws outside its area, at any size, in any kind of terminal")
  func room() {
    let sizes = [0, 1, 2, 3, 4, 5, 7, 11, 24, 61]
    let untouched = Cell("~", .plain)
    for theme in [Theme.dark, .dark.adapted(to: .monochrome), .dark.adapted(to: .ansi16)] {
      for symbols in [Symbols.unicode, .ascii] {
        for width in sizes {
          for height in sizes where height < 30 {
            let area = Rect(x: 2, y: 1, width: width, height: height)
            var blank = Surface(Size(width + 4, height + 2), symbols: symbols)
            blank.fill(blank.bounds, with: "~", style: .plain)
            for (name, widget) in widgets {
              var surface = blank
              widget.draw(in: area, on: &surface, theme: theme)
              let outside = (0..<blank.size.height).contains { y in
                (0..<blank.size.width).contains { x in
                  !area.contains(x: x, y: y) && surface[x, y] != untouched
                }
              }
              #expect(!outside, "\(name) leaves its area of \(area)")
            }
          }
        }
      }
    }
  }
}
