import Testing

@testable import TUI

@Suite("Colour pairs")
struct ColorPairsTests {
  private func pair(_ foreground: Int32, _ background: Int32 = -1) -> ColorPairs.Pair {
    ColorPairs.Pair(foreground: foreground, background: background)
  }

  @Test("a pair keeps its number, and different pairs have different ones")
  func stable() {
    var pairs = ColorPairs(capacity: 10)
    #expect(pairs.number(for: pair(1, 2)) == .new(1, pair: pair(1, 2)))
    #expect(pairs.number(for: pair(2, 1)) == .new(2, pair: pair(2, 1)))
    #expect(pairs.number(for: pair(1, 2)) == .known(1))
  }

  @Test("the terminal's own colours are pair 0 and take no number")
  func own() {
    var pairs = ColorPairs(capacity: 1)
    #expect(pairs.number(for: pair(-1, -1)) == .known(0))
    #expect(pairs.count == 0)
  }

  @Test("a full table says so, and gives away only numbers that no cell shows")
  func reclaim() {
    var pairs = ColorPairs(capacity: 4)
    for color: Int32 in 0..<4 { _ = pairs.number(for: pair(color)) }
    #expect(pairs.number(for: pair(9)) == .full)
    let isAnyFree = pairs.reclaim(keeping: [0, 2, 2, 4])
    #expect(isAnyFree)
    #expect(pairs.number(for: pair(1)) == .known(2))
    #expect(pairs.number(for: pair(3)) == .known(4))
    #expect(pairs.number(for: pair(9)) == .new(1, pair: pair(9)))
    #expect(pairs.number(for: pair(10)) == .new(3, pair: pair(10)))
    #expect(pairs.number(for: pair(11)) == .full)
    let isOneFree = pairs.reclaim(keeping: [1, 2, 3, 4])
    #expect(!isOneFree)
  }

  @Test("colours that differ little share a number once half the table is taken")
  func pressure() {
    var pairs = ColorPairs(capacity: 8)
    for color: Int32 in 0..<4 { _ = pairs.number(for: pair(0x80_8000 + color)) }
    #expect(pairs.count == 4, "before, each colour has its own number")
    let rounded = pair(ColorPairs.rounded(0x12_3456))
    #expect(pairs.number(for: pair(0x12_3456)) == .new(5, pair: rounded))
    #expect(pairs.number(for: pair(0x12_3457)) == .known(5))
    #expect(pairs.number(for: pair(0x80_8001)) == .known(2), "exact ones are kept")
  }

  @Test("rounding moves no channel by more than 7 and keeps black, white and palette colours")
  func rounding() {
    for color: Int32 in [0, 255, 0xFF_FFFF, Int32(TerminfoEntry.firstOwnColor) + 3, -1] {
      #expect(ColorPairs.rounded(color) == color)
    }
    for color in stride(from: Int32(0x100), to: 0xFF_FFFF, by: 40_503) {
      let rounded = ColorPairs.rounded(color)
      for shift: Int32 in [16, 8, 0] {
        #expect(abs((rounded >> shift & 255) - (color >> shift & 255)) <= 7)
      }
    }
  }

  @Test("a table that cannot take another pair offers one that resembles it")
  func resembling() {
    var pairs = ColorPairs(capacity: 2)
    _ = pairs.number(for: pair(0xFF_0000, 0))
    _ = pairs.number(for: pair(0x00_00FF, 0))
    #expect(pairs.resembling(pair(0xE0_1010, 0)) == 1)
    #expect(pairs.resembling(pair(0x10_10E0, 0)) == 2)
    #expect(ColorPairs(capacity: 0).resembling(pair(1)) == 0)
  }

  @Test("many frames of new colours never fail and never take a number on screen")
  func endurance() {
    var pairs = ColorPairs(capacity: 1000)
    var random: UInt32 = 1
    var onScreen = [Int32](repeating: 0, count: 400)
    for _ in 0..<50 {
      onScreen = onScreen.map { _ in 0 }
      for cell in onScreen.indices {
        random = random &* 1_664_525 &+ 1_013_904_223
        let wanted = pair(Int32(random >> 8))
        var assignment = pairs.number(for: wanted)
        if assignment == .full {
          let isAnyFree = pairs.reclaim(keeping: onScreen)
          #expect(isAnyFree)
          assignment = pairs.number(for: wanted)
        }
        switch assignment {
        case .known(let number): onScreen[cell] = number
        case .new(let number, _):
          #expect(!onScreen.contains(number), "number \(number) is on the screen")
          onScreen[cell] = number
        case .full: Issue.record("no number was free after reclaiming")
        }
      }
    }
  }
}
