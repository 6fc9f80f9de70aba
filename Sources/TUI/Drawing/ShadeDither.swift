/// Images for terminals with sixteen colours, by half-blocks and the shade characters ░▒▓.
///
/// A cell holds two pixels, one above the other. It becomes what comes nearest to both: a half-block in
/// two of the colours, or one colour mixed with black, a quarter, half or three quarters of it.
enum ShadeDither {
  /// What fills a cell, and how much of each half the foreground covers.
  private struct Fill {
    var scalar: Unicode.Scalar
    var upper: Float
    var lower: Float
  }

  private static let fills: [Fill] = [
    Fill(scalar: "░", upper: 0.25, lower: 0.25), Fill(scalar: "▒", upper: 0.5, lower: 0.5),
    Fill(scalar: "▓", upper: 0.75, lower: 0.75), Fill(scalar: "█", upper: 1, lower: 1),
    Fill(scalar: "▀", upper: 1, lower: 0), Fill(scalar: "▄", upper: 0, lower: 1),
  ]

  /// How bright the three greys that can be both characters and backgrounds are, 0 to 1: that of number 8
  /// is black where there are eight colours.
  private static let greys: [(index: Int, level: Float)] = [(0, 0), (7, 0.8), (15, 1)]

  /// Cells for pairs of greys, by 5 bits of the upper and 5 of the lower one.
  private static let greyCells: [Cell] = (0..<1024).map { pair in
    let (upper, lower) = (Float(pair >> 5) / 31, Float(pair & 31) / 31)
    var best = Cell(" ", Style(on: .ansi(0)))
    var least = upper * upper + lower * lower
    for back in greys where back.index < 8 {
      for front in greys where front.index != back.index {
        for fill in fills {
          let up = back.level + fill.upper * (front.level - back.level) - upper
          let low = back.level + fill.lower * (front.level - back.level) - lower
          let error = up * up + low * low
          guard error < least else { continue }
          least = error
          best = Cell(fill.scalar, Style(.ansi(front.index), on: .ansi(back.index)))
        }
      }
    }
    return best
  }

  /// The cell for two greys, each from 0 (black) to 1 (white).
  static func cell(upper: Double, lower: Double) -> Cell {
    func bits(_ value: Double) -> Int { Int((min(max(value, 0), 1) * 31).rounded()) }
    return greyCells[bits(upper) << 5 | bits(lower)]
  }

  // MARK: Colours

  private static let palette = OwnColors.xterm.map { hex in
    SIMD3(Float(hex >> 16), Float(hex >> 8 & 0xFF), Float(hex & 0xFF))
  }

  private struct Match {
    var index: Int
    var color: SIMD3<Float>
    var scalar: Unicode.Scalar = "█"
  }

  /// The nearest colours of a list, by 4 bits of red, green and blue.
  private static func table(_ choices: [Match]) -> [Match] {
    (0..<4096).map { key in
      let wanted = SIMD3(Float(key >> 8), Float(key >> 4 & 15), Float(key & 15)) * 17
      return choices.min { error($0.color, wanted) < error($1.color, wanted) } ?? choices[0]
    }
  }

  private static let fronts = table((0..<16).map { Match(index: $0, color: palette[$0]) })
  private static let backs = table((0..<8).map { Match(index: $0, color: palette[$0]) })
  private static let shades = table(
    (0..<16).flatMap { index in
      fills.prefix(4).map {
        Match(index: index, color: palette[index] * $0.upper, scalar: $0.scalar)
      }
    })

  private static func error(_ a: SIMD3<Float>, _ b: SIMD3<Float>) -> Float {
    let difference = a - b
    return (difference * difference).sum()
  }

  /// The cell for two colours.
  static func cell(upper: Color, lower: Color) -> Cell {
    func key(_ c: SIMD3<Float>) -> Int {
      let bits = (c / 17).rounded(.toNearestOrEven)
      return Int(bits.x) << 8 | Int(bits.y) << 4 | Int(bits.z)
    }
    func vector(_ color: Color) -> SIMD3<Float> {
      SIMD3(Float(color.red), Float(color.green), Float(color.blue))
    }
    let (up, low) = (vector(upper), vector(lower))
    // Backgrounds are of the first eight, so that either half may be the character.
    let (frontUp, frontLow) = (fronts[key(up)], fronts[key(low)])
    let (backUp, backLow) = (backs[key(up)], backs[key(low)])
    let shade = shades[key((up + low) / 2)]
    let choices: [(Float, Cell)] = [
      (
        error(shade.color, up) + error(shade.color, low),
        Cell(shade.scalar, Style(.ansi(shade.index), on: .ansi(0)))
      ),
      (
        error(frontUp.color, up) + error(backLow.color, low),
        Cell("▀", Style(.ansi(frontUp.index), on: .ansi(backLow.index)))
      ),
      (
        error(backUp.color, up) + error(frontLow.color, low),
        Cell("▄", Style(.ansi(frontLow.index), on: .ansi(backUp.index)))
      ),
    ]
    return choices.min { $0.0 < $1.0 }?.1 ?? Cell()
  }
}
