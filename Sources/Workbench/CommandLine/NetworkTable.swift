import Diffusion
import TUI

/// A network's summary as text or JSON.
struct NetworkTable {
  let summary: NetworkSummary

  init(_ summary: NetworkSummary) { self.summary = summary }
}

// MARK: - Text

extension NetworkTable {
  /// A line a layer and the totals, where possible no wider than `columns`.
  func text(columns: Int) -> String {
    "\(summary.network), for \(summary.sampleShape.title)\n\n" + layers(columns) + "\n"
      + totals
  }

  private func layers(_ columns: Int) -> String {
    let hasUntrained = summary.parameters.total > summary.parameters.trainable
    let head = ["layer", "tensors", "output", "parameters"] + (hasUntrained ? ["untrained"] : [])
    var rows = [head + ["share"]]
    for row in summary.rows {
      let untrained = row.parameters.frozen + row.parameters.statistics
      let counts =
        [Self.count(row.parameters.trainable)] + (hasUntrained ? [Self.count(untrained)] : [])
      rows.append([row.kind, row.name, row.output.title] + counts + [share(row)])
    }
    var widths = rows[0].indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
    let gap = "  "
    let fixed = widths[2...].reduce(0) { $0 + gap.count + $1 } + gap.count
    (widths[0], widths[1]) = Self.fit(widths[0], widths[1], into: columns - fixed)
    return rows.map { row in
      let cells = zip(row, widths).enumerated().map { column, cell in
        let text = Self.shortened(cell.0, to: cell.1, at: column == 0 ? " " : ".")
        let padding = String(repeating: " ", count: cell.1 - text.count)
        return column < 2 ? text + padding : padding + text
      }
      let line = cells.joined(separator: gap)
      return line.prefix(line.count - line.reversed().prefix { $0 == " " }.count) + "\n"
    }.joined()
  }

  private var totals: String {
    let parameters = summary.parameters
    var rows = [("trainable", parameters.trainable)]
    if parameters.frozen > 0 { rows.append(("frozen", parameters.frozen)) }
    if parameters.statistics > 0 { rows.append(("statistics", parameters.statistics)) }
    rows.append(("multiplications", summary.multiplications))
    let digits = rows.map { Numbers.grouped($0.1).count }.max() ?? 0
    return TextTable.text(
      rows.map { name, number in
        let text = Numbers.grouped(number)
        let unit = name == "multiplications" ? " per sample, plus additions" : ""
        return [name, String(repeating: " ", count: digits - text.count) + text + unit]
      })
  }

  /// Nothing for 0.
  private static func count(_ number: Int) -> String { number == 0 ? "" : Numbers.grouped(number) }

  /// A row's part of the arithmetic in percent, nothing for none.
  private func share(_ row: NetworkSummary.Row) -> String {
    guard row.multiplications > 0 else { return "" }
    let thousandths = Int((1000 * summary.share(of: row)).rounded())
    return thousandths == 0 ? "<0.1 %" : "\(thousandths / 10).\(thousandths % 10) %"
  }

  /// The widths of two columns that together have `room`: the first keeps its own where the second
  /// has half of the room left.
  private static func fit(_ first: Int, _ second: Int, into room: Int) -> (Int, Int) {
    guard first + second > room else { return (first, second) }
    let least = 8
    let narrow = min(first, max(room - second, room / 2, least))
    return (narrow, min(second, max(room - narrow, least)))
  }

  /// `text` no longer than `width`: its longest parts lose their middles first, so that what tells
  /// names apart, such as numbers, stays.
  static func shortened(_ text: String, to width: Int, at separator: Character) -> String {
    guard text.count > width else { return text }
    let parts = text.split(separator: separator, omittingEmptySubsequences: false)
    var lengths = parts.map(\.count)
    var excess = text.count - width
    for least in [3, 1] {
      for index in parts.indices.sorted(by: { parts[$0].count > parts[$1].count }) {
        let cut = min(excess, max(0, lengths[index] - least))
        lengths[index] -= cut
        excess -= cut
      }
    }
    guard excess == 0 else { return text.prefix(width - 1) + "…" }
    return zip(parts, lengths).map { part, length in
      guard part.count > length else { return part }
      return length < 3
        ? part.prefix(length - 1) + "…" : part.prefix(length - 2) + "…" + part.suffix(1)
    }.joined(separator: String(separator))
  }
}

// MARK: - JSON

extension NetworkTable {
  /// The summary as one JSON object.
  var json: String {
    let layers = summary.rows.map { row -> JSON in
      [
        "frozen": .integer(row.parameters.frozen), "layer": .string(row.kind),
        "multiplications": .integer(row.multiplications), "output": sides(row.output),
        "statistics": .integer(row.parameters.statistics), "tensors": .string(row.name),
        "trainable": .integer(row.parameters.trainable),
      ]
    }
    let parameters = summary.parameters
    let network: JSON = [
      "frozen": .integer(parameters.frozen), "layers": .array(layers),
      "multiplications": .integer(summary.multiplications), "network": .string(summary.network),
      "sample": sides(summary.sampleShape), "statistics": .integer(parameters.statistics),
      "trainable": .integer(parameters.trainable),
    ]
    return network.description
  }

  private func sides(_ shape: Shape) -> JSON {
    [.integer(shape.height), .integer(shape.width), .integer(shape.channels)]
  }
}
