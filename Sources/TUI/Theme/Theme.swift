/// The look of the screen: a colour for each role.
///
/// Each role also has a look for 16 colours and for none, so that nothing is conveyed by hue alone.
public struct Theme: Hashable, Sendable {
  /// What a piece of the screen means.
  package enum Role: String, CaseIterable, Sendable {
    /// The screen where nothing is drawn.
    case background
    /// Primary text.
    case text
    /// Secondary text: labels, units, hints.
    case dim
    /// Barely there: guides, raw values behind smoothed ones.
    case faint
    /// Frames and rules.
    case border
    /// Focus, and what a key would change.
    case accent
    /// All is well.
    case good
    /// Something may be wrong.
    case warning
    /// Something is wrong.
    case error
    /// The selected line of a list.
    case selection
    /// The cursor line through a chart.
    case cursor
  }

  /// A role's look at every colour depth.
  package struct Look: Hashable, Sendable {
    /// The colour where there are 256 or more.
    package var color: Color
    /// The colour where there are 16; `default` keeps the terminal's own.
    package var ansi16: Color
    /// The attributes where there are no colours, or 16.
    package var attributes: Style.Attributes

    /// A look with its stand-ins for terminals with fewer colours.
    package init(_ color: Color, ansi16: Color, _ attributes: Style.Attributes = []) {
      (self.color, self.ansi16, self.attributes) = (color, ansi16, attributes)
    }
  }

  /// The name by which the theme is chosen.
  public var name: String
  /// Whether the background is dark.
  public var isDark: Bool
  /// The look of each role; one that is missing has the terminal's own colours.
  package var looks: [Role: Look]
  /// From noise (0) to data (1).
  package var noiseRamp: ColorRamp
  /// From the data's lowest value (0) to its highest (1), for grey images.
  package var greyRamp: ColorRamp
  /// The colours that distinguish series.
  package var seriesColors: [Color]
  /// The most colours that it uses, however many the terminal has.
  package var mostColors = ColorDepth.trueColor
  /// The depth that styles are made for; ``adapted(to:onDark:)`` changes it.
  package private(set) var depth = ColorDepth.trueColor

  /// Whether it is drawn on the terminal's own background.
  package var isTransparent: Bool { looks[.background].map { $0.color == .default } ?? true }

  /// The same theme for a terminal with fewer colours, whose background may be known to be dark or light.
  ///
  /// With 16, what is drawn on the background has colours that can be read there. A theme without a
  /// background of its own changes sides with the terminal's.
  package func adapted(to depth: ColorDepth, onDark: Bool? = nil) -> Theme {
    var theme = self
    if let onDark, onDark != isDark, isTransparent { theme = inverted }
    theme.depth = min(depth, mostColors)
    return theme.depth == .ansi16 ? theme.readable : theme
  }

  /// The same with light for dark and dark for light, and all hues as they are.
  private var inverted: Theme {
    func inverted(_ color: Color) -> Color {
      OKLab(color).map { $0.inverted.color } ?? color
    }
    var theme = self
    theme.isDark.toggle()
    for role in Role.allCases {
      theme.looks[role]?.color = inverted(looks[role]?.color ?? .default)
    }
    theme.noiseRamp = ColorRamp(noiseRamp.stops.map(inverted))
    theme.greyRamp = ColorRamp(greyRamp.stops.map(inverted))
    theme.seriesColors = seriesColors.map(inverted)
    return theme
  }

  /// The same with those of the terminal's colours that can be read on its background.
  private var readable: Theme {
    var theme = self
    func readable(_ color: Color) -> Color { OwnColors.readable(color, onDark: isDark) }
    for role in Role.allCases where role != .background && role != .selection {
      theme.looks[role]?.ansi16 = readable(looks[role]?.ansi16 ?? .default)
    }
    theme.noiseRamp = ColorRamp((0..<256).map { readable(noiseRamp[Double($0) / 255]) })
    theme.seriesColors = seriesColors.map(readable)
    return theme
  }

  /// The look of a role, on the theme's background.
  package func style(_ role: Role) -> Style {
    let background = color(looks[.background] ?? Look(.default, ansi16: .default))
    guard let look = looks[role] else { return Style(.default, on: background) }
    switch role {
    case .background: return Style(color(looks[.text] ?? look), on: background)
    case .selection where depth > .ansi16:
      return Style(color(looks[.text] ?? look), on: color(look))
    default: return Style(color(look), on: background, attributes(look))
    }
  }

  /// A place on the way from noise (0) to data (1).
  package func noise(_ place: Double) -> Color { flattened(noiseRamp[place]) }

  /// A grey image's value, from the data's lowest (0) to its highest (1).
  package func grey(_ value: Double) -> Color {
    flattened(greyRamp[value])
  }

  /// How bright a grey image's value is shown, where the ends of the ramp are 0 and 1.
  func greyLevel(_ value: Double) -> Double {
    func brightness(_ color: Color) -> Double {
      Double(Int(color.red) + Int(color.green) + Int(color.blue))
    }
    let (start, end) = (brightness(greyRamp[0]), brightness(greyRamp[1]))
    let (black, white) = (min(start, end), max(start, end))
    guard black < white else { return value }
    return (brightness(greyRamp[value]) - black) / (white - black)
  }

  /// The colour of a series, by its number; they repeat.
  public func series(_ index: Int) -> Color {
    let count = seriesColors.count
    return flattened(seriesColors[(index % count + count) % count])
  }

  private func color(_ look: Look) -> Color {
    switch depth {
    case .monochrome: .default
    case .ansi16: look.ansi16
    case .palette256, .trueColor: look.color
    }
  }

  private func attributes(_ look: Look) -> Style.Attributes {
    depth > .ansi16 ? [] : look.attributes
  }

  /// Ramps have no colour where there are none; with few, the terminal finds the nearest.
  private func flattened(_ color: Color) -> Color { depth == .monochrome ? .default : color }
}
