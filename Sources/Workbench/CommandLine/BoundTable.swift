import Diffusion
import TUI

/// The terms of a variational bound by timesteps that double from row to row.
struct BoundTable {
  /// The rows: timesteps in words, and their bits per value.
  let rows: [(name: String, bits: Double)]

  init(terms: [Double], prior: Double) {
    var rows: [(String, Double)] = [("t = 0, the decoder", terms[0])]
    var start = 1
    while start < terms.count {
      let end = min(2 * start, terms.count)
      let name = end - start == 1 ? "\(start)" : "\(start)–\(end - 1)"
      rows.append((name, terms[start..<end].reduce(0, +)))
      start = end
    }
    self.rows = rows + [("prior", prior)]
  }

  /// A table with a bar for each row.
  var text: String {
    let largest = max(rows.map(\.bits).max() ?? 1, .leastNormalMagnitude)
    return TextTable.text(
      rows.map { name, bits in
        let length = Int((40 * max(bits, 0) / largest).rounded())
        return [name, Numbers.fixed(bits, 4), String(repeating: "█", count: length)]
      })
  }
}
