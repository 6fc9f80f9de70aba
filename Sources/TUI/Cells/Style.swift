/// The colours and attributes of a cell.
public struct Style: Hashable, Sendable {
  /// What a terminal can do to a character besides colouring it.
  public struct Attributes: OptionSet, Hashable, Sendable {
    public let rawValue: UInt8

    public init(rawValue: UInt8) {
      self.rawValue = rawValue
    }

    /// Bold or bright.
    public static let bold = Attributes(rawValue: 1)
    /// Faint.
    public static let dim = Attributes(rawValue: 2)
    /// Underlined.
    public static let underline = Attributes(rawValue: 4)
    /// Foreground and background swapped.
    public static let reverse = Attributes(rawValue: 8)
  }

  /// The colour of the character.
  public var foreground: Color
  /// The colour behind the character.
  public var background: Color
  /// The attributes of the character.
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

  /// The same style in bold.
  public var bold: Style { adding(.bold) }
  /// The same style, faint.
  public var dim: Style { adding(.dim) }
  /// The same style, underlined.
  public var underline: Style { adding(.underline) }
  /// The same style with its colours swapped.
  public var reverse: Style { adding(.reverse) }

  /// The same style with more attributes.
  public func adding(_ attributes: Attributes) -> Style {
    Style(foreground, on: background, self.attributes.union(attributes))
  }

  /// The same style on another background.
  public func on(_ background: Color) -> Style {
    Style(foreground, on: background, attributes)
  }

  /// This style, with `below` filling in the colours that it keeps.
  public func over(_ below: Style) -> Style {
    Style(
      foreground == .keep ? below.foreground : foreground,
      on: background == .keep ? below.background : background,
      attributes)
  }
}

/// One character and how it looks.
public struct Cell: Hashable, Sendable {
  /// The character, one column wide.
  public var scalar: Unicode.Scalar
  /// How it looks.
  public var style: Style

  /// A cell, by default a space in the terminal's own colours.
  public init(_ scalar: Unicode.Scalar = " ", _ style: Style = .plain) {
    self.scalar = scalar
    self.style = style
  }
}
