/// How soon a frame may follow another, so that a slow line keeps up with what is sent.
///
/// A fast line gets 30 frames a second, or as many as cost 700 KB. A slow one gets ten, or as many as cost 80 KB, and
/// a line that has stopped reading counts as slow for a while.
package struct FrameBudget: Sendable {
  /// Whether the line is known to be slow, as one over ssh is.
  package var isRemote: Bool
  private var slowUntil = -Double.infinity
  private var lastCost = 0

  /// How soon a frame may follow at best, in seconds, and how many bytes a second may be sent.
  private static let fast = (interval: 1.0 / 30, bytes: 700_000.0)
  private static let slow = (interval: 0.1, bytes: 80_000.0)
  /// Seconds for which a line that stopped reading counts as slow.
  private static let caution = 10.0

  /// The budget of a line.
  package init(isRemote: Bool) { self.isRemote = isRemote }

  /// Takes note of a frame of about so many bytes.
  package mutating func sent(bytes: Int) { lastCost = bytes }

  /// Takes note that the line has stopped reading.
  package mutating func stalled(at now: Double) { slowUntil = now + Self.caution }

  /// Seconds from the last frame to the next.
  package func interval(at now: Double) -> Double {
    let line = isRemote || now < slowUntil ? Self.slow : Self.fast
    return max(line.interval, Double(lastCost) / line.bytes)
  }
}

extension ColorDepth {
  /// Bytes that set both colours of a cell.
  private var styleCost: Int {
    switch self {
    case .monochrome: 0
    case .ansi16: 10
    case .palette256: 20
    case .trueColor: 34
    }
  }

  /// About how many bytes it takes to send cells, each with its place, in the order of the screen.
  package func cost(of changed: [(x: Int, y: Int)], on surface: Surface) -> Int {
    var bytes = 0
    var last: (x: Int, y: Int, style: Style)?
    for (x, y) in changed {
      let cell = surface.cells[y * surface.size.width + x]
      bytes += cell.scalar.isASCII ? 1 : 3
      if last?.style != cell.style { bytes += styleCost }
      // Elsewhere than beside the last one, the cursor moves first.
      if last.map({ $0.y == y && $0.x + 1 == x }) != true { bytes += 6 }
      last = (x, y, cell.style)
    }
    return bytes
  }
}
