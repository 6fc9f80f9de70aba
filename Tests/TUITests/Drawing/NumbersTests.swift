import TUI
import Testing

@Suite("Numbers")
struct NumbersTests {
  @Test(
    "thousands stand apart",
    arguments: [
      (0, "0"), (999, "999"), (20_000, "20,000"), (-1234, "−1,234"), (1_234_567, "1,234,567"),
    ])
  func grouped(_ value: Int, _ text: String) {
    #expect(Numbers.grouped(value) == text)
  }

  @Test(
    "a fixed number keeps its digits",
    arguments: [
      (0.0712, 4, "0.0712"), (-12.5, 1, "−12.5"), (1024, 1, "1,024.0"), (0.9996, 3, "1.000"),
      (-0.0001, 2, "0.00"), (.nan, 2, "NaN"), (-.infinity, 2, "−∞"), (2.5e18, 2, "2.50e18"),
    ])
  func fixed(_ value: Double, _ digits: Int, _ text: String) {
    #expect(Numbers.fixed(value, digits) == text)
  }

  @Test(
    "an exponent has one digit before the point",
    arguments: [
      (0.002, "2.0e-3"), (1e-5, "1.0e-5"), (9.99e-4, "1.0e-3"), (0, "0.0e0"), (-3.2e7, "−3.2e7"),
    ])
  func scientific(_ value: Double, _ text: String) {
    #expect(Numbers.scientific(value) == text)
  }

  @Test(
    "a compact number has three digits that mean something",
    arguments: [
      (0.07123, "0.0712"), (12.53, "12.5"), (1024.4, "1,024"), (0.000123, "1.23e-4"),
      (123_456, "1.23e5"), (0, "0"),
    ])
  func compact(_ value: Double, _ text: String) {
    #expect(Numbers.compact(value) == text)
  }

  @Test(
    "SI prefixes keep three digits",
    arguments: [
      (712, "images/s", "712 images/s"), (0.0899, "s", "89.9 ms"), (1_234_567, "", "1.23 M"),
      (999.7, "", "1.00 k"), (0, "s", "0.00 s"),
    ])
  func prefixes(_ value: Double, _ unit: String, _ text: String) {
    #expect(Numbers.si(value, unit: unit) == text)
  }

  @Test(
    "durations are said as a person would",
    arguments: [
      (44.6, "45 s"), (185, "3 min 05 s"), (7500, "2 h 05 min"), (274_000, "3 d 04 h"),
      (.infinity, "–"),
    ])
  func durations(_ seconds: Double, _ text: String) {
    #expect(Numbers.duration(seconds) == text)
  }

  @Test("bytes have a thousand to the kilobyte")
  func bytes() {
    #expect(Numbers.bytes(999) == "999 B")
    #expect(Numbers.bytes(214_000_000) == "214 MB")
  }
}
