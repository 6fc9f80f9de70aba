import Diffusion
import Platform

/// Shows pictures with letters: half-blocks in colour where the terminal has both, else ASCII.
enum PictureText {
  enum Style {
    /// Two points a cell in 24-bit colour.
    case halfBlocks
    /// Two points a cell in the 256 colours of xterm.
    case halfBlocks256
    /// One letter for two points.
    case ascii
  }

  /// What standard output can show.
  static var bestStyle: Style {
    func variable(_ name: String) -> String { getenv(name).map { String(cString: $0) } ?? "" }
    let terminal = variable("TERM")
    guard Console.isTerminal, Console.isUTF8, variable("NO_COLOR").isEmpty, !terminal.isEmpty,
      terminal != "dumb"
    else { return .ascii }
    if ["truecolor", "24bit"].contains(variable("COLORTERM")) { return .halfBlocks }
    return terminal.contains("256color") ? .halfBlocks256 : .ascii
  }

  /// The picture as lines of text, each with its end.
  static func text(_ picture: Picture, _ style: Style) -> String {
    var text = ""
    for row in stride(from: 0, to: picture.height, by: 2) {
      for column in 0..<picture.width {
        let top = picture.color(column, row)
        let bottom = row + 1 < picture.height ? picture.color(column, row + 1) : .black
        switch style {
        case .halfBlocks:
          text += "\u{1B}[38;2;\(top.codes);48;2;\(bottom.codes)m▀"
        case .halfBlocks256:
          text += "\u{1B}[38;5;\(top.paletteIndex);48;5;\(bottom.paletteIndex)m▀"
        case .ascii:
          let light = (top.luminance + bottom.luminance) / 2
          text.append(ramp[min(Int(light * Double(ramp.count)), ramp.count - 1)])
        }
      }
      if case .ascii = style {
        text = String(text.reversed().drop { $0 == " " }.reversed())
      } else {
        text += "\u{1B}[0m"
      }
      text += "\n"
    }
    return text
  }

  /// Letters from dark to bright.
  private static let ramp = Array(" .:-=+*#%@")
}

private struct Color {
  var red: UInt8
  var green: UInt8
  var blue: UInt8

  static let black = Color(red: 0, green: 0, blue: 0)

  var codes: String { "\(red);\(green);\(blue)" }

  /// 0 to 1, with the weights of ITU-R BT.601.
  var luminance: Double {
    (0.299 * Double(red) + 0.587 * Double(green) + 0.114 * Double(blue)) / 255
  }

  /// The nearest of xterm's greys, or of its cube of 6×6×6 colours.
  var paletteIndex: Int {
    if red == green && green == blue { return 232 + min(Int(red) * 24 / 256, 23) }
    func side(_ value: UInt8) -> Int { (Int(value) * 5 + 127) / 255 }
    return 16 + 36 * side(red) + 6 * side(green) + side(blue)
  }
}

extension Picture {
  fileprivate func color(_ column: Int, _ row: Int) -> Color {
    let index = (row * width + column) * channels
    guard channels == 3 else {
      return Color(red: bytes[index], green: bytes[index], blue: bytes[index])
    }
    return Color(red: bytes[index], green: bytes[index + 1], blue: bytes[index + 2])
  }
}
