import TUI
import Testing

@Suite("Braille canvas")
struct BrailleCanvasTests {
  private let red = Style(Color(hex: 0xFF0000))
  private let blue = Style(Color(hex: 0x0000FF))

  private func surface(_ canvas: BrailleCanvas) -> Surface {
    var surface = Surface(canvas.size)
    canvas.draw(x: 0, y: 0, on: &surface)
    return surface
  }

  @Test("each of a cell's eight dots has its place")
  func dots() {
    var seen = ""
    for y in 0..<4 {
      for x in 0..<2 {
        var canvas = BrailleCanvas(Size(1, 1))
        canvas.set(x: x, y: y, style: red)
        seen += surface(canvas).lines[0]
      }
    }
    #expect(seen == "⠁⠈⠂⠐⠄⠠⡀⢀")
  }

  @Test("a later series takes over the cells of an earlier one")
  func occlusion() {
    var canvas = BrailleCanvas(Size(2, 1))
    canvas.line(fromX: 0, y: 0, toX: 3, y: 0, style: red)
    canvas.beginSeries()
    canvas.set(x: 0, y: 3, style: blue)
    let surface = surface(canvas)
    #expect(surface.lines == ["⡀⠉"])
    #expect(surface[0, 0].style.foreground == blue.foreground)
    #expect(surface[1, 0].style.foreground == red.foreground)
  }

  @Test("a line that comes from far away is cut at the edge and keeps its slope")
  func clipping() {
    var canvas = BrailleCanvas(Size(2, 1))
    canvas.line(fromX: -1e7, y: -1e7, toX: 1e7, y: 1e7, style: red)
    #expect(surface(canvas).lines == ["⠑⢄"])
    canvas.line(fromX: .nan, y: 0, toX: 1, y: 1, style: red)
    canvas.line(fromX: 10, y: 10, toX: 20, y: 10, style: red)
    #expect(surface(canvas).lines == ["⠑⢄"])
  }

  @Test("dashes differ in their shape")
  func dashes() {
    func row(_ dash: Dash) -> String {
      var canvas = BrailleCanvas(Size(6, 1))
      canvas.line(fromX: 0, y: 0, toX: 11, y: 0, style: red, dash: dash)
      return surface(canvas).lines[0]
    }
    #expect(row(.solid) == "⠉⠉⠉⠉⠉⠉")
    #expect(row(.dashed) == "⠉⠉ ⠉⠉")
  }
}
