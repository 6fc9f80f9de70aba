/// Tensors that do not fit a network.
public struct ParameterMismatch: Error, CustomStringConvertible {
  /// Names that the network has and the source has not.
  package var missing: [String] = []
  /// Names that the source has and the network has not.
  package var unexpected: [String] = []
  /// Tensors that both have, in different shapes.
  package var wronglyShaped: [(name: String, expected: [Int], found: [Int])] = []

  /// No mismatch yet.
  package init() {}

  var isEmpty: Bool { missing.isEmpty && unexpected.isEmpty && wronglyShaped.isEmpty }

  /// One sentence, then a table of every tensor that does not fit.
  public var description: String {
    let rows =
      missing.map { ("missing", $0, "") } + unexpected.map { ("unexpected", $0, "") }
      + wronglyShaped.map { ("wrong shape", $0.name, "expected \($0.expected), found \($0.found)") }
    let width = rows.map { Wording.quoted($0.1).count }.max() ?? 0
    let lines = rows.map { what, name, note in
      let name = Wording.quoted(name)
      let padded = note.isEmpty ? name : name + String(repeating: " ", count: width - name.count)
      return "  " + what + String(repeating: " ", count: 13 - what.count) + padded
        + (note.isEmpty ? "" : "  " + note)
    }
    return (["the weights do not fit the network:"] + lines).joined(separator: "\n")
  }
}
