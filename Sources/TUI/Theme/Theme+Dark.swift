extension Theme {
  /// The built-in theme: quiet blue-grey frames on near black, data from violet to
  /// gold.
  public static let dark = Theme(
    name: "dark", isDark: true,
    looks: [
      .background: Look(Color(hex: 0x10141C), ansi16: .default),
      .text: Look(Color(hex: 0xD8DEE9), ansi16: .default),
      .dim: Look(Color(hex: 0x8592A8), ansi16: .default, .dim),
      .faint: Look(Color(hex: 0x465066), ansi16: .ansi(8), .dim),
      .border: Look(Color(hex: 0x343E52), ansi16: .ansi(8), .dim),
      .accent: Look(Color(hex: 0x6CC7F5), ansi16: .ansi(14), .bold),
      .good: Look(Color(hex: 0x8FD694), ansi16: .ansi(10)),
      .warning: Look(Color(hex: 0xF2C063), ansi16: .ansi(11), .bold),
      .error: Look(Color(hex: 0xF0707A), ansi16: .ansi(9), [.bold, .reverse]),
      .selection: Look(Color(hex: 0x24405A), ansi16: .default, .reverse),
      .cursor: Look(Color(hex: 0xB8C4DA), ansi16: .ansi(15)),
    ],
    noiseRamp: ColorRamp(
      [0x5C6190, 0x766BBB, 0xB467BA, 0xED6F8D, 0xFF965D, 0xFFD166].map { Color(hex: $0) }),
    greyRamp: ColorRamp([Color(hex: 0x161B25), Color(hex: 0xF4F1E8)]),
    seriesColors: [0x6CC7F5, 0xFFB454, 0x8FD694, 0xE07AC0, 0xB8A1F5, 0x5ED3C0].map {
      Color(hex: $0)
    })
}
