extension ColorDepth {
  /// What standard output can show in this environment, if it is a terminal.
  package static func ofOutput(environment: (String) -> String?) -> ColorDepth {
    guard let plan = try? plan(environment: environment), plan.isColored else { return .monochrome }
    if plan.isDirect { return .trueColor }
    if plan.type.contains("256color") { return .palette256 }
    return plan.type.hasPrefix("vt") || plan.type.contains("mono") ? .monochrome : .ansi16
  }
}

extension Surface {
  /// The rows as text for standard output, each with its end: in colours by the codes of ECMA-48, or
  /// plain where there are none.
  package func text(_ depth: ColorDepth) -> String {
    guard depth > .monochrome else { return lines.map { $0 + "\n" }.joined() }
    var text = ""
    for y in 0..<size.height {
      var last = Style.plain
      var row = cells[y * size.width..<(y + 1) * size.width]
      while let cell = row.last, cell.scalar == " ", cell.style.background == .default {
        row.removeLast()
      }
      for cell in row {
        if cell.style != last { text += "\u{1B}[\(cell.style.codes(depth))m" }
        last = cell.style
        text.unicodeScalars.append(cell.scalar)
      }
      text += last == .plain ? "\n" : "\u{1B}[0m\n"
    }
    return text
  }
}

extension Style {
  /// The parameters of "select graphic rendition" for this style alone.
  fileprivate func codes(_ depth: ColorDepth) -> String {
    var codes = ["0"]
    for (attribute, code) in [
      (Attributes.bold, "1"), (.dim, "2"), (.underline, "4"), (.reverse, "7"),
    ]
    where attributes.contains(attribute) {
      codes.append(code)
    }
    if let code = foreground.code(depth, base: 30) { codes.append(code) }
    if let code = background.code(depth, base: 40) { codes.append(code) }
    return codes.joined(separator: ";")
  }
}

extension Color {
  /// The parameters that choose this colour; nil for the terminal's own.
  ///
  /// `base` is 30 for characters, 40 for what is behind them.
  fileprivate func code(_ depth: ColorDepth, base: Int) -> String? {
    func own(_ index: Int) -> String { "\(index < 8 ? base + index : base + 52 + index)" }
    if let ansiIndex { return own(ansiIndex) }
    guard hex != nil else { return nil }
    switch depth {
    case .monochrome: return nil
    case .ansi16: return own(OwnColors.nearest(red: red, green: green, blue: blue, count: 16))
    case .palette256:
      return "\(base + 8);5;\(Self.nearest256(red: red, green: green, blue: blue))"
    case .trueColor: return "\(base + 8);2;\(red);\(green);\(blue)"
    }
  }
}
