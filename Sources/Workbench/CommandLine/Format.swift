import Platform

/// Numbers and times as the commands print them.
enum Format {
  /// 20000 as "20,000".
  static func count(_ value: Int) -> String {
    let digits = Array(String(value.magnitude))
    var result = value < 0 ? "-" : ""
    for (index, digit) in digits.enumerated() {
      if index > 0, (digits.count - index).isMultiple(of: 3) { result += "," }
      result.append(digit)
    }
    return result
  }

  /// With so many significant digits, as C's %g.
  static func number(_ value: Double, digits: Int = 6) -> String {
    var buffer = [CChar](repeating: 0, count: 64)
    _ = withVaList([Int32(digits), value]) { vsnprintf(&buffer, buffer.count, "%.*g", $0) }
    return buffer.withUnsafeBufferPointer { $0.baseAddress.map { String(cString: $0) } ?? "" }
  }

  /// 754 as "12 min 34 s".
  static func duration(_ seconds: Double) -> String {
    let seconds = Int(min(max(seconds.rounded(), 0), 1e9))
    if seconds < 60 { return "\(seconds) s" }
    if seconds < 3600 { return "\(seconds / 60) min \(seconds % 60) s" }
    return "\(seconds / 3600) h \(seconds / 60 % 60) min"
  }

  /// Rows with their columns aligned; the last column is not padded.
  static func table(_ rows: [[String]], right: Bool = false) -> String {
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
        if right { return padding + text }
        return column == row.count - 1 ? text : text + padding
      }.joined(separator: "  ") + "\n"
    }.joined()
  }
}
