import TUI
import Testing

@testable import Diffusion
@testable import Workbench

@Suite("Colours of the screens")
struct ScreenColorTests {
  /// The colours of two rows of pixels in a row of half-blocks.
  private func halves(_ cell: Cell) -> (upper: Color, lower: Color)? {
    switch cell.scalar {
    case "▀": (cell.style.foreground, cell.style.background)
    case "▄": (cell.style.background, cell.style.foreground)
    case " ": (cell.style.background, cell.style.background)
    case "█": (cell.style.foreground, cell.style.foreground)
    default: nil
    }
  }

  private func color(of x: Int, _ y: Int, on surface: Surface) -> Color? {
    let halves = halves(surface[x, y / 2])
    return y % 2 == 0 ? halves?.upper : halves?.lower
  }

  @Test("every pixel of the first sample is on the Train screen, in the theme's greys")
  func firstSample() throws {
    var stage = try Stage.training(.digits)
    let surface = stage.drawn(120, 40)
    let area = try #require(stage.area(\.train, .preview))
    let side = 14
    let expected = stage.session.dataset.sample(at: 0).map { value in
      Theme.dark.greyRamp[Double(((value + 1) * 127.5).rounded()) / 255]
    }
    // There is ink in it, and paper.
    #expect(expected.contains { $0.green > 200 })
    #expect(expected.contains { $0.green < 40 })
    let places = (area.y..<area.maxY - side / 2).flatMap { y in
      (area.x..<area.maxX - side).map { (x: $0, y: y) }
    }
    let found = places.first { place in
      (0..<side * side).allSatisfy {
        color(of: place.x + $0 % side, 2 * place.y + $0 / side, on: surface) == expected[$0]
      }
    }
    #expect(found != nil)
  }

  @Test("the timeline runs from the colour of noise to that of data, the place in view on it")
  func timeline() throws {
    var stage = try Stage.denoising(.digits)
    let surface = stage.drawn(120, 40)
    let area = try #require(stage.area(\.denoise, .timeline))
    let row = try #require(
      (area.y + 1..<area.maxY - 1).first { y in
        (area.x..<area.maxX).contains { surface[$0, y].scalar == "●" }
      })
    let bar = (area.x..<area.maxX).map { surface[$0, row] }.filter {
      "█░●".unicodeScalars.contains($0.scalar)
    }
    let ramp = Theme.dark.noiseRamp
    #expect(bar.first?.style.foreground == ramp[0])
    #expect(bar.last?.style.foreground == ramp[1])
    let marker = try #require(bar.firstIndex { $0.scalar == "●" })
    let denoise = stage.application.denoise
    let share = Double(denoise.frameIndex) / Double(denoise.frameCount - 1)
    #expect(abs(Double(marker) / Double(bar.count - 1) - share) < 0.02)
    #expect(bar[..<marker].allSatisfy { $0.scalar == "█" })
    #expect(bar[(marker + 1)...].allSatisfy { $0.scalar == "░" })
  }

  @Test("the edited schedule is drawn in the colours of its noise, the others faint")
  func curves() throws {
    var stage = try Stage.scheduling(.digits)
    let surface = stage.drawn(120, 40)
    let area = try #require(stage.area(\.schedule, .curves))
    let colors = Set(
      (area.y + 1..<area.maxY - 1).flatMap { y in
        (area.x + 1..<area.maxX - 1).map { surface[$0, y] }
      }
      .filter { (0x2801...0x28FF).contains($0.scalar.value) }.map(\.style.foreground))
    let faint = try #require(Theme.dark.style(.faint).foreground.hex)
    #expect(colors.contains(Color(hex: faint)))
    #expect(colors.count > 20)
  }

  @Test("the panel that takes the keys is told from the others by its frame")
  func focus() throws {
    var stage = try Stage.training(.digits)
    let before = stage.drawn(120, 40)
    let loss = try #require(stage.area(\.train, .loss))
    let preview = try #require(stage.area(\.train, .preview))
    stage.press(.tab)
    let after = stage.drawn(120, 40)
    #expect(before[loss.x, loss.y].style == after[preview.x, preview.y].style)
    #expect(before[loss.x, loss.y].style != after[loss.x, loss.y].style)
  }
}
