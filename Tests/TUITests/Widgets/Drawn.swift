import Foundation
import TUI
import Testing

/// A widget on a surface of its own, in the dark theme.
func drawn(_ widget: some Widget, _ width: Int, _ height: Int, symbols: Symbols = .unicode)
  -> Surface
{
  var surface = Surface(Size(width, height), symbols: symbols)
  widget.draw(in: surface.bounds, on: &surface, theme: .dark)
  return surface
}

/// Compares a surface's characters with Tests/Golden/TUI/`name`.txt.
///
/// With WRITE_GOLDEN=1 in the environment the file is written instead.
func expectGolden(
  _ surface: Surface, _ name: String, sourceLocation: SourceLocation = #_sourceLocation
) throws {
  let file = URL(filePath: #filePath).deletingLastPathComponent()
    .appending(path: "../../Golden/TUI/\(name).txt").standardized
  let text = surface.lines.joined(separator: "\n") + "\n"
  if ProcessInfo.processInfo.environment["WRITE_GOLDEN"] == "1" {
    try text.write(to: file, atomically: true, encoding: .utf8)
  }
  let golden = try String(contentsOf: file, encoding: .utf8)
  #expect(text == golden, "\(name).txt differs", sourceLocation: sourceLocation)
}

extension Surface {
  /// The column and row of the first cell that shows a character.
  func place(of scalar: Unicode.Scalar) -> (x: Int, y: Int)? {
    cells.firstIndex { $0.scalar == scalar }.map { ($0 % size.width, $0 / size.width) }
  }
}
