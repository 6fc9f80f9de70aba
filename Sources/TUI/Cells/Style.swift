/// The colours and attributes of a cell.
public struct Style: Hashable, Sendable {
  /// What a terminal can do to a character besides colouring it.
  public struct Attributes: OptionSet, Hashable, Sendable {
    public let rawValue: UInt8

    public init(rawValue: UInt8) {
      self.rawValue = rawValue
    }

    public static let bold = Attributes(rawValue: 1)
    public static let dim = Attributes(rawValue: 2)
    public static let underline = Attributes(rawValue: 4)
    public static let reverse = Attributes(rawValue: 8)
  }

  public var foreground: Color
  public var background: Color
  public var attributes: Attributes

  /// A style that by default keeps the colours already there.
  public init(
    _ foreground: Color = .keep, on background: Color = .keep, _ attributes: Attributes = []
  ) {
    self.foreground = foreground
    self.background = background
    self.attributes = attributes
  }

  /// The terminal's own colours, no attributes.
  public static let plain = Style(.default, on: .default)

  public var bold: Style { adding(.bold) }
  public var dim: Style { adding(.dim) }
  public var underline: Style { adding(.underline) }
  public var reverse: Style { adding(.reverse) }

  public func adding(_ attributes: Attributes) -> Style {
    Style(foreground, on: background, self.attributes.union(attributes))
  }

  /// The same style on another background.
  public func on(_ background: Color) -> Style {
    Style(foreground, on: background, attributes)
  }

  /// This style where it says something, `below` where it keeps what is there.
  public func over(_ below: Style) -> Style {
    Style(
      foreground == .keep ? below.foreground : foreground,
      on: background == .keep ? below.background : background,
      attributes)
  }
}

/// One character and how it looks.
public struct Cell: Hashable, Sendable {
  public var scalar: Unicode.Scalar
  public var style: Style

  public init(_ scalar: Unicode.Scalar = " ", _ style: Style = .plain) {
    self.scalar = scalar
    self.style = style
  }
}
