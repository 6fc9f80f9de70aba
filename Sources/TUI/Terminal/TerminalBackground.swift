extension Color {
  /// The colour in a terminal's answer: `rgb:RRRR/GGGG/BBBB` with one to four digits each, `rgba:` with
  /// the opacity behind, or `#RRGGBB`.
  init?(answer text: some StringProtocol) {
    if text.hasPrefix("#") {
      self.init(text)
      return
    }
    guard let colon = text.firstIndex(of: ":"), ["rgb", "rgba"].contains(text[..<colon]) else {
      return nil
    }
    let parts = text[text.index(after: colon)...].split(
      separator: "/", omittingEmptySubsequences: false)
    let bytes = parts.compactMap { digits -> UInt8? in
      guard (1...4).contains(digits.count), let value = Int(digits, radix: 16), value >= 0 else {
        return nil
      }
      let most = 1 << (4 * digits.count) - 1
      return UInt8((value * 255 + most / 2) / most)
    }
    guard bytes.count == parts.count, bytes.count == (text[..<colon] == "rgb" ? 3 : 4) else {
      return nil
    }
    self.init(red: bytes[0], green: bytes[1], blue: bytes[2])
  }

  /// Whether white text is easier to read on this colour than black text; nil where only the
  /// terminal knows the colour.
  package var isDark: Bool? {
    // At this luminance, black and white have the same contrast by WCAG 2.1.
    hex == nil ? nil : OwnColors.luminance(self) < 0.179
  }

  /// The background that `COLORFGBG` names, such as `15;0`: its last number is one of the
  /// terminal's sixteen colours.
  package static func background(colorFGBG text: String) -> Color? {
    guard text.contains(";"), let number = text.split(separator: ";").last.flatMap({ Int($0) }),
      OwnColors.xterm.indices.contains(number)
    else { return nil }
    return Color(hex: OwnColors.xterm[number])
  }
}
