/// Which characters may reach the terminal.
///
/// Widgets draw in Unicode; a surface made for ASCII replaces each character with one
/// that resembles it, cell for cell, so that every screen keeps its layout.
public enum Symbols: Hashable, Sendable {
  /// All characters.
  case unicode
  /// ASCII characters only.
  case ascii

  /// The character that stands for `scalar` in this set.
  package func callAsFunction(_ scalar: Unicode.Scalar) -> Unicode.Scalar {
    self == .unicode || scalar.isASCII ? scalar : Self.resembling(scalar)
  }

  private static func resembling(_ scalar: Unicode.Scalar) -> Unicode.Scalar {
    switch scalar.value {
    case 0x2800...0x28FF: braille(UInt8(scalar.value & 0xFF))
    case 0x2581...0x2588: levels[Int(scalar.value - 0x2580)]
    case 0x2589...0x258B: "#"
    case 0x258C...0x258F: "="
    default: table[scalar] ?? "?"
    }
  }

  /// Eighths of a cell, from empty to full.
  private static let levels: [Unicode.Scalar] = [" ", "_", ".", "-", "=", "+", "*", "#", "#"]

  /// A character of the same weight, and where it is clear, of the same slope.
  private static func braille(_ mask: UInt8) -> Unicode.Scalar {
    guard mask != 0 else { return " " }
    let upper = (mask & 0b0001_1011).nonzeroBitCount
    let lower = (mask & 0b1110_0100).nonzeroBitCount
    if mask.nonzeroBitCount >= 5 { return "#" }
    if upper == 0 { return mask & 0b1100_0000 == 0 ? "-" : lower > 1 ? "_" : "." }
    if lower == 0 { return mask & 0b0000_1001 == 0 ? "-" : upper > 1 ? "\"" : "'" }
    let left = mask & 0b0100_0111
    let right = mask & 0b1011_1000
    if left == 0 || right == 0 { return "|" }
    let rises = (mask & 0b0001_1000 != 0) && (mask & 0b0100_0100 != 0)
    let falls = (mask & 0b0000_0011 != 0) && (mask & 0b1010_0000 != 0)
    return rises == falls ? "*" : rises ? "/" : "\\"
  }

  private static let table: [Unicode.Scalar: Unicode.Scalar] = {
    var table: [Unicode.Scalar: Unicode.Scalar] = [:]
    let groups: [(String, Unicode.Scalar)] = [
      ("─━┄┈╌–—−‐╴╶╼╾", "-"), ("│┃┆┊╎▏▕╵╷", "|"), ("┌┐└┘├┤┬┴┼╭╮╰╯╋", "+"),
      ("█▓◼■▙▛▜▟", "#"), ("▒▚▞", "+"), ("░", ":"), ("▀▔▘▝", "\""), ("▄▖▗", "_"), ("▌▐", "|"),
      ("●◆★✱", "*"), ("○◇◯□", "o"), ("·∙•․", "."), ("…", "~"), ("×", "x"), ("✕✗✘", "!"),
      ("✓✔", "+"), ("▲△↑", "^"),
      ("▼▽↓", "v"), ("▶▸▹►→›»", ">"), ("◀◂◃◄←‹«", "<"), ("≤", "<"), ("≥", ">"), ("≈∼", "~"),
      ("“”″", "\""), ("‘’′", "'"), ("±", "+"), ("°", "o"), ("√", "v"), ("∞", "%"), ("∑", "S"),
      ("⏸", "="), ("⏵", ">"), ("⏹", "#"), ("↵⏎", "<"), ("\u{A0}\u{2009}\u{202F}\u{2007}", " "),
      ("αΑ", "a"), ("βΒ", "b"), ("γ", "g"), ("δ", "d"), ("Δ∂", "D"), ("ε∊", "e"), ("ζ", "z"),
      ("η", "n"), ("θ", "h"), ("κ", "k"), ("λ", "l"), ("μµ", "u"), ("ν", "v"), ("ξ", "x"),
      ("π", "p"), ("ρ", "r"), ("σς", "s"), ("τ", "t"), ("φϕ", "f"), ("χ", "c"), ("ψ", "y"),
      ("ω", "w"), ("Σ", "S"), ("Ω", "O"), ("₀⁰", "0"), ("₁¹", "1"), ("₂²", "2"), ("₃³", "3"),
      ("⁴", "4"), ("⁵", "5"), ("⁶", "6"), ("⁻", "-"), ("ₜ", "t"), ("̂", "^"), ("äàáâãå", "a"),
      ("öòóôõ", "o"), ("üùúû", "u"), ("éèêë", "e"), ("ß", "s"), ("çć", "c"), ("ñ", "n"),
      ("↗↙÷", "/"), ("↖↘", "\\"), ("◉", "@"), ("◌", "."), ("‖", "="), ("ᾱ", "a"), ("ï", "i"),
      ("ÄÀÁ", "A"), ("ÖÒÓ", "O"), ("Ü", "U"), ("É", "E"),
    ]
    for (characters, replacement) in groups {
      for scalar in characters.unicodeScalars { table[scalar] = replacement }
    }
    return table
  }()
}
