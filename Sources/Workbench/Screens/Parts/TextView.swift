import Diffusion
import TUI

/// Samples of text, a cell for each position: what is masked as `·`, the newest letters highlighted, the
/// others brighter the more confident the network was, or the further bits are from changing their sign.
struct TextView {
  let context: DrawingContext
  let format: TextFormat
  /// Tokens, one sample after the other.
  let values: [Float]
  /// That of the tokens: one number for each position.
  let shape: Shape
  /// How sure the network was of each token; empty where all are as bright.
  var confidence: [Float]
  /// The tokens in the frame before, to tell what is new; empty for nothing.
  var before: [Float] = []
  var selected: Int?

  /// The tokens of samples that are tokens or bits.
  init(context: DrawingContext, format: TextFormat, values: [Float], shape: Shape) {
    self.context = context
    self.format = format
    self.values = format.tokens(of: values)
    self.shape = Shape(shape.batch, 1, shape.width, 1)
    confidence = format.confidence(of: values)
  }

  /// Where a sample is, and the samples in view.
  struct Places {
    var first: Int
    var shown: Int
    var columns: Int
    /// Cells of a row of text.
    var width: Int
    /// Rows of a sample, with a blank one where there are several.
    var rows: Int
  }

  /// The columns before a sample for its mark.
  private static let margin = 2

  func places(in area: Rect) -> Places? {
    let length = shape.sampleCount
    let width = min(length, area.width - Self.margin)
    guard shape.batch > 0, width > 0, area.height > 0 else { return nil }
    let lines = (length + width - 1) / width
    let rows = min(lines == 1 ? 1 : lines + 1, area.height)
    let columns = lines == 1 ? max(1, area.width / (length + Self.margin)) : 1
    let fitting = max(1, (area.height + (rows > 1 ? 1 : 0)) / rows) * columns
    let shown = min(fitting, shape.batch)
    // The selected one is always on the page.
    let first = max(0, min((selected ?? 0) / shown * shown, shape.batch - shown))
    return Places(first: first, shown: shown, columns: columns, width: width, rows: rows)
  }

  /// The number of the sample at a cell, nil where there is none.
  func index(atX x: Int, y: Int, in area: Rect) -> Int? {
    guard let places = places(in: area), area.contains(x: x, y: y) else { return nil }
    let column = min((x - area.x) / (places.width + Self.margin), places.columns - 1)
    let index = (y - area.y) / places.rows * places.columns + column
    return index < places.shown ? places.first + index : nil
  }

  func draw(in area: Rect, _ surface: inout Surface) {
    guard let places = places(in: area) else { return }
    surface.clipped(to: area) { surface in
      for place in 0..<places.shown {
        let x = area.x + place % places.columns * (places.width + Self.margin)
        let y = area.y + place / places.columns * places.rows
        let sample = places.first + place
        if sample == selected {
          surface.put("▌", x: x, y: y, style: Ink.accent.style(in: context.theme))
        }
        draw(sample, x: x + Self.margin, y: y, places.width, &surface)
      }
    }
  }

  private func draw(_ sample: Int, x: Int, y: Int, _ width: Int, _ surface: inout Surface) {
    let start = sample * shape.sampleCount
    let tokens = values[start..<start + shape.sampleCount]
    for position in start..<end(of: tokens) {
      let offset = position - start
      surface.put(
        String(format.glyph(of: values[position])), x: x + offset % width, y: y + offset / width,
        style: style(position))
    }
  }

  /// Where the tokens of a sample end: those of a finished line where it ends.
  private func end(of tokens: ArraySlice<Float>) -> Int {
    guard format.isLines, tokens.allSatisfy({ $0 < Float(format.mask) }),
      let end = tokens.firstIndex(where: { Int($0) == format.lineEndToken })
    else { return tokens.endIndex }
    // Noise has line ends, too, but hardly anything that is filled up with them.
    let isNoise = format.encoding == .bits && tokens[end...].contains { $0 != tokens[end] }
    return isNoise ? tokens.endIndex : end
  }

  private func style(_ position: Int) -> Style {
    let mask = Float(format.mask)
    let value = values[position]
    guard value < mask else { return Ink.faint.style(in: context.theme) }
    if before.indices.contains(position), before[position] >= mask {
      return Ink.accent.style(in: context.theme).bold
    }
    guard confidence.indices.contains(position) else { return Ink.text.style(in: context.theme) }
    // Doubtful letters stay legible.
    return Ink.noise(0.25 + 0.75 * Double(confidence[position])).style(in: context.theme)
  }

  /// How many samples there is room for, where not for all.
  func note(in area: Rect) -> StyledText {
    guard let places = places(in: area), places.shown < shape.batch else { return "" }
    return "\(places.first + 1)–\(places.first + places.shown) of \(shape.batch)"
  }
}

extension Frame {
  /// The masked share of tokens whose mask has this number, 0 to 1.
  func maskedShare(_ format: TextFormat) -> Double {
    let mask = Float(format.mask)
    return Double(x.count { $0 >= mask }) / Double(max(x.count, 1))
  }
}
