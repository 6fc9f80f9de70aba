import Axes
import Foundation
import Testing

@testable import Diffusion
@testable import Figures

@Suite("Drawn figures")
struct DrawingTests {
  /// A small figure with every mark there is.
  static let samples: [String: Figure] = [
    "lines": Figure(
      "Two lines",
      panels: [
        Figure.Panel(
          "",
          [
            .line(
              Figure.Line("one", [(0, 1), (1, 10), (2, 40)].map(Figure.Point.init), .series(0))),
            .line(Figure.Line("", [(0, 2), (1, 3), (2, 2)].map(Figure.Point.init), .pale(1))),
          ], x: Figure.Side("t"), y: Figure.Side("σ/α", .log))
      ]),
    "points": {
      var panel = Figure.Panel(
        "", [.points(Figure.Points([Figure.Point(-1, 0), Figure.Point(0.5, 0.5)], .noise(1)))],
        x: Figure.Side(range: -1...1), y: Figure.Side(range: -1...1))
      panel.hasEqualUnits = true
      return Figure(panels: [panel])
    }(),
    "bars": Figure(
      panels: [
        Figure.Panel(
          "", [.bars(Figure.Bars(edges: [0, 1, 2, 3], heights: [1, 0, 2], .series(2)))])
      ]),
    "heat": Figure(
      panels: [
        Figure.Panel(
          "",
          [.heatMap(Figure.HeatMap([-1, 0, 0, 1], columns: 2, x: 0...2, y: 0...2, range: -1...1))])
      ]),
    "images": Figure(
      panels: [
        Figure.Panel(
          "",
          [
            .images(
              Figure.Images(
                [0, 90, 180, 255].map {
                  Figure.Raster(width: 2, height: 1, bytes: [$0, 255 - $0])
                }, columns: 2, labels: ["a", "b"]))
          ])
      ]),
  ]

  /// The golden files were written by Cairo 1.16; others number and round differently.
  private static let writesGolden =
    (try? Cairo.loaded.get().version)
    .map { (11_600..<11_700).contains($0) } ?? false

  @Test(
    "SVG files are what they were", .enabled(if: writesGolden),
    arguments: samples.keys.sorted())
  func svg(_ name: String) throws {
    let figure = try #require(Self.samples[name])
    let text = Self.normalized(try figure.encode(.svg, width: 300, height: 200))
    let file = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "../Golden/Figures/\(name).svg").standardized
    if ProcessInfo.processInfo.environment["WORKBENCH_UPDATE_GOLDEN"] == "1" {
      try text.write(to: file, atomically: true, encoding: .utf8)
    }
    #expect(text == (try? String(contentsOf: file, encoding: .utf8)), "\(name).svg differs")
  }

  @Test("a figure is the same each time", arguments: FigureFormat.allCases)
  func deterministic(_ format: FigureFormat) throws {
    let figure = try #require(Self.samples["lines"])
    let (first, second) = (
      try figure.encode(format, width: 300, height: 200),
      try figure.encode(format, width: 300, height: 200)
    )
    #expect(format == .svg ? Self.normalized(first) == Self.normalized(second) : first == second)
  }

  /// The text of an SVG file, with the numbers by which Cairo counts a process's surfaces left out.
  private static func normalized(_ file: [UInt8]) -> String {
    String(decoding: file, as: UTF8.self).replacing(/(surface|image|mask|pattern)[0-9]+/) {
      String($0.1)
    }
  }

  private static func image(
    _ name: String, _ width: Int, _ height: Int
  ) throws -> Diffusion.Image {
    let figure = try #require(samples[name])
    return try PNG.decode(figure.encode(.png, width: width, height: height), name: name)
  }

  /// How many pixels have a colour, of at most `error` from it in each part.
  private static func count(
    _ hex: Int, in image: Diffusion.Image, error: Int = 12
  ) -> Int {
    let wanted = [hex >> 16 & 0xFF, hex >> 8 & 0xFF, hex & 0xFF]
    return (0..<image.width * image.height).count { pixel in
      (0..<3).allSatisfy { abs(Int(image.bytes[pixel * 3 + $0]) - wanted[$0]) <= error }
    }
  }

  @Test("PNG files have the size that was asked for, on white", arguments: samples.keys.sorted())
  func png(_ name: String) throws {
    let image = try Self.image(name, 420, 260)
    #expect(image.width == 420)
    #expect(image.height == 260)
    #expect(image.channels == 3)
    #expect(Self.count(0xFFFFFF, in: image, error: 0) > 420 * 260 / 20)
    #expect(Set(image.bytes).count > 8, "\(name) is blank")
    #expect(image.bytes.prefix(3) == [255, 255, 255])
  }

  @Test("marks have their colours, and lie where their values are")
  func colors() throws {
    let bars = try Self.image("bars", 600, 400)
    let green = (0..<600 * 400).filter { pixel in
      bars.bytes[pixel * 3] < 40 && abs(Int(bars.bytes[pixel * 3 + 1]) - 158) < 20
    }
    // The third bar is twice as high as the first, the second is not there.
    let heights = Dictionary(grouping: green) { $0 % 600 }.mapValues(\.count)
    let highest = try #require(heights.values.max())
    let columns = try #require(heights.keys.min())...(try #require(heights.keys.max()))
    let third = Double(columns.count) / 3
    let first = heights[columns.lowerBound + Int(third / 2)] ?? 0
    let last = heights[columns.upperBound - Int(third / 2)] ?? 0
    #expect(abs(Double(last) - 2 * Double(first)) <= 4)
    #expect(last >= highest - 2)
    #expect(heights[columns.lowerBound + Int(1.5 * third)] == nil)
  }

  @Test("twice the size is the same figure with twice the pixels")
  func scale() throws {
    let (small, large) = (
      try Self.image("images", 1000, 600), try Self.image("images", 2000, 1200)
    )
    let (dark, darkLarge) = (
      Self.count(0x000000, in: small, error: 0), Self.count(0x000000, in: large, error: 0)
    )
    #expect(dark > 1000)
    #expect(abs(Double(darkLarge) / Double(dark) - 4) < 0.05)
  }

  @Test("a line of many points keeps its peaks")
  func peaks() throws {
    var points = (0..<100_000).map { Figure.Point(Double($0), 0) }
    points[70_000].y = 1
    let figure = Figure(panels: [Figure.Panel("", [.line(Figure.Line("", points, .series(1)))])])
    let bytes = try figure.encode(.svg, width: 300, height: 200)
    #expect(bytes.count < 200_000)
    let image = try PNG.decode(
      figure.encode(.png, width: 300, height: 200), name: "peak")
    let rows = (0..<300 * 200).filter { pixel in
      let (red, blue) = (Int(image.bytes[pixel * 3]), Int(image.bytes[pixel * 3 + 2]))
      return red - blue > 60
    }.map { $0 / 300 }
    #expect((rows.max() ?? 0) - (rows.min() ?? 0) > 100)
  }
}
