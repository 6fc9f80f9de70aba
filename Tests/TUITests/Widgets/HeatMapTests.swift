import Testing

@testable import TUI

@Suite("Heat map")
struct HeatMapTests {
  private var map: HeatMap {
    let strips = (0..<20).map { (column: Int) -> HeatMap.Strip in
      let values = (0..<8).map { (row: Int) -> Double in
        row == 3 && column > 14 ? .nan : Double(1 + row) / Double(1 + column)
      }
      return HeatMap.Strip(Double(column)...Double(column + 1), values)
    }
    var map = HeatMap(strips, style: .ascii)
    map.labels = [(0, "t 0"), (1, "1,000")]
    return map
  }

  @Test("strips from left to right, values from below, brighter where they are higher")
  func drawing() throws {
    try expectGolden(drawn(map, 40, 9), "heat-map")
    var cursor = map
    (cursor.cursor, cursor.readOut) = (5, "step 5")
    try expectGolden(drawn(cursor, 40, 9), "heat-map-cursor")
  }

  @Test("a window shows its strips alone, and the mouse reads x in it")
  func window() {
    var map = map
    map.xRange = 10...20
    map.labels = []
    #expect(map.extremes?.upperBound == 8.0 / 10)
    #expect(map.x(atColumn: 0, in: Rect(x: 0, y: 0, width: 10, height: 6)) == 10.5)
    #expect(map.x(atColumn: 9, in: Rect(x: 0, y: 0, width: 10, height: 6)) == 19.5)
    #expect(map.x(atColumn: 10, in: Rect(x: 0, y: 0, width: 10, height: 6)) == nil)
  }
}
