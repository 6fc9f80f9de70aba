import Foundation
import TUI
import Testing

/// Compares a surface's characters with Tests/Golden/Screens/`name`-`W`x`H`.txt.
///
/// With WORKBENCH_UPDATE_GOLDEN=1 in the environment the file is written instead.
func expectGolden(
  _ surface: Surface, _ name: String, sourceLocation: SourceLocation = #_sourceLocation
) throws {
  let file = URL(filePath: #filePath).deletingLastPathComponent()
    .appending(
      path: "../../Golden/Screens/\(name)-\(surface.size.width)x\(surface.size.height).txt"
    ).standardized
  let lines = surface.lines
  if ProcessInfo.processInfo.environment["WORKBENCH_UPDATE_GOLDEN"] == "1" {
    let text = lines.joined(separator: "\n") + "\n"
    try text.write(to: file, atomically: true, encoding: .utf8)
    return
  }
  guard let text = try? String(contentsOf: file, encoding: .utf8) else {
    Issue.record(
      "\(file.lastPathComponent) is missing; WORKBENCH_UPDATE_GOLDEN=1 writes it",
      sourceLocation: sourceLocation)
    return
  }
  let golden = text.split(separator: "\n", omittingEmptySubsequences: false).dropLast().map {
    String($0)
  }
  let difference = differing(golden, lines)
  #expect(
    difference.isEmpty,
    """
    \(file.lastPathComponent) differs (− golden, + now); WORKBENCH_UPDATE_GOLDEN=1 rewrites it
    \(difference.joined(separator: "\n"))
    """, sourceLocation: sourceLocation)
}

/// The rows that differ, each with its number, as it should be and as it is.
private func differing(_ golden: [String], _ lines: [String]) -> [String] {
  (0..<max(golden.count, lines.count)).flatMap { row -> [String] in
    let expected = row < golden.count ? golden[row] : nil
    let actual = row < lines.count ? lines[row] : nil
    guard expected != actual else { return [] }
    return ["row \(row)"]
      + [expected.map { "− \($0)" }, actual.map { "+ \($0)" }].compactMap { $0 }
  }
}
