/// The number of colours that a terminal shows.
public enum ColorDepth: Int, Comparable, CaseIterable, Sendable {
  /// No colours.
  case monochrome
  /// The 16 colours of ANSI.
  case ansi16
  /// The 256 colours of xterm.
  case palette256
  /// 24-bit colours.
  case trueColor

  public static func < (a: ColorDepth, b: ColorDepth) -> Bool { a.rawValue < b.rawValue }
}
