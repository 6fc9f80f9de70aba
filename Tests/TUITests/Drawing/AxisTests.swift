import TUI
import Testing

@Suite("Axis")
struct AxisTests {
  @Test("linear ticks are round, evenly spaced and no more than asked for")
  func linearTicks() {
    #expect(
      Axis(0...2140).ticks(atMost: 5).map(\.label) == ["0", "500", "1,000", "1,500", "2,000"])
    #expect(Axis(-1...1).ticks(atMost: 3).map(\.label) == ["−1", "0", "1"])
    #expect(Axis(0.02...0.09).ticks(atMost: 4).map(\.label) == ["0.02", "0.04", "0.06", "0.08"])
    #expect(Axis(0...3e6).ticks(atMost: 4).map(\.label) == ["0", "1.00 M", "2.00 M", "3.00 M"])
  }

  @Test("logarithmic ticks thin out from 1-2-5 to whole decades")
  func logTicks() {
    let axis = Axis(0.02...1.2, scale: .log)
    #expect(axis.ticks(atMost: 6).map(\.label) == ["0.02", "0.05", "0.1", "0.2", "0.5", "1"])
    #expect(axis.ticks(atMost: 4).map(\.label) == ["0.03", "0.1", "0.3", "1"])
    #expect(axis.ticks(atMost: 2).map(\.label) == ["0.1", "1"])
    #expect(Axis(1e-8...1e8, scale: .log).ticks(atMost: 4).count <= 4)
  }

  @Test("a narrow logarithmic range falls back to even ticks")
  func narrowLog() {
    #expect(Axis(0.061...0.069, scale: .log).ticks(atMost: 5).count >= 2)
  }

  @Test("a value and its place are each other's inverse", arguments: [Axis.Scale.linear, .log])
  func inverse(_ scale: Axis.Scale) throws {
    let axis = Axis(0.5...80, scale: scale)
    for value in [0.5, 1, 7.3, 80] {
      let fraction = try #require(axis.fraction(of: value))
      #expect(abs(axis.value(at: fraction) - value) < 1e-9)
    }
    #expect(axis.fraction(of: .nan) == nil)
  }

  @Test("a logarithmic axis has no place for 0 and below")
  func nonPositive() {
    let axis = Axis(0.1...10, scale: .log)
    #expect(axis.fraction(of: 0) == nil)
    #expect(axis.fraction(of: -1) == nil)
    #expect(Axis(fitting: [0, -3], scale: .log) == nil)
  }

  @Test("an axis that fits its values leaves room, but not below 0")
  func fitting() throws {
    let axis = try #require(Axis(fitting: [0.01, .nan, 10, .infinity]))
    #expect(axis.lower == 0)
    #expect(axis.upper > 10 && axis.upper < 11)
    let constant = try #require(Axis(fitting: [3, 3]))
    #expect(constant.lower < 3 && constant.upper > 3)
  }
}
