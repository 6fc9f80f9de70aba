/// Rows of text with their columns aligned, as the commands print them.
enum TextTable {
  /// The last column is not padded; from column `right` on, all are aligned at their ends.
  static func text(_ rows: [[String]], right: Int = .max) -> String {
    var widths: [Int] = []
    for row in rows {
      for (column, text) in row.enumerated() {
        if column == widths.count { widths.append(0) }
        widths[column] = max(widths[column], text.count)
      }
    }
    return rows.map { row in
      row.enumerated().map { column, text in
        let padding = String(repeating: " ", count: widths[column] - text.count)
        if column >= right { return padding + text }
        return column == row.count - 1 ? text : text + padding
      }.joined(separator: "  ") + "\n"
    }.joined()
  }
}
