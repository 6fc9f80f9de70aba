/// The sixteen colours of a terminal, as most terminals show them, and which of them can be read.
///
/// Terminals differ in what they show, and those with eight colours show the other eight as bold ones
/// of the first, or as bold ones that are no brighter. So a colour counts as readable only where it is
/// in both palettes and without the brightness, too.
enum OwnColors {
  /// The palette of xterm.
  static let xterm: [UInt32] = [
    0x00_0000, 0xCD_0000, 0x00_CD00, 0xCD_CD00, 0x00_00EE, 0xCD_00CD, 0x00_CDCD, 0xE5_E5E5,
    0x7F_7F7F, 0xFF_0000, 0x00_FF00, 0xFF_FF00, 0x5C_5CFF, 0xFF_00FF, 0x00_FFFF, 0xFF_FFFF,
  ]
  /// The palette of the Linux console, which is that of the VGA.
  static let console: [UInt32] = [
    0x00_0000, 0xAA_0000, 0x00_AA00, 0xAA_5500, 0x00_00AA, 0xAA_00AA, 0x00_AAAA, 0xAA_AAAA,
    0x55_5555, 0xFF_5555, 0x55_FF55, 0xFF_FF55, 0x55_55FF, 0xFF_55FF, 0x55_FFFF, 0xFF_FFFF,
  ]

  /// The least contrast of what has to be seen; WCAG 2.1 asks for 3 : 1 of graphical objects.
  static let leastContrast = 3.0

  /// The contrast of a colour with black or white, the worst of what terminals make of it.
  static func contrast(_ index: Int, onDark: Bool) -> Double {
    let paper = onDark ? 0 : 1.0
    return [xterm[index], xterm[index % 8], console[index]].map { hex in
      let light = luminance(Color(hex: hex))
      return (max(light, paper) + 0.05) / (min(light, paper) + 0.05)
    }.min() ?? 1
  }

  /// The colours that can be read on a dark or a light background.
  static func readable(onDark: Bool) -> [Int] { (onDark ? onBlack : onWhite).map(\.index) }

  private typealias Choice = (index: Int, color: OKLab)
  private static let onBlack = choices(onDark: true)
  private static let onWhite = choices(onDark: false)

  private static func choices(onDark: Bool) -> [Choice] {
    (0..<16).compactMap { index in
      guard contrast(index, onDark: onDark) >= leastContrast,
        let color = OKLab(Color(hex: xterm[index]))
      else { return nil }
      return (index, color)
    }
  }

  /// One of the colours that can be read, nearest to `color` in hue first and lightness second.
  ///
  /// The terminal's own colour, and one of the sixteen that can be read, stay what they are.
  static func readable(_ color: Color, onDark: Bool) -> Color {
    let choices = onDark ? onBlack : onWhite
    if let index = color.ansiIndex, choices.contains(where: { $0.index == index }) { return color }
    let wanted = color.ansiIndex.map { Color(hex: xterm[$0]) } ?? color
    guard let wanted = OKLab(wanted) else { return color }
    let nearest = choices.min { distance($0.color, wanted) < distance($1.color, wanted) }
    return nearest.map { .ansi($0.index) } ?? .default
  }

  /// The number of the nearest of the first `count` colours, whatever is behind it.
  static func nearest(red: UInt8, green: UInt8, blue: UInt8, count: Int) -> Int {
    var best = 0
    var least = Int.max
    for (index, hex) in xterm.prefix(count).enumerated() {
      let dr = Int(hex >> 16) - Int(red)
      let dg = Int(hex >> 8 & 0xFF) - Int(green)
      let db = Int(hex & 0xFF) - Int(blue)
      let distance = dr * dr + dg * dg + db * db
      if distance < least {
        least = distance
        best = index
      }
    }
    return best
  }

  /// How different two colours look where there are few to choose from: hue tells more than lightness,
  /// and grey is no hue.
  private static func distance(_ color: OKLab, _ wanted: OKLab) -> Double {
    let (own, other) = (color.chroma, wanted.chroma)
    let lightness = (color.l - wanted.l).magnitude
    guard own > 0.03, other > 0.03 else {
      return (own > 0.03) == (other > 0.03) ? lightness : 1 + lightness
    }
    let (a, b) = (color.a / own - wanted.a / other, color.b / own - wanted.b / other)
    return 0.5 * (a * a + b * b).squareRoot() + lightness
  }

  /// The relative luminance of an sRGB colour by WCAG 2.1, 0 to 1.
  static func luminance(_ color: Color) -> Double {
    0.2126 * linear(color.red) + 0.7152 * linear(color.green) + 0.0722 * linear(color.blue)
  }
}

extension OKLab {
  /// How far from grey the colour is.
  var chroma: Double { (a * a + b * b).squareRoot() }
}
