import TUI
import Testing

@Suite("Planes, grids and the timeline")
struct PlaneAndImageTests {
  @Test("a scatter plot keeps its aspect and draws points over trails over data")
  func scatter() throws {
    var plot = ScatterPlot([.init(1, 0), .init(0, 1)], xRange: -1...1, yRange: -1...1)
    plot.background = [.init(-1, 0), .init(0, -1)]
    plot.trails = [[.init(-1, -1), .init(1, 0)]]
    plot.selected = 1
    let surface = drawn(plot, 20, 5)
    try expectGolden(surface, "scatter-plot")
    let ring = try #require(surface.place(of: "◉"))
    #expect(ring == (10, 0) || ring == (9, 0))
  }

  @Test("arrows take the nearest of eight directions")
  func arrows() {
    var plot = ScatterPlot([], xRange: -1...1, yRange: -1...1)
    plot.arrows = [
      .init(at: .init(0, 0), direction: .init(1, 0.2)),
      .init(at: .init(0, 1), direction: .init(-1, 1)),
      .init(at: .init(0, -1), direction: .init(0.1, -3)),
    ]
    let text = drawn(plot, 6, 3).lines.joined()
    for arrow in ["→", "↖", "↓"] { #expect(text.contains(arrow)) }
    #expect(drawn(plot, 6, 3, symbols: .ascii).lines.joined().contains("\\"))
  }

  private static func digits(_ count: Int, side: Int = 8) -> ImageGrid {
    let ramp = (0..<side * side).map { UInt8($0 * 255 / (side * side - 1)) }
    let image = PixelImage(width: side, height: side, pixels: .grey(ramp))
    return ImageGrid(Array(repeating: image, count: count))
  }

  @Test("a grid takes the largest scale at which all images fit")
  func scale() throws {
    let layout = try #require(Self.digits(8).layout(in: Rect(x: 0, y: 0, width: 70, height: 18)))
    #expect(layout.scale == .enlarged(2))
    #expect(layout.columns == 4 && layout.rows == 2 && layout.shown == 8)
    #expect(layout.cell == Size(16, 8))
  }

  @Test("images are left out before they are reduced, and reduced before fewer than wanted show")
  func reduction() throws {
    let small = Rect(x: 0, y: 0, width: 40, height: 10)
    let many = try #require(Self.digits(64).layout(in: small))
    #expect(many.scale == .actual && many.shown == 8)
    let large = try #require(Self.digits(16, side: 28).layout(in: small))
    #expect(large.scale == .reduced(2) && large.style == .quadrants && large.shown == 8)
    let two = try #require(Self.digits(2, side: 28).layout(in: small))
    #expect(two.scale == .actual && two.style == .quadrants && two.shown == 2)
  }

  @Test("where all of them would leave most of the area empty, fewer are larger; zoomed, all show")
  func largeAreas() throws {
    let area = Rect(x: 0, y: 0, width: 109, height: 63)
    var grid = Self.digits(16, side: 14)
    let layout = try #require(grid.layout(in: area))
    #expect(layout.scale == .enlarged(2) && layout.shown >= 8)
    let taken = layout.shown * layout.cell.width * layout.cell.height
    #expect(Double(taken) > 0.4 * Double(area.width * area.height))
    grid.atLeast = 16
    #expect(try #require(grid.layout(in: area)).shown == 16)
  }

  @Test("numbers at the axes of a plane say where a point is, whatever the shape of the area")
  func axes() throws {
    var plot = ScatterPlot([.init(-1.5, 12)], xRange: -12.6...12.6, yRange: -12.6...12.6)
    plot.showsAxes = true
    plot.ink = { _ in .accent }
    for size in [Size(40, 16), Size(64, 20)] {
      let lines = drawn(plot, size.width, size.height).lines
      let ten = try #require(lines.firstIndex { $0.hasPrefix("   10") })
      let dot = try #require(
        lines.firstIndex { $0.unicodeScalars.contains { (0x2801...0x28FF).contains($0.value) } })
      #expect(dot <= ten, "12 is above 10")
      #expect(lines.last?.contains("−10") == true && lines.last?.contains("10") == true)
    }
    #expect(drawn(plot, 12, 4).lines.allSatisfy { !$0.contains("10") }, "no room for numbers")
  }

  @Test("the selected image is always on the page")
  func paging() throws {
    var grid = Self.digits(20)
    grid.selected = 17
    let layout = try #require(grid.layout(in: Rect(x: 0, y: 0, width: 40, height: 10)))
    let frame = try #require(layout.frame(of: 17))
    #expect(layout.index(atX: frame.x, y: frame.y) == 17)
    #expect(layout.frame(of: 0) == nil)
  }

  @Test("the selection shows as brackets beside the image")
  func selection() throws {
    var grid = Self.digits(3)
    grid.selected = 1
    grid.labels = ["0", "1", "2"]
    try expectGolden(drawn(grid, 30, 6), "image-grid")
    try expectGolden(drawn(grid, 30, 6, symbols: .ascii), "image-grid-ascii")
  }

  @Test("an empty grid says how to fill it")
  func empty() {
    var grid = ImageGrid([])
    grid.placeholder = "no samples yet – press s"
    #expect(drawn(grid, 30, 3).lines[1] == "   no samples yet – press s")
  }

  @Test("the timeline goes through the noise ramp, with a marker where one is")
  func timeline() throws {
    let timeline = Timeline(0.5, other: 0.75, available: 0.9, curve: (0..<50).map(Double.init))
    let surface = drawn(timeline, 39, 3)
    try expectGolden(surface, "timeline")
    #expect(surface[4, 2].style.foreground == Theme.dark.noise(0))
    #expect(surface.place(of: "●").map { $0 == (19, 2) } == true)
  }

  @Test("a column of the timeline and its position belong together")
  func hits() {
    let area = Rect(x: 10, y: 5, width: 39, height: 3)
    let timeline = Timeline(0)
    #expect(timeline.position(atColumn: 14, in: area) == 0)
    #expect(timeline.position(atColumn: 29, in: area) == 0.5)
    #expect(timeline.position(atColumn: 44, in: area) == 1)
    #expect(timeline.position(atColumn: 0, in: area) == 0)
    #expect(timeline.position(atColumn: 99, in: area) == 1)
  }
}
