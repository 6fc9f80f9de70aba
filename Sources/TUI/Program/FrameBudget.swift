/// How soon a frame may follow another, so that a line keeps up with what is sent.
///
/// A fast line gets 30 frames and 690 KB a second, a slow one ten frames and 80 KB; what was not sent for half a second
/// is saved for what comes at once. A line that has stopped reading counts as slow for a while.
package struct FrameBudget: Sendable {
  /// Whether the line is known to be slow, as one over ssh is.
  package var isRemote: Bool
  private var slowUntil = -Double.infinity
  /// The bytes left after the last frame, below 0 where it took more, and when that was.
  private var balance = 0.0
  private var lastTime = -Double.infinity

  private struct Line {
    var interval: Double
    /// Bytes a second.
    var rate: Double
  }

  private static let fast = Line(interval: 1.0 / 30, rate: 690_000)
  private static let slow = Line(interval: 0.1, rate: 80_000)
  /// Seconds of the rate that can be saved.
  private static let savings = 0.5
  /// Seconds for which a line that stopped reading counts as slow.
  private static let caution = 10.0

  /// The budget of a line.
  package init(isRemote: Bool) { self.isRemote = isRemote }

  private func line(at now: Double) -> Line { isRemote || now < slowUntil ? Self.slow : Self.fast }

  /// Takes note of a frame of about so many bytes.
  package mutating func sent(bytes: Int, at now: Double) {
    let rate = line(at: now).rate
    balance = min(rate * Self.savings, balance + max(0, now - lastTime) * rate) - Double(bytes)
    lastTime = now
  }

  /// Takes note that the line has stopped reading.
  package mutating func stalled(at now: Double) { slowUntil = now + Self.caution }

  /// Seconds from the last frame to the next, which may answer a key.
  package func interval(at now: Double, isAwaited: Bool) -> Double {
    let line = line(at: now)
    return max(isAwaited ? 0 : line.interval, -balance / line.rate)
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
