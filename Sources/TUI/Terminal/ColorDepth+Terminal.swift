extension ColorDepth {
  /// What an environment asks for, and how the terminal is opened for it.
  struct Plan: Equatable {
    /// The entry to open, unless the built-in one serves.
    var type: String
    /// Whether to try the built-in 24-bit entry.
    var isDirect: Bool
    /// Whether colours are wanted at all.
    var isColored: Bool
  }

  /// The plan for an environment; the terminal's entry decides the rest.
  ///
  /// `COLORTERM` is inherited by what runs inside: GNU screen shows no 24-bit colours even when
  /// the terminal around it does, and who sets `TERM=vt100` means it.
  static func plan(environment: (String) -> String?) throws(TerminalError) -> Plan {
    let type = environment("TERM") ?? ""
    if type.isEmpty || type == "dumb" {
      throw .unsupported(type: type.isEmpty ? "dumb" : type)
    }
    let noColor = !(environment("NO_COLOR") ?? "").isEmpty
    let colorTerm = environment("COLORTERM") ?? ""
    let promised = colorTerm == "truecolor" || colorTerm == "24bit"
    let plain = type.hasPrefix("vt") || type.hasPrefix("linux") || type.contains("mono")
    let insideScreen = type.hasPrefix("screen") && environment("TMUX") == nil
    // 24-bit colours take twice the bytes of 256, too many for a line over ssh.
    let isAffordable = !isRemote { environment($0) != nil }
    let direct = type.hasSuffix("-direct") || (promised && !plain && !insideScreen && isAffordable)
    // Where the built-in entry fails, numbers of a palette must not meet an entry of 24 bits.
    let fallback = type.hasSuffix("-direct") && !noColor ? "xterm-256color" : type
    return Plan(type: fallback, isDirect: direct && !noColor, isColored: !noColor)
  }

  /// Whether the terminal is at the other end of an ssh connection, going by the variables there are.
  static func isRemote(has variable: (String) -> Bool) -> Bool {
    variable("SSH_TTY") || variable("SSH_CONNECTION")
  }
}

extension Color {
  /// The nearest colour of the 256-colour palette, of the cube or the greys: 16 … 255.
  static func nearest256(red: UInt8, green: UInt8, blue: UInt8) -> Int {
    func level(_ value: Int) -> Int { value < 48 ? 0 : value < 115 ? 1 : (value - 35) / 40 }
    func value(_ level: Int) -> Int { level == 0 ? 0 : 55 + 40 * level }
    let (r, g, b) = (Int(red), Int(green), Int(blue))
    let (lr, lg, lb) = (level(r), level(g), level(b))
    let gray = max(0, min(23, ((r + g + b) / 3 - 3) / 10))
    let shade = 8 + 10 * gray
    func distance(_ x: Int, _ y: Int, _ z: Int) -> Int {
      (x - r) * (x - r) + (y - g) * (y - g) + (z - b) * (z - b)
    }
    return distance(shade, shade, shade) < distance(value(lr), value(lg), value(lb))
      ? 232 + gray : 16 + 36 * lr + 6 * lg + lb
  }

  /// The number of this colour on a terminal with `colors` colours; −1 is the terminal's own.
  func number(depth: ColorDepth, colors: Int) -> Int32 {
    if let own = ansiIndex {
      switch depth {
      case .monochrome: return -1
      case .ansi16: return Int32(colors >= 16 ? own : own % 8)
      case .palette256: return Int32(own)
      case .trueColor: return Int32(TerminfoEntry.firstOwnColor + own)
      }
    }
    guard let hex else { return -1 }
    switch depth {
    case .monochrome:
      return -1
    case .ansi16:
      return Int32(OwnColors.nearest(red: red, green: green, blue: blue, count: min(colors, 16)))
    case .palette256:
      return Int32(Self.nearest256(red: red, green: green, blue: blue))
    case .trueColor:
      return Int32(hex)
    }
  }
}
