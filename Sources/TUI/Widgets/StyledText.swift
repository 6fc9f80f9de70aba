/// A line of text in one or more inks.
public struct StyledText: Hashable, Sendable, ExpressibleByStringInterpolation {
  /// Some characters that look the same.
  package struct Run: Hashable, Sendable {
    /// The characters.
    package var text: String
    /// The ink, or nil for that of what shows the text.
    package var ink: Ink?
    /// Whether they are bold.
    package var isBold: Bool

    /// Characters with one look; without an ink they have that of what shows them.
    package init(_ text: String, _ ink: Ink? = nil, bold: Bool = false) {
      (self.text, self.ink, self.isBold) = (text, ink, bold)
    }
  }

  /// The parts from left to right.
  package var runs: [Run]

  /// Parts from left to right.
  package init(_ runs: [Run] = []) {
    self.runs = runs
  }

  /// Text in one ink; without one, it has the ink of the widget that shows it.
  public init(_ text: String, _ ink: Ink? = nil, bold: Bool = false) {
    runs = text.isEmpty ? [] : [Run(text, ink, bold: bold)]
  }

  public init(stringLiteral text: String) {
    self.init(text)
  }

  /// Whether it has no characters.
  public var isEmpty: Bool { runs.allSatisfy(\.text.isEmpty) }
  /// How many columns it takes.
  package var columnCount: Int { runs.reduce(0) { $0 + $1.text.columnCount } }
  /// The characters without their inks.
  public var text: String { runs.map(\.text).joined() }

  /// Concatenates two texts.
  public static func + (left: StyledText, right: StyledText) -> StyledText {
    StyledText(left.runs + right.runs)
  }

  /// Appends a text.
  public static func += (left: inout StyledText, right: StyledText) {
    left.runs += right.runs
  }

  /// The first columns.
  func cut(to width: Int) -> StyledText {
    var left = width
    return StyledText(
      runs.compactMap { run in
        guard left > 0 else { return nil }
        let text = String(run.text.prefix(left))
        left -= text.columnCount
        return Run(text, run.ink, bold: run.isBold)
      })
  }

  /// The texts one after the other with `separator` between those that are not empty.
  package static func joined(_ texts: [StyledText], separator: StyledText) -> StyledText {
    texts.filter { !$0.isEmpty }.reduce(into: StyledText()) { result, text in
      if !result.isEmpty { result += separator }
      result += text
    }
  }
}

extension Surface {
  /// Draws text in its inks from left to right and returns the number of columns it took.
  ///
  /// Text longer than `maxWidth` is cut and ends with `…`.
  @discardableResult
  public mutating func put(
    _ text: StyledText, x: Int, y: Int, ink: Ink = .text, theme: Theme, maxWidth: Int = .max
  ) -> Int {
    let cut = text.columnCount > maxWidth
    var left = max(0, maxWidth)
    var column = x
    for run in text.runs where left > 0 {
      var style = (run.ink ?? ink).style(in: theme)
      if run.isBold { style = style.bold }
      let count = run.text.columnCount
      if cut, count >= left {
        // The cut falls into or right after this run, which therefore shows it.
        column += put(run.text + "…", x: column, y: y, style: style, maxWidth: left)
        left = 0
      } else {
        column += put(run.text, x: column, y: y, style: style)
        left -= count
      }
    }
    return column - x
  }

  /// Draws text in its inks in one row of an area, cut off where it does not fit.
  public mutating func put(
    _ text: StyledText, in row: Rect, alignment: Alignment, ink: Ink = .text, theme: Theme
  ) {
    guard !row.isEmpty else { return }
    let space = max(0, row.width - text.columnCount)
    let before = alignment.offset(in: space)
    put(text, x: row.x + before, y: row.y, ink: ink, theme: theme, maxWidth: row.width)
  }
}
