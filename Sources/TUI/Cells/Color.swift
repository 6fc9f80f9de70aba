/// The colour of a cell: 24-bit, one of the terminal's 16, the terminal's default, or the colour already there.
public struct Color: Hashable, Sendable {
  /// The upper byte says which kind, the lower three hold the value.
  private let raw: UInt32

  private init(raw: UInt32) {
    self.raw = raw
  }

  /// A colour from 0xRRGGBB.
  public init(hex: UInt32) {
    raw = 1 << 24 | (hex & 0xFF_FFFF)
  }

  /// A 24-bit colour.
  public init(red: UInt8, green: UInt8, blue: UInt8) {
    self.init(hex: UInt32(red) << 16 | UInt32(green) << 8 | UInt32(blue))
  }

  /// One of the terminal's own colours, 0 … 15 in the usual order.
  public static func ansi(_ index: Int) -> Color {
    precondition((0..<16).contains(index), "there are 16 terminal colours, 0 … 15, got \(index)")
    return Color(raw: 2 << 24 | UInt32(index))
  }

  /// The terminal's default colour.
  public static let `default` = Color(raw: 0)
  /// Keeps the colour that is already in the cell.
  public static let keep = Color(raw: 3 << 24)

  /// The 24-bit value 0xRRGGBB, or nil for a colour whose value only the terminal knows.
  public var hex: UInt32? { raw >> 24 == 1 ? raw & 0xFF_FFFF : nil }

  /// The number among the terminal's 16 colours, or nil for another kind.
  var ansiIndex: Int? { raw >> 24 == 2 ? Int(raw & 0xFF) : nil }

  /// The red component of a 24-bit colour; meaningless for others.
  public var red: UInt8 { UInt8(truncatingIfNeeded: raw >> 16) }
  /// The green component of a 24-bit colour; meaningless for others.
  public var green: UInt8 { UInt8(truncatingIfNeeded: raw >> 8) }
  /// The blue component of a 24-bit colour; meaningless for others.
  public var blue: UInt8 { UInt8(truncatingIfNeeded: raw) }

  /// The names of the 16 terminal colours in their order.
  static let ansiNames = [
    "black", "red", "green", "yellow", "blue", "magenta", "cyan", "white",
    "bright-black", "bright-red", "bright-green", "bright-yellow",
    "bright-blue", "bright-magenta", "bright-cyan", "bright-white",
  ]
}

extension Color: CustomStringConvertible {
  public var description: String {
    if self == .default { return "default" }
    if self == .keep { return "keep" }
    if let ansiIndex { return Self.ansiNames[ansiIndex] }
    let digits = String(raw & 0xFF_FFFF, radix: 16)
    return "#" + String(repeating: "0", count: 6 - digits.count) + digits
  }

  /// Reads `#rrggbb`, `#rgb`, `default` or the name of one of the terminal's 16 colours.
  public init?(_ text: some StringProtocol) {
    if text == "default" {
      self = .default
    } else if let index = Self.ansiNames.firstIndex(where: { $0 == text }) {
      self = .ansi(index)
    } else if text.first == "#", let value = UInt32(text.dropFirst(), radix: 16) {
      switch text.count {
      case 7:
        self.init(hex: value)
      case 4:
        let (r, g, b) = (value >> 8 & 15, value >> 4 & 15, value & 15)
        self.init(hex: r * 0x11_0000 + g * 0x1100 + b * 0x11)
      default:
        return nil
      }
    } else {
      return nil
    }
  }
}
